"""All SQL about organisations."""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from contracts.region import bounds
from contracts.registry.v1 import RegisterUnit, UnitState
from services.chassis import Transaction

FIND_UNIT = "SELECT unit_id, name, kind, level, region, parent_id, version FROM unit WHERE unit_id = $1"
FIND_UNITS = "SELECT unit_id FROM unit WHERE unit_id = ANY ($1::uuid[])"
ADD_UNIT = """
INSERT INTO unit (unit_id, name, kind, level, region, parent_id, uscc, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
"""
LIST_UNITS = """
SELECT unit_id, name, kind, level, region, parent_id, version FROM unit
WHERE region >= $1 AND region < $2
  AND ($3::uuid IS NULL OR (region, unit_id) > (SELECT region, unit_id FROM unit WHERE unit_id = $3))
ORDER BY region, unit_id LIMIT $4
"""


async def find_unit(tx: Transaction, unit_id: UUID) -> UnitState | None:
    row = await tx.find(FIND_UNIT, unit_id)
    return _unit(row) if row else None


async def find_unknown_unit(tx: Transaction, unit_ids: Collection[UUID]) -> UUID | None:
    """One of the ids that no unit has; None when all are registered."""
    known = {row["unit_id"] for row in await tx.fetch(FIND_UNITS, list(unit_ids))}
    return min(set(unit_ids) - known, default=None)


async def add_unit(tx: Transaction, unit: RegisterUnit) -> None:
    await tx.execute(ADD_UNIT, unit.unit_id, unit.name, unit.kind, unit.level, unit.region, unit.parent_id, unit.uscc)


async def list_units(tx: Transaction, region: str, after: UUID | None, limit: int) -> list[UnitState]:
    """Units of a region's subtree by code and id, the page after the unit `after`."""
    return [_unit(row) for row in await tx.fetch(LIST_UNITS, *bounds(region), after, limit)]


def _unit(row: Record) -> UnitState:
    return UnitState(**dict(row))
