"""An id that is taken where the asker cannot look."""

from uuid import uuid4

from contracts.activities.v1 import CreateProgramme
from contracts.refusals import Refusal
from tests.under_test import Servers, ServiceUnderTest

HERE, THERE = "350503001001", "350203001001"


async def test_an_id_of_another_region_is_taken_and_nothing_is_told_of_it(servers: Servers) -> None:
    id, unit = uuid4(), uuid4()
    here, there = (
        CreateProgramme(programme_id=id, name="蓝色成长课堂", unit_id=unit, region=region) for region in (HERE, THERE)
    )
    async with ServiceUnderTest.started("activities", servers) as activities:
        await activities.ask(here, region=HERE)

        assert await activities.ask(there, region=THERE) == Refusal("id-taken")
        assert [row["region"] for row in await activities.admin.fetch("SELECT region FROM programme")] == [HERE]
