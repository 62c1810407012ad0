"""Queries that nobody waits for any more hold nobody up."""

import pytest
from nats.aio.msg import Msg

from contracts.refusals import Refusal
from contracts.registry.v1 import GetPerson
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
