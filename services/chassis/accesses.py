"""Answers who saw a person's record, from the service's own audit log (features X15)."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol
from uuid import UUID

from contracts.audit import Access, AccessLog, AuditAction
from contracts.message import Query
from contracts.refusals import Refusal

from .access import decide
from .handlers import Service
from .transaction import Transaction

READ_LOG: Final = "audit.read"
MOST: Final = 200
LIST_ACCESSES: Final = """
SELECT id AS entry, at, action, actor, region, reason, thing, times FROM audit
WHERE about = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""

FindGuardian = Callable[[Transaction, UUID], Awaitable[UUID | None]]


class Asks(Protocol):
    """What the query of every service says."""

    @property
    def person_id(self) -> UUID: ...
    @property
    def before(self) -> int | None: ...


def answer_accesses(service: Service, query: type[Query[AccessLog]], find_guardian: FindGuardian) -> None:
    """Lets a service answer its query; `find_guardian` tells whose ward a person is, as far as the service knows."""

    async def list_accesses(asked: Any, tx: Transaction) -> AccessLog | Refusal:
        return await _list(asked, tx, find_guardian)

    service.answers(query, audited=True)(list_accesses)


async def _list(asked: Asks, tx: Transaction, find_guardian: FindGuardian) -> AccessLog | Refusal:
    """Her own and her ward's rows wherever they lie; for an auditor those of the own region (row-level security)."""
    async with tx.everywhere():
        own = tx.actor.id in (str(asked.person_id), str(await find_guardian(tx, asked.person_id)))
        rows = await tx.fetch(LIST_ACCESSES, asked.person_id, asked.before, MOST + 1) if own else []
    denied = None if own else decide(tx.actor, READ_LOG)
    if denied:
        return denied
    if not own:
        rows = await tx.fetch(LIST_ACCESSES, asked.person_id, asked.before, MOST + 1)
    region = rows[0]["region"] if rows else tx.actor.region
    await tx.audit(AuditAction.AUDIT_READ, about=asked.person_id, region=region)
    accesses = tuple(Access(**dict(row)) for row in rows[:MOST])
    return AccessLog(accesses=accesses, more=len(rows) > MOST)
