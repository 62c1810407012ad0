import time, cProfile, pstats
from uuid import uuid4
from contracts.registry.v1 import PersonRegistered
from tests.activities.world import *
from contracts import envelope
from uuid_utils.compat import uuid7
async def test_bench(activities, home):
    people=[uuid4() for _ in range(5000)]
    await activities.pool.execute("INSERT INTO person (person_id, age_band) SELECT unnest($1::uuid[]), '35-59'", people)
    for rnd in range(3):
        s = await home.session(30, starts_at=at(10+2*rnd), ends_at=at(11+2*rnd))
        reqs=[enrol(s,[p]) for p in people]
        from contracts import wire
        token=activities.token()
        server=activities._commands[Enrol]
        from nats.aio.msg import Msg
        msgs=[]
        for i in range(0,5000,500):
            body=wire.batch_body([wire.Sending(uuid7(),c,token) for c in reqs[i:i+500]])
            msgs.append(Msg(_client=activities.running.nats, subject="", data=body, headers={wire.BATCH:"500"}))
        pr=cProfile.Profile() if rnd==2 else None
        t=time.perf_counter(); c=time.process_time(); oi=0
        if pr: pr.enable()
        for m in msgs:
            a=time.process_time(); call=server.intake.open(m); oi+=time.process_time()-a
            await server.serve([call])
        if pr: pr.disable()
        w=time.perf_counter()-t; c=time.process_time()-c
        print(f"\n{5000/w:.0f}/s wall, cpu/item {c/5000*1e6:.1f} us, intake {oi/5000*1e6:.1f} us")
        st=await home.find(s); print(st.seats_taken, st.waiting)
    pstats.Stats(pr).sort_stats("tottime").print_stats(28)
