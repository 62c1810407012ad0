import time, random, asyncio, cProfile, pstats
from tests.under_test import *
from tests.conftest import *
from contracts.registry.v1 import *
from tests.registry.conftest import division_list, ROWS
from uuid_utils.compat import uuid7
def country(n):
    names=[r.name for r in ROWS if r.level=='community']
    L=DivisionLevel
    yield DivisionRow("110000000000","北京市",L.PROVINCE,"")
    k=0
    for c in range(1,90):
        city=f"11{c:02d}00000000"; yield DivisionRow(city,"某市",L.CITY,"110000000000")
        for d in range(1,10):
            di=f"11{c:02d}{d:02d}000000"; yield DivisionRow(di,"某区",L.DISTRICT,city)
            for s in range(1,60):
                st=f"11{c:02d}{d:02d}{s:03d}000"; yield DivisionRow(st,"某街道",L.STREET,di)
                for v in range(1,16):
                    yield DivisionRow(f"11{c:02d}{d:02d}{s:03d}{v:03d}",names[k%len(names)],L.COMMUNITY,st); k+=1
                    if k>=n: return
async def test_x(servers):
    rows=sorted(country(620_000),key=lambda r:["province","city","district","street","community"].index(r.level))
    print(len(rows))
    async with ServiceUnderTest.started("registry", servers) as s:
      for rnd in range(2):
        chunks=[division_list(rows[i:i+5000]) for i in range(0,len(rows),5000)]
        server=s._commands[ImportDivisions]; token=s.token()
        # bodies made outside the measure, as the importer process does
        bodies=[wire.batch_body([wire.Sending(uuid7(),c,token)]) for c in chunks]
        t=time.perf_counter(); cpu=time.process_time(); parse=0
        async def one(b):
            [o]=await s.send_raw(ImportDivisions,b,{wire.BATCH:"1"}); return o
        first=[await one(b) for b in bodies[:14]]
        sem=asyncio.Semaphore(4)
        async def lim(b):
            async with sem: return await one(b)
        rest=await asyncio.gather(*(lim(b) for b in bodies[14:]))
        e=time.perf_counter()-t
        out=first+rest
        print("seconds",round(e,2),"cpu of service",round(time.process_time()-cpu,2),"added",sum(o.added for o in out),"unchanged",sum(o.unchanged for o in out),"refused",sum(len(o.refused) for o in out))
      t=time.perf_counter(); r=await s.query(FindDivision(written="某市永乐镇长氹村",within="110000000000")); print("find in 664k",time.perf_counter()-t, r.candidates[:2])
      t=time.perf_counter(); r=await s.query(FindDivision(written="长氹村",within="110100000000")); print("find in city",time.perf_counter()-t)
      t=time.perf_counter(); r=await s.query(FindDivision(written="长氹村",within="110101000000")); print("find in district",time.perf_counter()-t)
