"""Deliberate faults of promise 12, made in the tests' own process and database (docs/saboteurs.md)."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

import asyncpg
import pytest
from nats.aio.msg import Msg

from contracts.audit import AuditAction
from services.chassis import access
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
    late: list[tuple[Transaction, tuple[Any, ...], dict[str, Any]]] = []
    answer, audit = QueryServer._answer, Transaction.audit

    async def put_off(tx: Transaction, *what: Any, **more: Any) -> None:
        if what[0] is AuditAction.RECORD_READ:
            late.append((tx, what, more))
        else:
            await audit(tx, *what, **more)

    async def answer_first(server: QueryServer, message: Msg) -> Any:
        outcome = await answer(server, message)
        with suppress(asyncpg.PostgresError):
            async with service.pool.acquire() as connection, transaction(connection, EVERYWHERE):
                while late:
                    tx, what, more = late.pop()
                    await audit(Transaction(connection, tx.now, tx.actor, tx.cause), *what, **more)
        return outcome

    patch.setattr(Transaction, "audit", put_off)
    patch.setattr(QueryServer, "_answer", answer_first)
