"""Deliberate faults of promise 12, made in the tests' own process and database (docs/saboteurs.md)."""

from collections.abc import Collection
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import asyncpg
import pytest

from services.chassis import access
from services.chassis.access import Actor
from services.chassis.queries import QueryServer
from services.chassis.scope import EVERYWHERE, transaction
from services.chassis.transaction import Transaction
from tests.under_test import ServiceUnderTest


async def sabotage(service: ServiceUnderTest, faults: Collection[str], patch: pytest.MonkeyPatch) -> None:
    """`self-approval`: nobody minds whose request it is. `audit-after-commit`: what was read is written down later."""
    if "self-approval" in faults:
        patch.setattr(access, "BY_ANOTHER", frozenset())
        await service.admin.execute("ALTER TABLE record_access DROP CONSTRAINT nobody_decides_on_her_own")
    if "audit-after-commit" in faults:
        _audit_later(service, patch)


def _audit_later(service: ServiceUnderTest, patch: pytest.MonkeyPatch) -> None:
    asking: ContextVar[list[Transaction] | None] = ContextVar("asking", default=None)
    decide, flush = QueryServer._decide, Transaction.flush_audit

    async def put_off(tx: Transaction) -> None:
        late = asking.get()
        if late is None:
            await flush(tx)
        else:
            late.append(tx)

    async def answer_first(server: QueryServer, query: Any, actor: Actor) -> Any:
        late: list[Transaction] = []
        mark = asking.set(late)
        outcome = await decide(server, query, actor)
        asking.reset(mark)
        with suppress(asyncpg.PostgresError):
            async with service.pool.acquire() as connection, transaction(connection, EVERYWHERE):
                for tx in late:
                    tx._connection = connection
                    await flush(tx)
        return outcome

    patch.setattr(Transaction, "flush_audit", put_off)
    patch.setattr(QueryServer, "_decide", answer_first)
