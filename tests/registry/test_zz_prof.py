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
      await s.pool.copy_records_to_table("division",records=[(r.code,r.name,r.level,r.parent_code or None,__import__("datetime").date(2023,6,30),"x") for r in rows],columns=["code","name","level","parent_code","valid_from","source"])
      for w,within in (("永乐镇长氹村","110000000000"),("某市永乐镇长氹村","110000000000"),("永乐镇长氹村","110100000000"),("永乐镇长氹村","110101000000")):
       for _ in range(3):
        t=time.perf_counter(); r=await s.query(FindDivision(written=w,within=within)); print(w,within,time.perf_counter()-t, str(r)[:100])
