"""All SQL about sites, their rooms and opening hours."""

from collections.abc import Collection, Sequence
from uuid import UUID

from asyncpg import Record

from contracts.data import SiteType
from contracts.region import bounds
from contracts.registry.v1 import OpeningHours, RoomPlan, SiteState
from services.chassis import Transaction

FIND_SITE = """
SELECT site_id, name, site_type, unit_id, centre_id, region, status, version FROM site WHERE site_id = $1
"""
LOCK_SITE = f"{FIND_SITE} FOR UPDATE"
FIND_SITE_IDS = "SELECT site_id FROM site WHERE site_id = ANY ($1::uuid[])"
LIST_SITES = """
SELECT site_id, name, site_type, unit_id, centre_id, region, status, version FROM site
WHERE status = 'opened' AND region >= $1 AND region < $2 AND ($3::text IS NULL OR site_type = $3)
  AND ($4::uuid IS NULL OR (region, site_id) > (SELECT region, site_id FROM site WHERE site_id = $4))
ORDER BY region, site_id LIMIT $5
"""
LIST_ROOMS = (
    "SELECT site_id, room_id, name, capacity FROM room WHERE site_id = ANY ($1::uuid[]) ORDER BY site_id, number"
)
LIST_HOURS = """
SELECT site_id, weekday, opens, closes FROM site_hours WHERE site_id = ANY ($1::uuid[]) ORDER BY site_id, number
"""
FIND_TAKEN_ROOM = "SELECT room_id FROM room WHERE room_id = ANY ($1::uuid[]) ORDER BY room_id LIMIT 1"
ADD_SITES = """
INSERT INTO site (site_id, name, site_type, unit_id, centre_id, region, status, version)
SELECT site_id, name, site_type, unit_id, centre_id, region, 'opened', 1
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::char(12)[])
    AS opened (site_id, name, site_type, unit_id, centre_id, region)
"""
ADD_ROOMS = """
INSERT INTO room (room_id, site_id, number, name, capacity)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::int[])
"""
ADD_HOURS = """
INSERT INTO site_hours (site_id, number, weekday, opens, closes)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::time[], $5::time[])
"""
CLOSE_SITE = "UPDATE site SET status = 'closed', version = version + 1 WHERE site_id = $1"


async def find_site(tx: Transaction, site_id: UUID) -> SiteState | None:
    row = await tx.find(FIND_SITE, site_id)
    return (await _whole(tx, [row]))[0] if row else None


async def lock_site(tx: Transaction, site_id: UUID) -> SiteState | None:
    """The site, locked until commit."""
    row = await tx.find(LOCK_SITE, site_id)
    return (await _whole(tx, [row]))[0] if row else None


async def find_site_ids(tx: Transaction, site_ids: Collection[UUID]) -> set[UUID]:
    """Which of the ids are sites, open or closed."""
    return {row["site_id"] for row in await tx.fetch(FIND_SITE_IDS, list(site_ids))}


async def list_sites(
    tx: Transaction, region: str, site_type: SiteType | None, after: UUID | None, limit: int
) -> list[SiteState]:
    """Open sites of a region's subtree by code and id, the page after the site `after`."""
    return await _whole(tx, await tx.fetch(LIST_SITES, *bounds(region), site_type, after, limit))


async def find_taken_room(tx: Transaction, room_ids: Sequence[UUID]) -> UUID | None:
    """One of the rooms that belongs to a site already, or None."""
    room_id: UUID | None = await tx.value(FIND_TAKEN_ROOM, room_ids)
    return room_id


async def add_sites(tx: Transaction, sites: Sequence[SiteState]) -> None:
    """New sites with their rooms and hours."""
    plain = [(s.site_id, s.name, s.site_type, s.unit_id, s.centre_id, s.region) for s in sites]
    await tx.execute(ADD_SITES, *map(list, zip(*plain, strict=True)))
    rooms = [
        (room.room_id, site.site_id, number, room.name, room.capacity)
        for site in sites
        for number, room in enumerate(site.rooms)
    ]
    await tx.execute(ADD_ROOMS, *map(list, zip(*rooms, strict=True)))
    hours = [
        (site.site_id, number, opening.weekday, opening.opens, opening.closes)
        for site in sites
        for number, opening in enumerate(site.hours)
    ]
    await tx.execute(ADD_HOURS, *map(list, zip(*hours, strict=True)))


async def close_site(tx: Transaction, site_id: UUID) -> None:
    await tx.execute(CLOSE_SITE, site_id)


async def _whole(tx: Transaction, rows: Sequence[Record]) -> list[SiteState]:
    """Sites of plain rows, with their rooms and hours."""
    ids = [row["site_id"] for row in rows]
    rooms: dict[UUID, list[RoomPlan]] = {id: [] for id in ids}
    hours: dict[UUID, list[OpeningHours]] = {id: [] for id in ids}
    for row in await tx.fetch(LIST_ROOMS, ids):
        rooms[row["site_id"]].append(RoomPlan(**dict(row)))
    for row in await tx.fetch(LIST_HOURS, ids):
        hours[row["site_id"]].append(OpeningHours(**dict(row)))
    return [
        SiteState(**dict(row), rooms=tuple(rooms[row["site_id"]]), hours=tuple(hours[row["site_id"]])) for row in rows
    ]
