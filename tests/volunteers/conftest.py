"""The volunteers service on a database of its own, and a team of one."""

from collections.abc import AsyncIterator

import pytest

from contracts.volunteers.v1 import ShiftState, TeamState, VolunteerState
from tests.under_test import Servers, ServiceUnderTest
from tests.volunteers.afternoon import assigned, form_team, join


@pytest.fixture
async def volunteers(servers: Servers) -> AsyncIterator[ServiceUnderTest]:
    async with ServiceUnderTest.started("volunteers", servers) as service:
        yield service


@pytest.fixture
async def team(volunteers: ServiceUnderTest) -> TeamState:
    return await form_team(volunteers)


@pytest.fixture
async def helper(volunteers: ServiceUnderTest, team: TeamState) -> VolunteerState:
    return await join(volunteers, team)


@pytest.fixture
async def afternoon(volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState) -> ShiftState:
    """A shift from 14:00 to 16:00 that the helper took."""
    return await assigned(volunteers, team, helper)
