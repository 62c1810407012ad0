"""All SQL about the hours ledger."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from asyncpg import Record

from contracts.region import bounds
from contracts.volunteers.v1 import Grade, RejectionReason
from services.chassis import Transaction
from services.volunteers.hours.rules import Entry
from services.volunteers.stints.rules import Stint

COLUMNS = (
    *("entry_id", "volunteer_id", "person_id", "stint_id", "unit_id", "region", "service_date", "minutes", "grade"),
    *("rule", "reverses", "decided_by"),
)
_all = ", ".join(COLUMNS)
LIST_PEOPLE = "SELECT DISTINCT person_id FROM stint WHERE stint_id = ANY ($1::uuid[])"
LIST_USED_IDS = "SELECT entry_id FROM hours_entry WHERE entry_id = ANY ($1::uuid[])"
SUM_DAYS = """
SELECT person_id, service_date, sum(minutes)::int AS minutes FROM hours_entry
WHERE (person_id, service_date) IN (SELECT * FROM unnest($1::uuid[], $2::date[]))
GROUP BY person_id, service_date
"""
ADD_ENTRIES = f"""
INSERT INTO hours_entry ({_all}, decided_at)
SELECT *, $13::timestamptz FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[],
    $7::date[], $8::int[], $9::text[], $10::text[], $11::uuid[], $12::text[])
"""
SET_CREDITED = "UPDATE stint SET status = 'credited' WHERE stint_id = ANY ($1::uuid[])"
SET_REJECTED = """
UPDATE stint SET status = 'rejected', rejected_by = $2, rejected_for = $3, version = $4 WHERE stint_id = $1
"""
FIND_ENTRY = f"SELECT {_all} FROM hours_entry WHERE entry_id = $1"
IS_REVERSED = "SELECT EXISTS (SELECT FROM hours_entry WHERE reverses = $1)"
LIST_ENTRIES = (
    f"SELECT {_all} FROM hours_entry WHERE volunteer_id = $1 ORDER BY service_date, decided_at, reverses NULLS FIRST"
)
SUM_REGION = """
SELECT grade, sum(minutes)::bigint AS minutes FROM hours_entry
WHERE region >= $1 AND region < $2 AND service_date >= $3 AND service_date < $4 GROUP BY grade
"""
COUNT_HELPERS = """
SELECT count(*) FROM (
    SELECT person_id FROM hours_entry
    WHERE region >= $1 AND region < $2 AND service_date >= $3 AND service_date < $4
    GROUP BY person_id HAVING sum(minutes) > 0) AS helpers
"""

Day = tuple[UUID, date]


async def list_people(tx: Transaction, stint_ids: Collection[UUID]) -> list[UUID]:
    """Whose stints these are; that never changes, so it needs no lock."""
    return [row["person_id"] for row in await tx.fetch(LIST_PEOPLE, stint_ids)]


async def list_used_ids(tx: Transaction, ids: Collection[UUID]) -> set[UUID]:
    return {row["entry_id"] for row in await tx.fetch(LIST_USED_IDS, ids)}


async def sum_days(tx: Transaction, days: Collection[Day]) -> dict[Day, int]:
    """Minutes credited less reversed of a person on a service date, in whatever team; days without any are left out."""
    async with tx.everywhere():
        rows = await tx.fetch(SUM_DAYS, [day[0] for day in days], [day[1] for day in days])
    return {(row["person_id"], row["service_date"]): row["minutes"] for row in rows}


async def add_entries(tx: Transaction, entries: Sequence[Entry]) -> None:
    if entries:
        columns = ([getattr(entry, name) for entry in entries] for name in COLUMNS)
        await tx.execute(ADD_ENTRIES, *columns, tx.now)


async def set_credited(tx: Transaction, stint_ids: Collection[UUID]) -> None:
    if stint_ids:
        await tx.execute(SET_CREDITED, stint_ids)


async def set_rejected(tx: Transaction, stint: Stint, reason: RejectionReason) -> None:
    await tx.execute(SET_REJECTED, stint.stint_id, tx.actor.id, reason, stint.version)


async def find_entry(tx: Transaction, entry_id: UUID) -> Entry | None:
    row = await tx.find(FIND_ENTRY, entry_id)
    return _entry(row) if row else None


async def is_reversed(tx: Transaction, entry_id: UUID) -> bool:
    return bool(await tx.value(IS_REVERSED, entry_id))


async def list_entries(tx: Transaction, volunteer_id: UUID) -> list[Entry]:
    """The ledger of a volunteer by service date."""
    return [_entry(row) for row in await tx.fetch(LIST_ENTRIES, volunteer_id)]


async def sum_region(tx: Transaction, region: str, since: date, until: date) -> Iterable[tuple[Grade, int]]:
    """Minutes credited less reversed by grade, of a region's subtree with service dates in [since, until)."""
    rows = await tx.fetch(SUM_REGION, *bounds(region), since, until)
    return [(Grade(row["grade"]), row["minutes"]) for row in rows]


async def count_helpers(tx: Transaction, region: str, since: date, until: date) -> int:
    """Persons who have minutes left there and then; one who serves in two teams counts once."""
    return int(await tx.value(COUNT_HELPERS, *bounds(region), since, until))


def _entry(row: Record) -> Entry:
    return Entry(**{**row, "grade": Grade(row["grade"])})
