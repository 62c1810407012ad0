from datetime import UTC, datetime
from tests.activities.world import *
async def test_far(activities, home):
    print(await activities.ask(home.plan(starts_at=datetime(9999,12,31,22,tzinfo=UTC), ends_at=datetime(9999,12,31,23,tzinfo=UTC))))
    print(await activities.ask(home.series(first_day=date(9999,12,1), last_day=date(9999,12,31))))
    print(await activities.ask(home.series(first_day=date(1,1,1), last_day=date(1,1,31))))
    s=await home.session(); [p]=await home.people(1)
    print(await activities.ask(home.scan(s,p,occurred_at=datetime(9999,12,31,22,tzinfo=UTC))))
    print(await activities.ask(home.scan(s,p,occurred_at=datetime(1,1,1,tzinfo=UTC))))
