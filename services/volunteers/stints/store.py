"""All SQL about stints."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from contracts.region import bounds
from contracts.volunteers.v1 import Grade, StintStatus
from services.chassis import Transaction
from services.volunteers.stints.rules import Place, Stint

COLUMNS = (
    *("stint_id", "shift_id", "volunteer_id", "person_id", "unit_id", "region", "shift_starts_at", "shift_ends_at"),
    *("status", "grade", "checked_in_at", "checked_out_at", "service_date", "minutes", "opened_by", "closed_by"),
    "version",
)
_all = ", ".join(COLUMNS)
LIST_SHIFTS = "SELECT shift_id, region FROM shift WHERE shift_id = ANY ($1::uuid[])"
LIST_PLACES = """
SELECT volunteer_id, person_id, unit_id, shift.region, shift_id, shift.starts_at, shift.ends_at, cancelled
FROM assignment JOIN shift USING (shift_id)
WHERE (shift_id, volunteer_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) AND (active OR cancelled)
"""
LIST_USED_IDS = "SELECT stint_id FROM stint WHERE stint_id = ANY ($1::uuid[])"
LIST_STINTS_AFTER = f"""
SELECT {_all} FROM stint
WHERE person_id = ANY ($1::uuid[]) AND tstzrange(checked_in_at, checked_out_at) && tstzrange($2, NULL)
"""
FIND_OPEN = "SELECT stint_id FROM stint WHERE person_id = $1 AND shift_id = $2 AND status = 'open'"
ADD_STINTS = f"""
INSERT INTO stint ({_all})
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[],
    $8::timestamptz[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::date[], $14::int[],
    $15::text[], $16::text[], $17::int[])
"""
LOCK_STINTS = f"SELECT {_all} FROM stint WHERE stint_id = ANY ($1::uuid[]) ORDER BY stint_id FOR NO KEY UPDATE"
SET_CLOSED = """
UPDATE stint SET status = now.status, checked_out_at = now.checked_out_at, minutes = now.minutes,
    closed_by = now.closed_by, version = now.version
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::int[], $5::text[], $6::int[])
    AS now (id, status, checked_out_at, minutes, closed_by, version)
WHERE stint_id = now.id
"""
LIST_TO_APPROVE = f"""
SELECT {_all} FROM stint
WHERE region >= $1 AND region < $2 AND status IN ('closed', 'auto_closed')
ORDER BY checked_in_at, stint_id LIMIT $3
"""

Pair = tuple[UUID, UUID]


async def list_shift_regions(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, str]:
    """The region of each shift that exists."""
    return {row["shift_id"]: row["region"] for row in await tx.fetch(LIST_SHIFTS, ids)}


async def list_places(tx: Transaction, pairs: Collection[Pair]) -> dict[Pair, Place]:
    """The places taken, by shift and volunteer."""
    rows = await tx.fetch(LIST_PLACES, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    return {(row["shift_id"], row["volunteer_id"]): Place(**dict(row)) for row in rows}


async def list_used_ids(tx: Transaction, ids: Collection[UUID]) -> set[UUID]:
    return {row["stint_id"] for row in await tx.fetch(LIST_USED_IDS, ids)}


async def list_stints_after(tx: Transaction, people: Collection[UUID], moment: datetime) -> list[Stint]:
    """Stints of these persons, in whatever team, that are open or ended after the moment."""
    async with tx.everywhere():
        return [_stint(row) for row in await tx.fetch(LIST_STINTS_AFTER, people, moment)]


async def find_open(tx: Transaction, person_id: UUID, shift_id: UUID) -> UUID | None:
    """The stint of a person who is on duty in a shift; hold `lock_people` before this reads."""
    stint_id: UUID | None = await tx.value(FIND_OPEN, person_id, shift_id)
    return stint_id


async def add_stints(tx: Transaction, stints: Sequence[Stint]) -> None:
    if stints:
        await tx.execute(ADD_STINTS, *([getattr(stint, name) for stint in stints] for name in COLUMNS))


async def lock_stints(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Stint]:
    return {row["stint_id"]: _stint(row) for row in await tx.fetch(LOCK_STINTS, list(ids))}


async def set_closed(tx: Transaction, stints: Sequence[Stint]) -> None:
    if stints:
        names = ("stint_id", "status", "checked_out_at", "minutes", "closed_by", "version")
        await tx.execute(SET_CLOSED, *([getattr(stint, name) for stint in stints] for name in names))


async def list_to_approve(tx: Transaction, region: str, most: int) -> list[Stint]:
    """Closed stints of a region's subtree that nobody approved yet, oldest first."""
    return [_stint(row) for row in await tx.fetch(LIST_TO_APPROVE, *bounds(region), most)]


def _stint(row: Record) -> Stint:
    return Stint(**{**row, "status": StintStatus(row["status"]), "grade": Grade(row["grade"])})
