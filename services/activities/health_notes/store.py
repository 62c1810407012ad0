"""All SQL about health notes. What a note says is read by one statement alone."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import GiveHealthNote
from services.activities.sessions.rules import Session
from services.chassis import Transaction

FIND_NOTE = "SELECT note_id, child_id, site_id, given_by, until, region FROM health_note WHERE note_id = $1"
ERASE_OLD = "DELETE FROM health_note WHERE child_id = $1 AND site_id = $2"
ADD_NOTE = """
INSERT INTO health_note (note_id, child_id, site_id, given_by, given_at, until, sealed, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
LIST_OPEN = "SELECT note_id, child_id, text FROM health_note WHERE text IS NOT NULL ORDER BY note_id LIMIT $1"
SET_SEALED = """
UPDATE health_note SET sealed = new.sealed, text = NULL FROM unnest($1::uuid[], $2::bytea[]) AS new (id, sealed)
WHERE note_id = new.id AND text IS NOT NULL
"""
ERASE_NOTES = "DELETE FROM health_note WHERE note_id = ANY ($1::uuid[])"
ERASE_OF_CHILDREN = "DELETE FROM health_note WHERE child_id = ANY ($1::uuid[])"
ERASE_OVER = "DELETE FROM health_note WHERE note_id = ANY ($1::uuid[]) AND until < $2"
READ_NOTES = """
SELECT note_id, child_id, sealed FROM health_note
WHERE sealed IS NOT NULL AND site_id = $2 AND until >= $3 AND (
    EXISTS (SELECT FROM participant JOIN enrolment USING (enrolment_id, session_id)
            WHERE participant.session_id = $1 AND person_id = child_id AND enrolment.status = 'confirmed')
    OR EXISTS (SELECT FROM attendance WHERE session_id = $1 AND person_id = child_id AND reverted_at IS NULL))
ORDER BY child_id
"""


async def find_note(tx: Transaction, note_id: UUID) -> Record | None:
    """note_id, child_id, site_id, given_by, until, region; not what it says."""
    return await tx.find(FIND_NOTE, note_id)


async def replace_note(tx: Transaction, command: GiveHealthNote, sealed: bytes, region: str) -> None:
    """Erases what was noted before of the child at the site; the child's row is locked."""
    await tx.execute(ERASE_OLD, command.child_id, command.site_id)
    await tx.execute(
        ADD_NOTE,
        *(command.note_id, command.child_id, command.site_id, command.given_by, tx.now, command.until, sealed),
        region,
    )


async def erase_notes(tx: Transaction, notes: Collection[UUID]) -> None:
    await tx.execute(ERASE_NOTES, list(notes))


async def erase_notes_of(tx: Transaction, children: Collection[UUID]) -> None:
    """Whatever was told of the health of these children, at any site."""
    if children:
        await tx.execute(ERASE_OF_CHILDREN, list(children))


async def erase_over(tx: Transaction, notes: list[UUID], today: date) -> None:
    """Erases those of these notes whose last day is over."""
    await tx.execute(ERASE_OVER, notes, today)


async def read_notes(tx: Transaction, session: Session, day: date) -> list[Record]:
    """note_id, child_id and what is sealed, of the children who have a seat in the session or came to it."""
    return await tx.fetch(READ_NOTES, session.session_id, session.site_id, day)


async def list_open(tx: Transaction, most: int) -> list[Record]:
    """Notes of an earlier release whose text lies open: note_id, child_id, text."""
    return await tx.fetch(LIST_OPEN, most)


async def set_sealed(tx: Transaction, sealed: Mapping[UUID, bytes]) -> None:
    """Keeps what the notes say sealed, and no longer open."""
    await tx.execute(SET_SEALED, list(sealed), list(sealed.values()))
