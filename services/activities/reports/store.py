"""All SQL about reports of sessions."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from contracts.activities.v1 import Cost, Photo, RecordSessionReport, RequestAttendanceCertificate
from contracts.region import bounds
from services.chassis import Transaction

FIND_REPORT = "SELECT costs, photos FROM session_report WHERE session_id = $1"
SET_REPORT = """
WITH used AS (INSERT INTO report_id (report_id, region) VALUES ($2, $5))
INSERT INTO session_report (session_id, report_id, costs, photos, version, region)
VALUES ($1, $2, $3::text::jsonb, $4::text::jsonb, 1, $5)
ON CONFLICT (session_id) DO UPDATE
SET report_id = EXCLUDED.report_id, costs = EXCLUDED.costs, photos = EXCLUDED.photos,
    version = session_report.version + 1
"""
ID_USED = "SELECT EXISTS (SELECT FROM report_id WHERE report_id = $1)"
COUNT_ATTENDED = """
SELECT count(*) FROM counted_head AS head JOIN counted_session USING (session_id)
WHERE person_id = $1 AND uncounted_by IS NULL AND head.region >= $2 AND head.region < $3 AND day BETWEEN $4 AND $5
"""
IS_REQUESTED = "SELECT EXISTS (SELECT FROM certificate_request WHERE attendance_certificate_id = $1)"
ADD_REQUEST = """
INSERT INTO certificate_request (attendance_certificate_id, person_id, since, until, sessions, region)
VALUES ($1, $2, $3, $4, $5, $6)
"""
FIND_PLACE = "SELECT name FROM site WHERE site_id = $1"
COUNT_DECLARED = "SELECT declared FROM counted_session WHERE session_id = $1"

_costs: Final = TypeAdapter(tuple[Cost, ...])
_photos: Final = TypeAdapter(tuple[Photo, ...])


@dataclass(frozen=True, slots=True)
class Added:
    """What people added to the facts."""

    costs: tuple[Cost, ...] = ()
    photos: tuple[Photo, ...] = ()


async def set_report(tx: Transaction, report: RecordSessionReport, region: str) -> None:
    costs, photos = _costs.dump_json(report.costs).decode(), _photos.dump_json(report.photos).decode()
    await tx.execute(SET_REPORT, report.session_id, report.report_id, costs, photos, region)


async def id_used(tx: Transaction, report_id: UUID) -> bool:
    return bool(await tx.value(ID_USED, report_id))


async def find_added(tx: Transaction, session_id: UUID) -> Added:
    row = await tx.find(FIND_REPORT, session_id)
    return Added(_costs.validate_json(row["costs"]), _photos.validate_json(row["photos"])) if row else Added()


async def find_place(tx: Transaction, site_id: UUID) -> str:
    """The site's name as registry stated it; a dash while sites are read anew."""
    return str(await tx.value(FIND_PLACE, site_id) or "—")


async def count_declared(tx: Transaction, session_id: UUID) -> int:
    return int(await tx.value(COUNT_DECLARED, session_id) or 0)


async def count_attended(tx: Transaction, asked: RequestAttendanceCertificate) -> int:
    """Counted sessions of the region and time to which the person came."""
    return int(await tx.value(COUNT_ATTENDED, asked.person_id, *bounds(asked.region), asked.since, asked.until))


async def is_requested(tx: Transaction, certificate_id: UUID) -> bool:
    return bool(await tx.value(IS_REQUESTED, certificate_id))


async def add_request(tx: Transaction, asked: RequestAttendanceCertificate, sessions: int) -> None:
    await tx.execute(
        ADD_REQUEST,
        *(asked.attendance_certificate_id, asked.person_id, asked.since, asked.until, sessions, asked.region),
    )
