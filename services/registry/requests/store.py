"""All SQL about what people ask about their data."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from asyncpg import Record

from contracts.region import bounds
from contracts.registry.v1 import (
    ListPersonRequests,
    PersonRequestEntry,
    PersonRequestKind,
    PersonRequestStatus,
)
from services.chassis import Transaction
from services.registry.requests.rules import PersonRequest

COLUMNS = """
person_request_id, person_id, region, kind, asked_by, received_on, due_on, counted, status, version
"""
IS_REQUEST = "SELECT EXISTS (SELECT FROM person_request WHERE person_request_id = $1)"
IS_OPEN = "SELECT EXISTS (SELECT FROM person_request WHERE person_id = $1 AND kind = $2 AND status = 'open')"
IS_ASKED = """
SELECT EXISTS (SELECT FROM person_request
    WHERE person_id = $1 AND kind = ANY ($2::text[]) AND status = 'open' AND filed_by <> $3)
"""
ADD_REQUEST = """
INSERT INTO person_request (person_request_id, person_id, region, kind, asked_by, received_on, due_on, counted,
    filed_by, status, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', 1)
"""
LOCK_REQUESTS = f"""
SELECT {COLUMNS} FROM person_request
WHERE person_request_id = ANY ($1::uuid[]) ORDER BY person_request_id FOR NO KEY UPDATE
"""
LOCK_OPEN_OF = f"""
SELECT {COLUMNS} FROM person_request
WHERE person_id = $1 AND kind = ANY ($2::text[]) AND status = 'open' ORDER BY person_request_id FOR NO KEY UPDATE
"""
SET_ANSWERED = """
UPDATE person_request SET status = $2, answered_at = $3, answered_by = $4, reason = $5, version = version + 1
WHERE person_request_id = $1
"""
COUNT_UP = "UPDATE person_request SET version = version + 1 WHERE person_request_id = $1"
LIST_REQUESTS = """
SELECT person_request_id, person_id, kind, asked_by, status, received_on, due_on, counted,
    status = 'open' AND due_on < $5 AS overdue, answered_at, reason
FROM person_request WHERE region >= $1 AND region < $2 AND (NOT $3 OR status = 'open')
ORDER BY status = 'open' DESC, due_on, person_request_id LIMIT $4
"""


async def is_request(tx: Transaction, person_request_id: UUID) -> bool:
    return bool(await tx.value(IS_REQUEST, person_request_id))


async def is_open(tx: Transaction, person_id: UUID, kind: PersonRequestKind) -> bool:
    """Whether the same is asked already; the person's row is locked."""
    return bool(await tx.value(IS_OPEN, person_id, kind.value))


async def is_asked(tx: Transaction, person_id: UUID, kinds: Collection[PersonRequestKind]) -> bool:
    """Whether any of this is asked about a person, and somebody else than the actor wrote that down."""
    return bool(await tx.value(IS_ASKED, person_id, [kind.value for kind in kinds], tx.actor.id))


async def add_request(tx: Transaction, request: PersonRequest) -> None:
    await tx.execute(
        ADD_REQUEST,
        *(request.person_request_id, request.person_id, request.region, request.kind.value, request.asked_by),
        *(request.received_on, request.due_on, request.counted, tx.actor.id),
    )


async def lock_requests(tx: Transaction, ids: Collection[UUID]) -> list[PersonRequest]:
    return [_request(row) for row in await tx.fetch(LOCK_REQUESTS, list(ids))]


async def lock_open_of(tx: Transaction, person_id: UUID, kinds: Collection[PersonRequestKind]) -> list[PersonRequest]:
    return [_request(row) for row in await tx.fetch(LOCK_OPEN_OF, person_id, [kind.value for kind in kinds])]


async def set_answered(
    tx: Transaction, request: PersonRequest, status: PersonRequestStatus, reason: str | None
) -> None:
    await tx.execute(SET_ANSWERED, request.person_request_id, status.value, tx.now, tx.actor.id, reason)


async def count_up(tx: Transaction, request: PersonRequest) -> None:
    """A fact was said of it."""
    await tx.execute(COUNT_UP, request.person_request_id)


async def list_requests(tx: Transaction, query: ListPersonRequests, today: date) -> list[PersonRequestEntry]:
    rows = await tx.fetch(LIST_REQUESTS, *bounds(query.region), query.waiting, query.limit, today)
    return [PersonRequestEntry(**dict(row)) for row in rows]


def _request(row: Record) -> PersonRequest:
    coded = {"kind": PersonRequestKind(row["kind"]), "status": PersonRequestStatus(row["status"])}
    return PersonRequest(**dict(row) | coded)
