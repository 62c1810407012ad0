"""A command of release N+1, which has a field more, at a service of release N, and the other way round."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from nats.aio.msg import Msg
from uuid_utils.compat import uuid7

from contracts import wire
from contracts.activities.v1 import Enrol
from contracts.data import Code
from contracts.message import Command
from services.chassis.intake import Intake
from tests.under_test import Servers, ServiceUnderTest


class EnrolNext(Enrol):
    """As release N+1 declares it."""

    channel: Code | None = None
    hall: Code = "main"


FIELDS: Any = {"enrolment_id": uuid4(), "session_id": uuid4(), "contact_id": uuid4(), "people": (uuid4(),)}


@pytest.fixture
async def activities(servers: Servers) -> AsyncIterator[ServiceUnderTest]:
    async with ServiceUnderTest.started("activities", servers) as service:
        yield service


def print_of(kind: type[Command[Any]], body: bytes, place: ServiceUnderTest) -> bytes:
    """What a service of the release that declares `kind` knows the command by."""
    headers = {wire.COMMAND_ID: str(uuid7()), wire.AUTHORIZATION: f"Bearer {place.token()}"}
    message = Msg(_client=place.running.nats, subject=kind.contract.subject, data=body, headers=headers)
    [slot] = Intake(kind, place.running.verifier, place.running.tally).open(message).slots
    assert slot.asked is not None, slot.answer
    return slot.fingerprint


async def test_a_client_of_the_next_release_is_understood_as_long_as_it_does_not_use_what_is_new(
    activities: ServiceUnderTest,
) -> None:
    for request in (EnrolNext(**FIELDS), EnrolNext(**FIELDS, channel=None)):
        assert wire.body_of(request) == wire.body_of(Enrol(**FIELDS))
        assert print_of(Enrol, wire.body_of(request), activities)


async def test_a_command_repeated_after_the_upgrade_is_the_same_command(activities: ServiceUnderTest) -> None:
    body = wire.body_of(Enrol(**FIELDS))

    assert print_of(Enrol, body, activities) == print_of(EnrolNext, body, activities)
    assert print_of(EnrolNext, wire.body_of(EnrolNext(**FIELDS, hall="small")), activities) != print_of(
        EnrolNext, body, activities
    )
