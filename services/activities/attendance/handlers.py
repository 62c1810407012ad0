"""What activities does when somebody is scanned in or out, a scan is taken back, or heads are counted without names."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.activities.v1 import (
    AbsenceExcused,
    AbsenceUnexcused,
    AttendanceState,
    DeclareHeadcount,
    HeadcountDeclared,
    HeadcountState,
    MarkExcused,
    PresenceState,
    RecordAttendance,
    RevertAttendance,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.attendance import facts, rules, store
from services.activities.attendance.rules import Device
from services.activities.attendance.scanning import Request, count_scans
from services.activities.passes.returning import give_back
from services.activities.sessions.rules import Session
from services.activities.sessions.scope import lock_permitted, within_scope
from services.activities.sessions.store import lock_session, lock_sessions
from services.chassis import Asked, Transaction
from services.chassis.access import decide


@activities.decides_many(RecordAttendance)
async def record_attendance(asked: Sequence[Asked[RecordAttendance]], tx: Transaction) -> None:
    sessions = await lock_sessions(tx, {each.data.session_id for each in asked})
    admitted = list(within_scope(asked, sessions))
    requests = [Request(each.data, session, each.cause, each.data.on_site_code) for each, session in admitted]
    for (each, _), outcome in zip(admitted, await count_scans(tx, requests, Device()), strict=True):
        each.answer(outcome if isinstance(outcome, Refusal) else rules.state_of(outcome))


@activities.decides(RevertAttendance)
async def revert_attendance(command: RevertAttendance, tx: Transaction) -> AttendanceState | Refusal:
    session_id = await store.find_session_of(tx, command.attendance_id)
    session = await lock_session(tx, session_id) if session_id else None
    attendance = (await store.find_attendances(tx, [command.attendance_id])).get(command.attendance_id)
    if session is None or attendance is None:
        return Refusal("unknown-attendance")
    refusal = decide(tx.actor, command.contract.permission, session.region) or rules.may_revert(attendance, session)
    if refusal:
        return refusal

    reverted = replace(attendance, reverted_at=tx.now, version=attendance.version + 1)
    await store.revert_attendance(tx, attendance.attendance_id)
    await give_back(tx, [attendance.attendance_id])
    tx.say(facts.reverted(reverted), region=session.region, version=reverted.version)
    return rules.state_of(reverted)


@activities.decides(MarkExcused)
async def mark_excused(command: MarkExcused, tx: Transaction) -> PresenceState | Refusal:
    place = command.session_id, command.person_id
    session = await lock_permitted(tx, command)
    if isinstance(session, Refusal):
        return session
    expected = place in await store.find_expected(tx, [place])
    came = (await store.find_present(tx, [place])).get(place)
    refusal = rules.may_excuse(session, expected, came)
    if refusal:
        return refusal

    await _excuse(tx, command, session)
    presence = rules.presence_of(session, None, None, command.excused, tx.now)
    return PresenceState(session_id=command.session_id, person_id=command.person_id, presence=presence)


async def _excuse(tx: Transaction, command: MarkExcused, session: Session) -> None:
    """Notes an excuse, or that it was taken back; what is so already is not said again."""
    known = await store.find_excuse(tx, command.session_id, command.person_id)
    if command.excused is (known is not None and known["excused"]):
        return
    absence_id, version = (known["absence_id"], known["version"] + 1) if known else (uuid7(), 1)
    place = command.session_id, command.person_id
    await store.set_excuse(tx, absence_id, place, command.excused, version, session.region)
    kind = AbsenceExcused if command.excused else AbsenceUnexcused
    fact = kind(absence_id=absence_id, session_id=command.session_id, person_id=command.person_id)
    tx.say(fact, region=session.region, version=version)


@activities.decides(DeclareHeadcount)
async def declare_headcount(command: DeclareHeadcount, tx: Transaction) -> HeadcountState | Refusal:
    session = await lock_permitted(tx, command)
    if isinstance(session, Refusal):
        return session
    refusal = rules.may_declare(session, command.method, command.evidence, tx.now)
    if refusal is None and await store.is_headcount(tx, command.headcount_id):
        refusal = Refusal("headcount-exists", headcount_id=str(command.headcount_id))
    if refusal:
        return refusal

    await store.add_headcount(tx, command, session.region)
    fact = HeadcountDeclared(**command.model_dump(), declared_by=person_of(tx.actor.id))
    tx.say(fact, region=session.region, version=1)
    return HeadcountState(**command.model_dump(exclude={"evidence"}), version=1)


def person_of(actor: str) -> UUID | None:
    """The person who acts, or None for a machine."""
    try:
        return UUID(actor)
    except ValueError:
        return None
