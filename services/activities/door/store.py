"""All SQL of the door: the secret of its codes, who has a pass, and what its screen shows."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.chassis import Transaction

FIND_SECRET = "SELECT secret FROM door_key"
LIST_SEATED = """
SELECT session_id, person_id FROM participant JOIN enrolment USING (enrolment_id, session_id)
WHERE session_id = ANY ($1::uuid[]) AND enrolment.status = 'confirmed'
"""
# What the screen shows, as one number a table: cheap enough to ask every few seconds, and any change changes it.
FIND_VERSION = """
SELECT session.version,
    (SELECT coalesce(bit_xor(hashtextextended(attendance_id::text, version)), 0) FROM attendance
     WHERE session_id = $1 AND reverted_at IS NULL) AS came,
    (SELECT coalesce(bit_xor(hashtextextended(enrolment_id::text, version)), 0) FROM enrolment
     WHERE session_id = $1 AND status = 'confirmed') AS seated,
    (SELECT coalesce(bit_xor(hashtextextended(absence_id::text, version)), 0) FROM excuse
     WHERE session_id = $1) AS excused,
    (SELECT coalesce(bit_xor(hashtextextended(note_id::text, 0)), 0) FROM health_note
     WHERE site_id = session.site_id) AS noted,
    (SELECT heads FROM headcount WHERE session_id = $1 ORDER BY place DESC LIMIT 1) AS heads,
    (SELECT coalesce(bit_xor(hashtextextended(person_id::text, 1)), 0) FROM participant JOIN person USING (person_id)
     WHERE session_id = $1 AND person.photos_agreed) AS shown
FROM session WHERE session_id = $1
"""
LIST_EXPECTED = """
SELECT person_id, participant.enrolment_id, age_band, photos_agreed
FROM participant JOIN enrolment USING (enrolment_id, session_id) LEFT JOIN person USING (person_id)
WHERE session_id = $1 AND enrolment.status = 'confirmed' ORDER BY enrolment.arrival, person_id LIMIT $2
"""
LIST_CAME = """
SELECT person_id, checked_in_at, checked_out_at, walk_in, age_band, photos_agreed
FROM attendance LEFT JOIN person USING (person_id)
WHERE session_id = $1 AND reverted_at IS NULL ORDER BY checked_in_at, person_id LIMIT $2
"""
LIST_EXCUSED = "SELECT person_id FROM excuse WHERE session_id = $1 AND excused"
LIST_NOTED = "SELECT child_id FROM health_note WHERE site_id = $1 AND until >= $2"


async def find_secret(tx: Transaction) -> bytes:
    secret: bytes = await tx.value(FIND_SECRET)
    return secret


async def list_seated(tx: Transaction, sessions: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """(session, person) of everybody with a confirmed seat."""
    if not sessions:
        return []
    return [(row["session_id"], row["person_id"]) for row in await tx.fetch(LIST_SEATED, list(sessions))]


async def find_version(tx: Transaction, session_id: UUID) -> Record:
    """One number for each thing that the screen shows, and the heads declared."""
    [row] = await tx.fetch(FIND_VERSION, session_id)
    return row


async def list_expected(tx: Transaction, session_id: UUID, most: int) -> list[dict[str, Any]]:
    """Whoever has a confirmed seat, in order of arrival: person_id, enrolment_id, age_band, photos_agreed."""
    return [dict(row) for row in await tx.fetch(LIST_EXPECTED, session_id, most)]


async def list_came(tx: Transaction, session_id: UUID, most: int) -> list[dict[str, Any]]:
    """Whoever came: person_id, checked_in_at, checked_out_at, walk_in, age_band, photos_agreed."""
    return [dict(row) for row in await tx.fetch(LIST_CAME, session_id, most)]


async def list_excused(tx: Transaction, session_id: UUID) -> set[UUID]:
    return {row["person_id"] for row in await tx.fetch(LIST_EXCUSED, session_id)}


async def list_noted(tx: Transaction, site_id: UUID, day: date) -> set[UUID]:
    """Children of whom there is a health note at a site on a day."""
    return {row["child_id"] for row in await tx.fetch(LIST_NOTED, site_id, day)}
