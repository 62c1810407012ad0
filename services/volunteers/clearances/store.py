"""All SQL about clearances."""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from contracts.volunteers.v1 import ClearanceKind, RecordClearance
from services.chassis import Transaction
from services.volunteers.clearances.rules import Clearance
from services.volunteers.roster.rules import Volunteer

IS_CLEARANCE = "SELECT EXISTS (SELECT FROM clearance WHERE clearance_id = $1)"
ADD_CLEARANCE = """
INSERT INTO clearance (clearance_id, volunteer_id, kind, checked_on, valid_until, recorded_by, recorded_at, version,
    region)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8)
"""
LOCK_CLEARANCES = """
SELECT clearance_id FROM clearance WHERE clearance_id = ANY ($1::uuid[]) ORDER BY clearance_id FOR NO KEY UPDATE
"""
FIND_CLEARANCES = """
SELECT clearance_id, volunteer_id, person_id, kind, valid_until, ended_at, clearance.version, clearance.region
FROM clearance JOIN volunteer USING (volunteer_id) WHERE clearance_id = ANY ($1::uuid[]) ORDER BY clearance_id
"""
END_CLEARANCES = """
UPDATE clearance SET ended_at = $2, version = version + 1 WHERE clearance_id = ANY ($1::uuid[])
"""


async def is_clearance(tx: Transaction, clearance_id: UUID) -> bool:
    return bool(await tx.value(IS_CLEARANCE, clearance_id))


async def add_clearance(tx: Transaction, command: RecordClearance, volunteer: Volunteer) -> Clearance:
    await tx.execute(
        ADD_CLEARANCE,
        *(command.clearance_id, command.volunteer_id, command.kind.value, command.checked_on, command.valid_until),
        *(tx.actor.id, tx.now, volunteer.region),
    )
    return Clearance(
        command.clearance_id,
        volunteer.volunteer_id,
        volunteer.person_id,
        command.kind,
        command.valid_until,
        None,
        1,
        volunteer.region,
    )


async def lock_clearances(tx: Transaction, ids: Collection[UUID]) -> list[Clearance]:
    """Locked first, read second."""
    await tx.fetch(LOCK_CLEARANCES, list(ids))
    return [_clearance(row) for row in await tx.fetch(FIND_CLEARANCES, list(ids))]


async def end_clearances(tx: Transaction, ids: Collection[UUID]) -> None:
    if ids:
        await tx.execute(END_CLEARANCES, list(ids), tx.now)


def _clearance(row: Record) -> Clearance:
    return Clearance(**(dict(row) | {"kind": ClearanceKind(row["kind"])}))
