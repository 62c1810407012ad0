"""A children's home with one room, a programme, and the people of its quarter."""

from collections import defaultdict
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from tests.activities.world import Home
from tests.under_test import Servers, ServiceUnderTest


@pytest.fixture
async def activities(servers: Servers) -> AsyncIterator[ServiceUnderTest]:
    """The service; after each test the facts of every aggregate must count 1, 2, 3, …"""
    async with ServiceUnderTest.started("activities", servers) as service:
        yield service
        versions: dict[tuple[str, UUID], list[int]] = defaultdict(list)
        for event in await service.said_envelopes():
            versions[type(event.data).contract.aggregate, event.aggregate_id].append(event.aggversion)
        for aggregate_id, said in versions.items():
            assert said == list(range(1, len(said) + 1)), f"{aggregate_id} said {said}"


@pytest.fixture
async def home(activities: ServiceUnderTest) -> Home:
    return await Home.opened(activities)
