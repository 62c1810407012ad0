"""What activities does when households are visited, when a follow-up is due, and when somebody looks (A36)."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from contracts.activities.v1 import (
    CloseFollowUp,
    CountVisits,
    FindingCount,
    FollowUpClosed,
    FollowUpList,
    FollowUpOpened,
    FollowUpOverdue,
    FollowUpState,
    FollowUpStatus,
    ListFollowUps,
    ListVisits,
    ReadVisitNote,
    RecordVisit,
    VisitCounts,
    VisitList,
    VisitMade,
    VisitNote,
    VisitState,
)
from contracts.audit import AuditAction
from contracts.message import Part
from contracts.refusals import Refusal, Refused
from services.activities import activities
from services.activities import store as replicas
from services.activities.calendar.rules import over_at
from services.activities.counting import figures
from services.activities.counting.suppression import is_small, withheld
from services.activities.programmes.store import find_unknown_programme
from services.activities.sealing import fetch_keys, opened, sealed
from services.activities.visits import rules, store
from services.chassis import Due, Transaction
from services.chassis.access import decide
from services.chassis.clock import day_of
from services.chassis.handlers import Ask

DUE: Final = "follow-up-due"
OVER: Final = "visit-note-over"
PURPOSE: Final = "visit-note"


async def seal_note(command: RecordVisit, ask: Ask) -> bytes | None:
    """The note sealed for the person by whom the household is known; None where there is no such person or note."""
    if command.note is None or command.contact_id is None:
        return None
    key = (await fetch_keys([command.contact_id], ask, PURPOSE)).get(command.contact_id)
    return sealed(key, command.visit_id, command.note) if key else None


@activities.decides(RecordVisit, first=seal_note)
async def record_visit(command: RecordVisit, tx: Transaction, note: bytes | None) -> VisitState | Refusal:
    denied = decide(tx.actor, command.contract.permission, command.region)
    if denied:
        return denied
    refusal = await _refuse(tx, command)
    # Read last: what a rival with the same visit took meanwhile is taken by this very visit.
    visit, known = rules.state_of(command), await store.find_visit(tx, command.visit_id)
    if known is not None:
        return known if known == visit else Refusal("visit-exists", visit_id=str(command.visit_id))
    if refusal:
        return refusal

    await store.add_visit(tx, visit)
    if command.note is not None:
        if note is None and command.contact_id is not None:
            return Refusal("unknown-person", person_id=str(command.contact_id))
        until = rules.note_until(command, day_of(tx.now))
        await store.add_note(tx, visit, command.note, note, until)
        tx.set_timer(OVER, visit.visit_id, over_at(until))
    if command.follow_ups:
        await store.add_follow_ups(tx, visit, command.follow_ups)
    tx.say(VisitMade(**visit.model_dump(exclude={"region", "contact_id", "version"})), region=visit.region, version=1)
    for each in command.follow_ups:
        tx.set_timer(DUE, each.follow_up_id, rules.overdue_at(each.due_on))
        tx.say(FollowUpOpened(**each.model_dump(), visit_id=visit.visit_id), region=visit.region, version=1)
    return visit


async def _refuse(tx: Transaction, command: RecordVisit) -> Refusal | None:
    people = {*command.visitors, *(each.assignee_id for each in command.follow_ups), command.contact_id} - {None}
    known = await replicas.find_people(tx, [each for each in people if each])
    refusal = rules.may_record(command, known, tx.now)
    if refusal:
        return refusal
    if command.programme_id and await find_unknown_programme(tx, {command.programme_id}):
        return Refusal("unknown-programme", programme_id=str(command.programme_id))
    ids = [each.follow_up_id for each in command.follow_ups]
    taken = ids[0] if len(set(ids)) < len(ids) else await store.find_taken(tx, command.follow_ups)
    return Refusal("follow-up-exists", follow_up_id=str(taken)) if taken else None


@activities.decides(CloseFollowUp)
async def close_follow_up(command: CloseFollowUp, tx: Transaction) -> FollowUpState | Refusal:
    for known in await store.lock_follow_ups(tx, [command.follow_up_id]):
        refusal = decide(tx.actor, command.contract.permission, known.region) or rules.may_close(known)
        if refusal:
            return refusal
        now = rules.closed(known.state, command)
        await store.close_follow_up(tx, now)
        fact = FollowUpClosed(
            follow_up_id=now.follow_up_id, visit_id=now.visit_id, status=now.status, result=command.result
        )
        tx.say(fact, region=known.region, version=now.version)
        return now
    return Refusal("unknown-follow-up", follow_up_id=str(command.follow_up_id))


@activities.when_due(DUE)
async def tell_of_overdue(due: Sequence[Due], tx: Transaction) -> None:
    """Once each; what was closed meanwhile is left as it is."""
    late = [
        each
        for each in await store.lock_follow_ups(tx, [one.key for one in due])
        if each.state.status is FollowUpStatus.OPEN and rules.overdue_at(each.state.due_on) <= tx.now
    ]
    await store.set_overdue(tx, [each.state.follow_up_id for each in late])
    for each in late:
        state = each.state
        fact = FollowUpOverdue(
            follow_up_id=state.follow_up_id,
            visit_id=state.visit_id,
            unit_id=each.unit_id,
            measure=state.measure,
            assignee_id=state.assignee_id,
            due_on=state.due_on,
        )
        tx.say(fact, region=each.region, version=state.version + 1, cause=tx.because_of(state.follow_up_id))


@activities.when_due(OVER)
async def erase_what_is_over(due: Sequence[Due], tx: Transaction) -> None:
    await store.erase_notes(tx, [each.key for each in due], day_of(tx.now))


class SealedNote(Part):
    """A note on its way out of the transaction."""

    visit_id: UUID
    contact_id: UUID | None
    text: str | None
    sealed: bytes | None
    until: date


async def open_note(read: SealedNote, ask: Ask) -> VisitNote:
    """What was audited and committed is opened now. Raises Refused("no-note") once the person is erased."""
    text = read.text
    if read.sealed is not None and read.contact_id is not None:
        key = (await fetch_keys([read.contact_id], ask, PURPOSE)).get(read.contact_id)
        text = opened(key, read.visit_id, read.sealed) if key else None
    if text is None:
        raise Refused("no-note")
    return VisitNote(visit_id=read.visit_id, note=text, until=read.until)


@activities.answers(ReadVisitNote, audited=True, then=open_note)
async def read_visit_note(query: ReadVisitNote, tx: Transaction) -> SealedNote | Refusal:
    row = await store.read_note(tx, query.visit_id, tx.actor.id)
    if row is None:
        return Refusal("unknown-visit", visit_id=str(query.visit_id))
    denied = decide(tx.actor, query.contract.permission, row["region"])
    if denied is None and not row["involved"]:
        denied = Refusal("not-involved")
    if denied is None and row["until"] is None:
        denied = Refusal("no-note")
    if denied:
        return denied
    await tx.audit(
        AuditAction.RECORD_READ,
        about=row["contact_id"],
        thing=query.visit_id,
        region=row["region"],
        reason="visit-note",
    )
    kept = {name: row[name] for name in ("contact_id", "text", "sealed", "until")}
    return SealedNote(visit_id=query.visit_id, **kept)


@activities.answers(ListVisits, audited=True)
async def list_visits(query: ListVisits, tx: Transaction) -> VisitList:
    """A row in the audit log for each child by whom a household is known."""
    visits = await store.list_visits(tx, query)
    minors = await replicas.list_minors(tx, {each.contact_id for each in visits if each.contact_id})
    await tx.audit(AuditAction.RECORD_READ, about=minors, region=query.region, reason="visits")
    return VisitList(visits=tuple(visits))


@activities.answers(ListFollowUps)
async def list_follow_ups(query: ListFollowUps, tx: Transaction) -> FollowUpList:
    return FollowUpList(follow_ups=tuple(await store.list_follow_ups(tx, query)))


@activities.answers(CountVisits)
async def count_visits(query: CountVisits, tx: Transaction) -> VisitCounts:
    total, found = await store.count_visits(tx, query)
    smallest = await figures.smallest(tx)
    hidden = withheld({row["finding"]: row["households"] for row in found}, smallest)
    return VisitCounts(
        visits=total["visits"],
        attempts=total["attempts"],
        households=None if is_small(total["households"], smallest) else total["households"],
        people_met=total["people_met"],
        findings=tuple(
            FindingCount(finding=row["finding"], households=None if row["finding"] in hidden else row["households"])
            for row in found
        ),
        smallest=smallest,
        rule=rules.RULE,
    )
