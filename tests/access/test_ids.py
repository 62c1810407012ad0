"""An id that is taken where the asker cannot look."""

from uuid import uuid4

from contracts.activities.v1 import CalendarKind, CreateFeed
from contracts.refusals import Refusal
from tests.under_test import Servers, ServiceUnderTest

HERE, THERE = "350503001001", "350203001001"
TOKEN_HASH = "0123456789abcdef" * 4


async def test_an_id_of_another_region_is_taken_and_nothing_is_told_of_it(servers: Servers) -> None:
    feed = CreateFeed(feed_id=uuid4(), kind=CalendarKind.UNIT, topic_id=uuid4(), token_hash=TOKEN_HASH)
    other = feed.model_copy(update={"token_hash": TOKEN_HASH[::-1]})
    async with ServiceUnderTest.started("activities", servers) as activities:
        await activities.ask(feed, region=HERE)

        assert await activities.ask(other, region=THERE) == Refusal("id-taken")
        assert [row["region"] for row in await activities.admin.fetch("SELECT region FROM calendar_feed")] == [HERE]
