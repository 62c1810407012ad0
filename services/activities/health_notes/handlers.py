"""What activities does when a guardian tells of a child's health, and when those on duty read it (A28).

What a note says is in no event, no log and no stored answer, and in the database sealed alone.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from contracts.activities.v1 import (
    GiveHealthNote,
    HealthNote,
    HealthNotes,
    HealthNoteState,
    ReadHealthNotes,
    WithdrawHealthNote,
)
from contracts.audit import AuditAction
from contracts.message import Part
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.attendance.handlers import person_of
from services.activities.calendar.rules import over_at
from services.activities.custody.rules import by_guardian
from services.activities.custody.store import find_kin, find_site_region, is_on_duty, lock_child
from services.activities.health_notes import rules, store
from services.activities.health_notes.sealing import PURPOSE, seal_text
from services.activities.sealing import fetch_keys, opened
from services.activities.sessions.scope import find_permitted
from services.chassis import Due, Transaction, clock
from services.chassis.access import decide
from services.chassis.handlers import Ask

OVER: Final = "health-note-over"


@activities.decides(GiveHealthNote, first=seal_text)
async def give_health_note(command: GiveHealthNote, tx: Transaction, sealed: bytes | None) -> HealthNoteState | Refusal:
    region = await find_site_region(tx, command.site_id)
    if region is None:
        return Refusal("unknown-site", site_id=str(command.site_id))
    await lock_child(tx, command.child_id)
    child = (await find_kin(tx, [command.child_id])).get(command.child_id)
    refusal = (
        decide(tx.actor, command.contract.permission, region)
        or by_guardian(command.child_id, child, command.given_by)
        or rules.may_keep(command.until, clock.day_of(tx.now))
    )
    if refusal is None and await store.find_note(tx, command.note_id):
        refusal = Refusal("health-note-exists", note_id=str(command.note_id))
    if refusal:
        return refusal
    if sealed is None:
        return Refusal("unknown-person", person_id=str(command.child_id))

    await store.replace_note(tx, command, sealed, region)
    tx.set_timer(OVER, command.note_id, over_at(command.until))
    return HealthNoteState(**command.model_dump(exclude={"given_by", "text"}), version=1)


@activities.decides(WithdrawHealthNote)
async def withdraw_health_note(command: WithdrawHealthNote, tx: Transaction) -> HealthNoteState | Refusal:
    note = await store.find_note(tx, command.note_id)
    if note is None:
        return Refusal("unknown-health-note")
    await lock_child(tx, note["child_id"])
    child = (await find_kin(tx, [note["child_id"]])).get(note["child_id"])
    refusal = decide(tx.actor, command.contract.permission, note["region"])
    if refusal is None and command.given_by not in (note["given_by"], child.guardian_id if child else None):
        refusal = Refusal("not-the-guardian")
    if refusal:
        return refusal

    await store.erase_notes(tx, [command.note_id])
    return HealthNoteState(
        note_id=note["note_id"], child_id=note["child_id"], site_id=note["site_id"], until=note["until"], version=2
    )


@activities.when_due(OVER)
async def erase_what_is_over(due: Sequence[Due], tx: Transaction) -> None:
    await store.erase_over(tx, [each.key for each in due], clock.day_of(tx.now))


class Sealed(Part):
    """Notes on their way out of the transaction: note, child, and what is sealed."""

    session_id: UUID
    notes: tuple[tuple[UUID, UUID, bytes], ...]


async def open_notes(read: Sealed, ask: Ask) -> HealthNotes:
    """What was audited and committed is opened now; a child who was erased meanwhile is left out."""
    keys = await fetch_keys({child for _, child, _ in read.notes}, ask, PURPOSE)
    texts = [(child, opened(keys[child], note, text)) for note, child, text in read.notes if child in keys]
    notes = tuple(HealthNote(child_id=child, text=text) for child, text in texts if text is not None)
    return HealthNotes(session_id=read.session_id, notes=notes)


@activities.answers(ReadHealthNotes, audited=True, then=open_notes)
async def read_health_notes(query: ReadHealthNotes, tx: Transaction) -> Sealed | Refusal:
    session = await find_permitted(tx, query)
    if isinstance(session, Refusal):
        return session
    today, reader = clock.day_of(tx.now), person_of(tx.actor.id)
    on_duty = reader is not None and await is_on_duty(tx, session, reader, today)
    refusal = rules.may_read(session, on_duty, today)
    if refusal:
        return refusal
    rows = await store.read_notes(tx, session, today)
    children = [row["child_id"] for row in rows]
    await tx.audit(
        AuditAction.RECORD_READ, about=children, thing=session.session_id, region=session.region, reason="health-note"
    )
    return Sealed(session_id=session.session_id, notes=tuple(map(tuple, rows)))
