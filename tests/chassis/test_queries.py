"""Queries that nobody waits for any more hold nobody up."""

from uuid import uuid4

import pytest
from nats.aio.msg import Msg

from contracts import wire
from contracts.refusals import Refusal
from contracts.registry.v1 import GetContacts, GetPerson
from services.chassis import queries
from services.chassis.queries import AT_ONCE, QueryServer
from services.chassis.transaction import Transaction
from tests.under_test import ServiceUnderTest


async def test_a_query_that_waits_too_long_for_room_is_sent_away_unbegun(
    registry: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SECONDS", 0.02)
    begun = []

    async def answer(query: GetPerson, _: Transaction) -> Refusal:
        begun.append(query)
        return Refusal("unknown-person")

    server = QueryServer(GetPerson, answer, registry.running)
    for _ in range(AT_ONCE):
        await server._room.acquire()

    outcome = await server.answer_or_refuse(Msg(registry.running.nats, ""))

    assert outcome == Refusal("unavailable", service="registry")
    assert begun == []


async def test_a_handler_that_fails_is_an_incident_of_ours_and_no_fault_of_the_asker(
    registry: ServiceUnderTest,
) -> None:
    async def answer(_: GetContacts, __: Transaction) -> Refusal:
        raise ValueError("told to fail")

    outcome = await QueryServer(GetContacts, answer, registry.running).answer_or_refuse(asked(registry))

    assert isinstance(outcome, Refusal)
    assert outcome.code == "internal-error"


async def test_what_nobody_can_read_is_refused_as_that(registry: ServiceUnderTest) -> None:
    async def answer(_: GetContacts, __: Transaction) -> Refusal:
        raise AssertionError

    outcome = await QueryServer(GetContacts, answer, registry.running).answer_or_refuse(asked(registry, b"{"))

    assert outcome == Refusal("invalid-json")


def asked(registry: ServiceUnderTest, body: bytes = b"") -> Msg:
    token = registry.running.signer.service_token()
    query = GetContacts(people=(uuid4(),), purpose="test")
    headers = {wire.AUTHORIZATION: f"Bearer {token}"}
    return Msg(registry.running.nats, "", data=body or query.model_dump_json().encode(), headers=headers)
