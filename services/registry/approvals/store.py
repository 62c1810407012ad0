"""All SQL about opening records. Cases stay; what was asked and why is sealed, and never rewritten."""

from datetime import date, datetime
from uuid import UUID

from asyncpg import Record

from contracts.data import AgeBand
from contracts.region import bounds
from contracts.registry.v1 import AccessStatus, ListRecordAccesses, PostKind
from services.chassis import Transaction
from services.registry.approvals.rules import Access, Authority

FIND_SUBJECT = "SELECT region, age_band FROM person WHERE person_id = $1 AND erased_at IS NULL"
COLUMNS = """
record_access_id, person_id, region, requester_id, reason, minutes, status, asked_at, expires_at,
reviewed_by IS NOT NULL AS reviewed, version
"""
LOCK_ACCESS = f"SELECT {COLUMNS} FROM record_access WHERE record_access_id = $1 FOR UPDATE"
FIND_OPEN = f"""
SELECT {COLUMNS} FROM record_access
WHERE requester_id = $1 AND person_id = $2 AND expires_at > $3 AND status IN ('approved', 'opened')
ORDER BY status, expires_at DESC LIMIT 1
"""
ADD_ACCESS = """
INSERT INTO record_access (record_access_id, person_id, region, requester_id, reason, reason_text, reason_sealed,
    minutes, status, asked_at, expires_at, review_by, version)
VALUES ($1, $2, $3, $4, $5, '-', $6, $7, $8, $9, $10, $11, 1)
ON CONFLICT DO NOTHING
"""
SET_DECIDED = """
UPDATE record_access SET status = $2, decided_by = $3, expires_at = $4, version = $5 WHERE record_access_id = $1
"""
SET_REVIEWED = """
UPDATE record_access SET reviewed_by = $2, justified = $3, review_note = '-', note_sealed = $4, version = $5
WHERE record_access_id = $1
"""
SET_VERSION = "UPDATE record_access SET version = $2 WHERE record_access_id = $1"
LIST_AUTHORITIES = """
SELECT region, post, NULL::uuid AS holder_id FROM appointment JOIN unit USING (unit_id)
WHERE person_id = $1 AND daterange(since, until, '[]') @> $2::date
UNION ALL
SELECT region, post, appointment.person_id
FROM delegation JOIN appointment USING (appointment_id) JOIN unit USING (unit_id)
WHERE delegation.person_id = $1 AND ended_at IS NULL AND daterange(delegation.since, delegation.until, '[]') @> $2::date
  AND daterange(appointment.since, appointment.until, '[]') @> $2::date
"""
LIST_ACCESSES = """
SELECT record_access_id, person_id, requester_id, reason, reason_text, reason_sealed, minutes, status, asked_at,
    decided_by, expires_at, review_by, reviewed_by, justified
FROM record_access
WHERE region >= $1 AND region < $2 AND ($3::uuid IS NULL OR (asked_at, record_access_id) <
      (SELECT asked_at, record_access_id FROM record_access WHERE record_access_id = $3))
  AND (NOT $4 OR status = 'requested' OR (status = 'opened' AND reviewed_by IS NULL))
ORDER BY asked_at DESC, record_access_id DESC LIMIT $5
"""
LIST_OPEN_WORDS = """
SELECT record_access_id, person_id, reason_text, review_note FROM record_access
WHERE reason_text <> '-' OR review_note <> '-' ORDER BY record_access_id LIMIT $1 FOR NO KEY UPDATE
"""
SET_SEALED = """
UPDATE record_access SET reason_sealed = coalesce(reason_sealed, $2), note_sealed = coalesce(note_sealed, $3),
    reason_text = '-', review_note = CASE WHEN review_note IS NOT NULL THEN '-' END
WHERE record_access_id = $1
"""


async def find_subject(tx: Transaction, person_id: UUID) -> tuple[str, AgeBand] | None:
    """Region and age band of a person."""
    row = await tx.find(FIND_SUBJECT, person_id)
    return (row["region"], AgeBand(row["age_band"])) if row else None


async def lock_access(tx: Transaction, record_access_id: UUID) -> Access | None:
    row = await tx.find(LOCK_ACCESS, record_access_id)
    return access_of(row) if row else None


async def find_open(tx: Transaction, requester_id: UUID, person_id: UUID) -> Access | None:
    """The case by which somebody may read a record now: an approved one before one by break-glass."""
    row = await tx.find(FIND_OPEN, requester_id, person_id, tx.now)
    return access_of(row) if row else None


async def add_access(tx: Transaction, access: Access, reason: bytes, review_by: datetime | None = None) -> bool:
    """False when the id is taken."""
    added = await tx.execute(
        ADD_ACCESS,
        access.record_access_id,
        access.person_id,
        access.region,
        access.requester_id,
        access.reason,
        reason,
        access.minutes,
        access.status,
        access.asked_at,
        access.expires_at,
        review_by,
    )
    return bool(added)


async def set_decided(tx: Transaction, access: Access, decided_by: UUID) -> None:
    """Writes status, end and version of a decided case."""
    await tx.execute(SET_DECIDED, access.record_access_id, access.status, decided_by, access.expires_at, access.version)


async def set_reviewed(tx: Transaction, access: Access, reviewed_by: UUID, justified: bool, note: bytes | None) -> None:
    await tx.execute(SET_REVIEWED, access.record_access_id, reviewed_by, justified, note, access.version)


async def set_version(tx: Transaction, access: Access) -> None:
    await tx.execute(SET_VERSION, access.record_access_id, access.version)


async def list_authorities(tx: Transaction, person_id: UUID, today: date) -> list[Authority]:
    """The posts somebody has or stands in for on a day, as far as the scope she acts in shows them."""
    rows = await tx.fetch(LIST_AUTHORITIES, person_id, today)
    return [Authority(row["region"], PostKind(row["post"]), row["holder_id"]) for row in rows]


async def list_accesses(tx: Transaction, query: ListRecordAccesses) -> list[Record]:
    """The fields of an entry, with `reason_sealed`."""
    return await tx.fetch(LIST_ACCESSES, *bounds(query.region), query.before, query.waiting, query.limit)


async def list_open_words(tx: Transaction, most: int) -> list[Record]:
    """Cases of an earlier release whose words lie open, locked."""
    return await tx.fetch(LIST_OPEN_WORDS, most)


async def set_sealed(tx: Transaction, record_access_id: UUID, reason: bytes | None, note: bytes | None) -> None:
    """Keeps the words sealed, or lets go of them, and leaves none open."""
    await tx.execute(SET_SEALED, record_access_id, reason, note)


def access_of(row: Record) -> Access:
    return Access(**dict(row) | {"status": AccessStatus(row["status"])})
