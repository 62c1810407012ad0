"""All SQL about plans from a sheet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from contracts.region import above, bounds
from services.activities.term_plans.rules import Applied, Line, Names
from services.chassis import Transaction

FIND_SITE_NAMES = """
SELECT site_id, name, rooms FROM site
WHERE region >= $1 AND region < $2 AND name = ANY ($3::text[]) AND NOT closed ORDER BY site_id
"""
FIND_PROGRAMME_NAMES = """
SELECT programme_id, name FROM programme
WHERE ((region >= $1 AND region < $2) OR region = ANY ($3::text[])) AND name = ANY ($4::text[]) ORDER BY programme_id
"""
FIND_UPLOAD = "SELECT upload_id, plan_id, region, status, rows, applied FROM plan_upload WHERE upload_id = $1"
LOCK_UPLOAD = f"{FIND_UPLOAD} FOR UPDATE"
ADD_UPLOAD = """
INSERT INTO plan_upload (upload_id, plan_id, region, status, rows) VALUES ($1, $2, $3, 'drafted', $4::text::jsonb)
"""
SET_APPLIED = """
UPDATE plan_upload SET status = 'applied', rows = $2::text::jsonb, applied = $3::text::jsonb WHERE upload_id = $1
"""
SET_UNDONE = "UPDATE plan_upload SET status = 'undone' WHERE upload_id = $1"
LIST_PLANNED_BY = """
SELECT DISTINCT (step -> 'after' ->> 'session_id')::uuid AS session_id
FROM plan_upload, jsonb_array_elements(applied) AS step WHERE plan_id = $1 AND status = 'applied'
"""

_LINES: Final = TypeAdapter(list[Line])
_APPLIED: Final = TypeAdapter(list[Applied])
_ROOMS: Final[TypeAdapter[list[dict[str, Any]]]] = TypeAdapter(list[dict[str, Any]])


@dataclass(frozen=True, slots=True)
class Upload:
    """A sheet as it was read, and what applying it did."""

    upload_id: UUID
    plan_id: UUID
    region: str
    status: str
    lines: list[Line]
    applied: list[Applied]


async def find_names(tx: Transaction, region: str, sites: Collection[str], programmes: Collection[str]) -> Names:
    """What these names mean: open sites of the region's subtree, programmes there or in the regions above."""
    by_site: dict[str, list[UUID]] = {}
    rooms: dict[tuple[UUID, str], list[UUID]] = {}
    for row in await tx.fetch(FIND_SITE_NAMES, *bounds(region), list(sites)):
        by_site.setdefault(row["name"], []).append(row["site_id"])
        for room in _ROOMS.validate_json(row["rooms"]):
            rooms.setdefault((row["site_id"], room["name"]), []).append(UUID(room["room_id"]))
    by_programme: dict[str, list[UUID]] = {}
    for row in await tx.fetch(FIND_PROGRAMME_NAMES, *bounds(region), above(region), list(programmes)):
        by_programme.setdefault(row["name"], []).append(row["programme_id"])
    return Names(by_site, rooms, by_programme)


async def list_planned_by(tx: Transaction, plan_id: UUID) -> set[UUID]:
    """The sessions that uploads of this plan made or changed, those taken back left out."""
    return {row["session_id"] for row in await tx.fetch(LIST_PLANNED_BY, plan_id)}


async def find_upload(tx: Transaction, upload_id: UUID, *, lock: bool = False) -> Upload | None:
    row = await tx.find(LOCK_UPLOAD if lock else FIND_UPLOAD, upload_id)
    if row is None:
        return None
    applied = _APPLIED.validate_json(row["applied"]) if row["applied"] else []
    lines = _LINES.validate_json(row["rows"])
    return Upload(row["upload_id"], row["plan_id"], row["region"], row["status"], lines, applied)


async def add_upload(tx: Transaction, upload_id: UUID, plan_id: UUID, region: str, lines: list[Line]) -> None:
    await tx.execute(ADD_UPLOAD, upload_id, plan_id, region, _LINES.dump_json(lines).decode())


async def set_applied(tx: Transaction, upload_id: UUID, lines: list[Line], applied: Sequence[Applied]) -> None:
    done = _APPLIED.dump_json(list(applied)).decode()
    await tx.execute(SET_APPLIED, upload_id, _LINES.dump_json(lines).decode(), done)


async def set_undone(tx: Transaction, upload_id: UUID) -> None:
    await tx.execute(SET_UNDONE, upload_id)
