import cProfile, pstats, time
from uuid import uuid4
from tests.notify.conftest import *
from tests.notify.test_webhooks import *
async def test_prof(notify, receiver):
    state = await registered(notify, endpoint_at(receiver.url))
    await hear_together(notify, [SiteClosed(site_id=uuid4()) for _ in range(300)])
    async with Pusher(guard, PLAIN) as pusher:
        pr = cProfile.Profile(); t=time.perf_counter(); c=time.process_time()
        pr.enable(); await drain(notify.running, pusher, state.endpoint_id); pr.disable()
        print("300 in", time.perf_counter()-t, "cpu", time.process_time()-c)
        pstats.Stats(pr).sort_stats("tottime").print_stats(18)
