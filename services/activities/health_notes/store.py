"""All SQL about health notes. What a note says is read by one statement alone."""

from datetime import date
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import GiveHealthNote
from services.activities.sessions.rules import Session
from services.chassis import Transaction

FIND_NOTE = "SELECT note_id, child_id, site_id, given_by, until, region FROM health_note WHERE note_id = $1"
ERASE_OLD = "DELETE FROM health_note WHERE child_id = $1 AND site_id = $2"
ADD_NOTE = """
INSERT INTO health_note (note_id, child_id, site_id, given_by, given_at, until, text, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
ERASE_NOTES = "DELETE FROM health_note WHERE note_id = ANY ($1::uuid[])"
ERASE_OVER = "DELETE FROM health_note WHERE note_id = ANY ($1::uuid[]) AND until < $2"
READ_NOTES = """
SELECT child_id, text FROM health_note
WHERE site_id = $2 AND until >= $3 AND (
    EXISTS (SELECT FROM participant JOIN enrolment USING (enrolment_id, session_id)
            WHERE participant.session_id = $1 AND person_id = child_id AND enrolment.status = 'confirmed')
    OR EXISTS (SELECT FROM attendance WHERE session_id = $1 AND person_id = child_id AND reverted_at IS NULL))
ORDER BY child_id
"""


async def find_note(tx: Transaction, note_id: UUID) -> Record | None:
    """note_id, child_id, site_id, given_by, until, region; not what it says."""
    return await tx.find(FIND_NOTE, note_id)


async def replace_note(tx: Transaction, command: GiveHealthNote, region: str) -> None:
    """Erases what was noted before of the child at the site; the child's row is locked."""
    await tx.execute(ERASE_OLD, command.child_id, command.site_id)
    await tx.execute(
        ADD_NOTE,
        *(command.note_id, command.child_id, command.site_id, command.given_by, tx.now, command.until, command.text),
        region,
    )


async def erase_note(tx: Transaction, note_id: UUID) -> None:
    await tx.execute(ERASE_NOTES, [note_id])


async def erase_over(tx: Transaction, notes: list[UUID], today: date) -> None:
    """Erases those of these notes whose last day is over."""
    await tx.execute(ERASE_OVER, notes, today)


async def read_notes(tx: Transaction, session: Session, day: date) -> list[Record]:
    """child_id and text of the children who have a seat in the session or came to it."""
    return await tx.fetch(READ_NOTES, session.session_id, session.site_id, day)
