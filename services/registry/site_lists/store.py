"""All SQL about the rows of site lists."""

from collections.abc import Collection, Sequence
from uuid import UUID

from asyncpg import Record
from pydantic import TypeAdapter

from contracts.data import SiteType
from contracts.registry.v1 import OpeningHours
from services.chassis import Transaction
from services.registry.site_lists.rules import Draft

FIND_DRAFT = """
SELECT site_id, name, site_type, unit_id, place, within, capacity, hours, region FROM site_draft WHERE site_id = $1
"""
LOCK_DRAFT = f"{FIND_DRAFT} FOR UPDATE"
FIND_DRAFTS = """
SELECT site_id, name, site_type, unit_id, place, within, capacity, hours, region FROM site_draft
WHERE site_id = ANY ($1::uuid[])
"""
ADD_DRAFTS = """
INSERT INTO site_draft (site_id, name, site_type, unit_id, place, within, capacity, hours, region)
SELECT * FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::char(12)[], $7::int[], $8::jsonb[], $9::char(12)[])
"""
PLACE_DRAFT = "UPDATE site_draft SET region = $2 WHERE site_id = $1"

_HOURS = TypeAdapter(tuple[OpeningHours, ...])


async def find_draft(tx: Transaction, site_id: UUID) -> Draft | None:
    row = await tx.find(FIND_DRAFT, site_id)
    return _draft(row) if row else None


async def lock_draft(tx: Transaction, site_id: UUID) -> Draft | None:
    """The row, locked until commit: rivals who decide its place wait."""
    row = await tx.find(LOCK_DRAFT, site_id)
    return _draft(row) if row else None


async def find_drafts(tx: Transaction, site_ids: Collection[UUID]) -> dict[UUID, Draft]:
    """The rows of earlier lists by site."""
    return {row["site_id"]: _draft(row) for row in await tx.fetch(FIND_DRAFTS, list(site_ids))}


async def add_drafts(tx: Transaction, drafts: Sequence[Draft]) -> None:
    rows = [
        (
            d.site_id, d.name, d.site_type, d.unit_id, d.place, d.within, d.capacity,
            _HOURS.dump_json(d.hours).decode(), d.region,
        )
        for d in drafts
    ]  # fmt: skip
    if rows:
        await tx.execute(ADD_DRAFTS, *map(list, zip(*rows, strict=True)))


async def place_draft(tx: Transaction, site_id: UUID, region: str) -> None:
    """Keeps which division a row was decided to mean."""
    await tx.execute(PLACE_DRAFT, site_id, region)


def _draft(row: Record) -> Draft:
    known = dict(row)
    return Draft(**known | {"hours": _HOURS.validate_json(row["hours"]), "site_type": SiteType(row["site_type"])})
