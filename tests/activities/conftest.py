"""A children's home with one room, a programme, and the people of its quarter."""

from collections import defaultdict
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from tests.activities.lent_keys import keys_lent
from tests.activities.world import Home, at
from tests.under_test import Servers, ServiceUnderTest


@pytest.fixture
async def activities(servers: Servers) -> AsyncIterator[ServiceUnderTest]:
    """The service; after each test the facts of every aggregate must count 1, 2, 3, …"""
    async with ServiceUnderTest.started("activities", servers) as service:
        yield service
        await assert_whole(service)


async def assert_whole(service: ServiceUnderTest) -> None:
    """The facts of every aggregate count 1, 2, 3, …"""
    versions: dict[tuple[str, UUID], list[int]] = defaultdict(list)
    for event in await service.said_envelopes():
        versions[type(event.data).contract.aggregate, event.aggregate_id].append(event.aggversion)
    for aggregate_id, said in versions.items():
        assert said == list(range(1, len(said) + 1)), f"{aggregate_id} said {said}"


@pytest.fixture(scope="module")
async def whole_day(servers: Servers) -> AsyncIterator[ServiceUnderTest]:
    """The service for all tests of a module, each with a home of its own (`door`)."""
    async with ServiceUnderTest.started("activities", servers) as service, keys_lent(servers, service):
        yield service
        await assert_whole(service)


@pytest.fixture
async def door(whole_day: ServiceUnderTest) -> Home:
    """A home of its own, on the morning of 3 June."""
    whole_day.clock.at = at(9)
    return await Home.opened(whole_day)


@pytest.fixture
async def home(activities: ServiceUnderTest) -> Home:
    return await Home.opened(activities)
