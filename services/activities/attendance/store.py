"""All SQL about attendance and the scans it is made of."""

from collections.abc import Collection, Sequence
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import DeclareHeadcount
from services.activities.attendance.rules import Attendance, Scan, Shown
from services.chassis import Transaction

FIND_SCANNED = """
SELECT client_id, scan.session_id, scan.person_id, mark, scan.attendance_id
FROM scan WHERE client_id = ANY ($1::uuid[])
"""
FIND_ATTENDANCES = """
SELECT attendance_id, session_id, person_id, checked_in_at, checked_out_at, reverted_at, version, walk_in, flagged
FROM attendance WHERE attendance_id = ANY ($1::uuid[])
"""
# LIMIT in a LATERAL is one index probe a place; a plain join reads the whole table until it has statistics.
FIND_PRESENT = """
SELECT came.* FROM unnest($1::uuid[], $2::uuid[]) AS asked (session_id, person_id) CROSS JOIN LATERAL (
    SELECT attendance_id, session_id, person_id, checked_in_at, checked_out_at, reverted_at, version, walk_in, flagged
    FROM attendance
    WHERE session_id = asked.session_id AND person_id = asked.person_id AND reverted_at IS NULL LIMIT 1) AS came
"""
FIND_EXPECTED = """
SELECT asked.session_id, asked.person_id
FROM unnest($1::uuid[], $2::uuid[]) AS asked (session_id, person_id) CROSS JOIN LATERAL (
    SELECT enrolment_id FROM participant
    WHERE session_id = asked.session_id AND person_id = asked.person_id LIMIT 1) AS held CROSS JOIN LATERAL (
    SELECT FROM enrolment WHERE enrolment_id = held.enrolment_id AND status = 'confirmed' LIMIT 1) AS seat
"""
FIND_AWAITING = """
SELECT session_id, person_id, enrolment_id FROM participant
JOIN unnest($1::uuid[], $2::uuid[]) AS asked (session_id, person_id) USING (session_id, person_id)
"""
# Of several on that day and site the first.
FIND_ELSEWHERE = """
SELECT DISTINCT ON (here.session_id, asked.person_id) here.session_id, asked.person_id, other.session_id AS elsewhere
FROM unnest($1::uuid[], $2::uuid[]) AS asked (session_id, person_id)
JOIN session AS here ON here.session_id = asked.session_id
JOIN session AS other ON other.site_id = here.site_id AND other.session_id <> here.session_id
    AND other.status = 'published'
    AND other.starts_at >= date_trunc('day', here.starts_at, 'Asia/Shanghai')
    AND other.starts_at < date_trunc('day', here.starts_at, 'Asia/Shanghai') + interval '1 day'
JOIN participant ON participant.session_id = other.session_id AND participant.person_id = asked.person_id
JOIN enrolment ON enrolment.enrolment_id = participant.enrolment_id AND enrolment.status = 'confirmed'
ORDER BY here.session_id, asked.person_id, other.starts_at
"""
SET_ATTENDANCES = """
INSERT INTO attendance (attendance_id, session_id, person_id, checked_in_at, checked_out_at, version, walk_in, flagged,
    region)
SELECT *, (SELECT region FROM session WHERE session.session_id = new.session_id)
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::int[], $7::bool[], $8::bool[])
    AS new (attendance_id, session_id, person_id, checked_in_at, checked_out_at, version, walk_in, flagged)
ON CONFLICT (attendance_id) DO UPDATE
SET checked_out_at = EXCLUDED.checked_out_at, version = EXCLUDED.version, flagged = EXCLUDED.flagged
"""
ADD_SCANS = """
INSERT INTO scan (client_id, session_id, person_id, mark, method, attendance_id, occurred_at, evidence, minutes,
    device_id, skew_seconds, received_at, region)
SELECT *, $12, (SELECT region FROM session WHERE session.session_id = new.session_id)
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::timestamptz[], $8::text[],
    $9::int[], $10::uuid[], $11::int[])
    AS new (client_id, session_id, person_id, mark, method, attendance_id, occurred_at, evidence, minutes, device_id,
        skew_seconds)
"""
FIND_SESSION_OF = "SELECT session_id FROM attendance WHERE attendance_id = $1"
REVERT_ATTENDANCE = """
UPDATE attendance SET reverted_at = $2, reverted_by = $3, version = version + 1 WHERE attendance_id = $1
"""
FIND_EXCUSE = "SELECT absence_id, excused, version FROM excuse WHERE session_id = $1 AND person_id = $2"
SET_EXCUSE = """
INSERT INTO excuse (absence_id, session_id, person_id, excused, at, by, version, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (absence_id) DO UPDATE
SET excused = EXCLUDED.excused, at = EXCLUDED.at, by = EXCLUDED.by, version = EXCLUDED.version
"""
IS_HEADCOUNT = "SELECT EXISTS (SELECT FROM headcount WHERE headcount_id = $1)"
ADD_HEADCOUNT = """
INSERT INTO headcount (headcount_id, session_id, heads, method, evidence, declared_by, declared_at, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
FIND_INSIDE = """
SELECT person_id FROM attendance WHERE session_id = $1 AND reverted_at IS NULL AND checked_out_at IS NULL
"""

ScanKey = tuple[UUID, UUID, UUID, str]
Place = tuple[UUID, UUID]


def key_of(scan: Scan) -> ScanKey:
    """What makes two uploads the same scan: its id on the device and what it says."""
    return scan.client_id, scan.session_id, scan.person_id, scan.mark.value


async def find_scanned(tx: Transaction, scans: Collection[Shown]) -> dict[ScanKey, UUID]:
    """The attendance that each of these scans, where it counted before, belongs to."""
    rows = await tx.fetch(FIND_SCANNED, [scan.client_id for scan in scans])
    return {(row["client_id"], row["session_id"], row["person_id"], row["mark"]): row["attendance_id"] for row in rows}


async def find_attendances(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Attendance]:
    if not ids:
        return {}
    return {row["attendance_id"]: _attendance(row) for row in await tx.fetch(FIND_ATTENDANCES, list(ids))}


async def find_present(tx: Transaction, places: Collection[Place]) -> dict[Place, Attendance]:
    """By (session, person): the attendance that was not reverted."""
    rows = await tx.fetch(FIND_PRESENT, *_columns(places))
    return {(row["session_id"], row["person_id"]): _attendance(row) for row in rows}


async def find_expected(tx: Transaction, places: Collection[Place]) -> set[Place]:
    """Those of (session, person) that have a confirmed seat."""
    return {(row["session_id"], row["person_id"]) for row in await tx.fetch(FIND_EXPECTED, *_columns(places))}


async def find_awaiting(tx: Transaction, places: Collection[Place]) -> dict[Place, UUID]:
    """By (session, person): the enrolment by which she has, is offered or awaits a seat."""
    if not places:
        return {}
    rows = await tx.fetch(FIND_AWAITING, *_columns(places))
    return {(row["session_id"], row["person_id"]): row["enrolment_id"] for row in rows}


async def find_elsewhere(tx: Transaction, places: Collection[Place]) -> dict[Place, UUID]:
    """By (session, person): another session of that local day and site where she has a confirmed seat."""
    if not places:
        return {}
    rows = await tx.fetch(FIND_ELSEWHERE, *_columns(places))
    return {(row["session_id"], row["person_id"]): row["elsewhere"] for row in rows}


async def set_attendances(tx: Transaction, attendances: Collection[Attendance]) -> None:
    rows = [
        (
            each.attendance_id,
            each.session_id,
            each.person_id,
            each.checked_in_at,
            each.checked_out_at,
            each.version,
            each.walk_in,
            each.flagged,
        )
        for each in attendances
    ]
    await tx.execute(SET_ATTENDANCES, *map(list, zip(*rows, strict=True)))


async def add_scans(tx: Transaction, scans: Sequence[tuple[Scan, Attendance]]) -> None:
    """Keeps each scan with both clocks: the device's, set right, with what it was off by, and the service's."""
    rows = [
        (
            *key_of(scan),
            scan.method.value,
            attendance.attendance_id,
            scan.occurred_at,
            scan.evidence,
            scan.minutes,
            scan.device.device_id,
            int(scan.device.skew.total_seconds()),
        )
        for scan, attendance in scans
    ]
    await tx.execute(ADD_SCANS, *map(list, zip(*rows, strict=True)), tx.now)


async def find_session_of(tx: Transaction, attendance_id: UUID) -> UUID | None:
    session_id: UUID | None = await tx.value(FIND_SESSION_OF, attendance_id)
    return session_id


async def revert_attendance(tx: Transaction, attendance_id: UUID) -> None:
    await tx.execute(REVERT_ATTENDANCE, attendance_id, tx.now, tx.actor.id)


async def find_inside(tx: Transaction, session_id: UUID) -> set[UUID]:
    """People who checked in and have not left."""
    return {row["person_id"] for row in await tx.fetch(FIND_INSIDE, session_id)}


async def find_excuse(tx: Transaction, session_id: UUID, person_id: UUID) -> Record | None:
    """absence_id, excused, version; the session's row is locked."""
    return await tx.find(FIND_EXCUSE, session_id, person_id)


async def set_excuse(tx: Transaction, absence_id: UUID, place: Place, excused: bool, version: int, region: str) -> None:
    await tx.execute(SET_EXCUSE, absence_id, *place, excused, tx.now, tx.actor.id, version, region)


async def is_headcount(tx: Transaction, headcount_id: UUID) -> bool:
    return bool(await tx.value(IS_HEADCOUNT, headcount_id))


async def add_headcount(tx: Transaction, command: DeclareHeadcount, region: str) -> None:
    await tx.execute(
        ADD_HEADCOUNT,
        *(command.headcount_id, command.session_id, command.heads, command.method.value, command.evidence),
        *(tx.actor.id, tx.now, region),
    )


def _columns(places: Collection[Place]) -> tuple[list[UUID], list[UUID]]:
    return [session_id for session_id, _ in places], [person_id for _, person_id in places]


def _attendance(row: Record) -> Attendance:
    return Attendance(**dict(row))
