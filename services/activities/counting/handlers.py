"""What activities does when a session is counted, a counted one is corrected, or counts are asked for."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.activities.v1 import (
    AttendanceMark,
    AttendanceMethod,
    CloseSession,
    CorrectAttendance,
    CorrectionMade,
    CorrectionState,
    CountActivities,
    Counts,
    SessionClosed,
    SessionState,
    SessionStatus,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.attendance import facts
from services.activities.attendance import store as attendances
from services.activities.attendance.rules import Attendance
from services.activities.counting import ledger, parts, rules, store
from services.activities.counting.ledger import Move
from services.activities.counting.rules import Came
from services.activities.counting.store import Change, Head
from services.activities.custody.alarm import open_care
from services.activities.custody.store import count_inside
from services.activities.passes.returning import give_back, take_afterwards
from services.activities.sessions.rules import Session
from services.activities.sessions.scope import lock_permitted
from services.activities.sessions.store import state_of
from services.activities.standing.absences import note_absent
from services.activities.store import find_people
from services.chassis import Transaction


@activities.decides(CloseSession)
async def close_session(command: CloseSession, tx: Transaction) -> SessionState | Refusal:
    session = await lock_permitted(tx, command)
    if isinstance(session, Refusal):
        return session
    refusal = rules.may_close(session, tx.now)
    if refusal:
        return refusal
    if session.status is SessionStatus.CLOSED:
        return state_of(session)
    inside = await count_inside(tx, session.session_id) if await open_care(tx, [session.session_id]) else 0
    if inside:
        return Refusal("children-inside", count=inside)

    heads = await store.list_present(tx, session.session_id)
    subject = await store.subject_for(tx, session)
    await parts.begin(tx, subject, heads, await store.find_declared(tx, session.session_id))
    closed = await store.close_session(tx, session.session_id, len(heads))
    if heads:
        await note_absent(tx, session)
    tx.say(
        SessionClosed(
            session_id=session.session_id,
            unit_id=session.unit_id,
            person_times=len(heads),
            persons=len(heads),
            held=len(heads) > 0,
            rule=rules.RULE,
        ),
        region=session.region,
        version=closed.version,
    )
    return state_of(closed)


@activities.decides(CorrectAttendance)
async def correct_attendance(command: CorrectAttendance, tx: Transaction) -> CorrectionState | Refusal:
    session = await lock_permitted(tx, command)
    if isinstance(session, Refusal):
        return session
    found = await store.find_subject(tx, session.session_id)
    if found is None or not await store.is_whole(tx, session.session_id):
        return Refusal("session-not-counted")
    if await store.change_exists(tx, command.correction_id):
        return Refusal("correction-exists", correction_id=str(command.correction_id))
    subject, declared = found
    heads = {each.attendance_id: each for each in await store.list_heads(tx, session.session_id)}
    people = await find_people(tx, command.came)
    counted = {each.attendance_id: each.person_id for each in heads.values()}
    refusal = rules.may_correct(command.came, command.not_came, command.evidence, counted, people)
    if refusal:
        return refusal

    gone = [heads[each] for each in sorted(set(command.not_came))]
    come = [Head(uuid7(), person, people[person].age_band) for person in command.came]
    before, left = Came(store.bands_of(heads.values()), declared), heads.keys() - {each.attendance_id for each in gone}
    after = Came(store.bands_of([*(heads[each] for each in left), *come]), declared)
    await _mend_attendance(tx, session, come, gone)
    change = Change(command.correction_id, "corrected", command.reason, command.evidence)
    await ledger.post(tx, subject, change, Move(come, gone, before, after))
    await store.set_count(tx, session.session_id, len(after.bands))
    difference = len(after.bands) - len(before.bands)
    tx.say(_correction(command.correction_id, session, difference), region=session.region, version=1)
    return CorrectionState(
        correction_id=command.correction_id,
        session_id=session.session_id,
        person_times=len(after.bands),
        persons=len(after.bands),
        declared_heads=declared,
    )


def _correction(correction_id: UUID, session: Session, difference: int) -> CorrectionMade:
    return CorrectionMade(
        correction_id=correction_id,
        session_id=session.session_id,
        unit_id=session.unit_id,
        person_times=difference,
        persons=difference,
        rule=rules.RULE,
    )


async def _mend_attendance(tx: Transaction, session: Session, come: Sequence[Head], gone: Sequence[Head]) -> None:
    """The attendances themselves: those of the paper sheet are written in, the mistaken ones keep their trace."""
    await give_back(tx, [each.attendance_id for each in gone])
    await take_afterwards(tx, session, [(each.attendance_id, each.person_id) for each in come])
    known = await attendances.find_attendances(tx, [each.attendance_id for each in gone])
    for each in known.values():
        await attendances.revert_attendance(tx, each.attendance_id)
        reverted = replace(each, reverted_at=tx.now, version=each.version + 1)
        tx.say(facts.reverted(reverted), region=session.region, version=reverted.version)
    added = [
        Attendance(each.attendance_id, session.session_id, each.person_id, session.starts_at, session.ends_at)
        for each in come
    ]
    if added:
        await attendances.set_attendances(tx, added)
    for each in added:
        fact = facts.recorded(each, AttendanceMark.CHECK_IN, AttendanceMethod.PAPER, each.checked_in_at)
        tx.say(fact, region=session.region, version=each.version)


@activities.answers(CountActivities)
async def count_activities(query: CountActivities, tx: Transaction) -> Counts:
    """Counted from the facts, for moments that are no reporting period."""
    closed = await store.count_closed(tx, query.region, query.since, query.until)
    persons = await store.count_persons(tx, query.region, query.since, query.until)
    return Counts(
        sessions_held=closed["sessions_held"],
        person_times=closed["person_times"],
        persons=persons,
        rule=rules.RULE,
        phrase=rules.phrase(closed["person_times"]),
    )
