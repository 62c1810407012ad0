"""All SQL about programmes."""

from collections.abc import Collection
from uuid import UUID

from contracts.activities.v1 import CreateProgramme, ListProgrammes, ProgrammeState
from contracts.region import above, bounds
from services.activities.programmes.rules import Programme
from services.chassis import Transaction

FIND_PROGRAMME = """
SELECT programme_id, name, theme, parent_id, unit_id, region, kind, year, members, paid_by AS project_id,
    revision AS version
FROM programme WHERE programme_id = $1
"""
LOCK_PROGRAMME = f"{FIND_PROGRAMME} FOR UPDATE"
AMEND_PROGRAMME = """
UPDATE programme SET name = $2, theme = $3, year = $4, members = $5, paid_by = $6, revision = $7
WHERE programme_id = $1
"""
FIND_UNKNOWN = """
SELECT id FROM unnest($1::uuid[]) AS asked (id)
WHERE NOT EXISTS (SELECT FROM programme WHERE programme_id = id) ORDER BY id LIMIT 1
"""
FIND_LISTED = "SELECT count(*) FROM programme WHERE parent_id = $1"
ADD_PROGRAMME = """
INSERT INTO programme (programme_id, name, theme, parent_id, unit_id, region, kind, year, members, paid_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
LIST_PROGRAMMES = """
SELECT programme_id, name, theme, parent_id, unit_id, region, kind, year, members,
    paid_by AS project_id, revision AS version,
    (SELECT count(*) FROM programme AS member WHERE member.parent_id = programme.programme_id)::int AS listed
FROM programme
WHERE ((region >= $1 AND region < $2) OR region = ANY ($3::text[]))
  AND ($4::uuid IS NULL OR parent_id = $4) AND ($5::text IS NULL OR kind = $5)
  AND ($6::int IS NULL OR year IS NULL OR year = $6) AND ($7::uuid IS NULL OR programme_id > $7)
ORDER BY programme_id LIMIT $8
"""


async def find_programme(tx: Transaction, programme_id: UUID, lock: bool = False) -> Programme | None:
    row = await tx.find(LOCK_PROGRAMME if lock else FIND_PROGRAMME, programme_id)
    if row is None:
        return None
    values = dict(row)
    version = values.pop("version")
    return Programme(CreateProgramme(**values), version)


async def amend_programme(tx: Transaction, now: Programme) -> None:
    """What may be corrected of a programme, whose row is locked."""
    new = now.created
    await tx.execute(
        AMEND_PROGRAMME, new.programme_id, new.name, new.theme, new.year, new.members, new.project_id, now.version
    )


async def find_unknown_programme(tx: Transaction, ids: Collection[UUID | None]) -> UUID | None:
    """One of these ids that is no programme's."""
    unknown: UUID | None = await tx.value(FIND_UNKNOWN, list(ids))
    return unknown


async def count_members(tx: Transaction, programme_id: UUID) -> int:
    """How many programmes stand under this one."""
    return int(await tx.value(FIND_LISTED, programme_id))


async def add_programme(tx: Transaction, new: CreateProgramme) -> None:
    await tx.execute(
        ADD_PROGRAMME,
        new.programme_id,
        new.name,
        new.theme,
        new.parent_id,
        new.unit_id,
        new.region,
        new.kind.value,
        new.year,
        new.members,
        new.project_id,
    )


async def list_programmes(tx: Transaction, query: ListProgrammes) -> list[ProgrammeState]:
    """Programmes of a region's subtree and of the regions above it."""
    kind = query.kind.value if query.kind else None
    asked = (query.parent_id, kind, query.year, query.after, query.limit)
    rows = await tx.fetch(LIST_PROGRAMMES, *bounds(query.region), above(query.region), *asked)
    return [ProgrammeState(**dict(row)) for row in rows]
