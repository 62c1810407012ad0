"""What activities does when somebody is scanned in or out, or a scan is taken back."""

from collections.abc import Sequence
from dataclasses import replace

from uuid_utils.compat import uuid7

from contracts.activities.v1 import (
    AttendanceRecorded,
    AttendanceReverted,
    AttendanceState,
    RecordAttendance,
    RevertAttendance,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.attendance import rules, store
from services.activities.attendance.gate import Gate
from services.activities.attendance.rules import Attendance
from services.activities.sessions.scope import within_scope
from services.activities.sessions.store import lock_session, lock_sessions
from services.chassis import Asked, Transaction
from services.chassis.access import decide


@activities.decides_many(RecordAttendance)
async def record_attendance(asked: Sequence[Asked[RecordAttendance]], tx: Transaction) -> None:
    sessions = await lock_sessions(tx, {each.data.session_id for each in asked})
    gate = await _open_gate(tx, [each.data for each in asked])

    counted: list[tuple[RecordAttendance, Attendance]] = []
    for each, session in within_scope(asked, sessions):
        scan = each.data
        repeat = gate.find_repeat(scan)
        if repeat:
            each.answer(rules.state_of(repeat))
            continue
        outcome = gate.decide(scan, session, tx.now, uuid7())
        if isinstance(outcome, Refusal):
            each.answer(outcome)
            continue
        each.answer(rules.state_of(outcome))
        tx.say(_recorded(scan, outcome), region=session.region, version=outcome.version, cause=each.cause)
        counted.append((scan, outcome))

    if counted:
        await store.set_attendances(tx, gate.changed.values())
        await store.add_scans(tx, counted)


async def _open_gate(tx: Transaction, scans: Sequence[RecordAttendance]) -> Gate:
    """Reads all that the scans are decided on, with the sessions locked already."""
    places = {(scan.session_id, scan.person_id) for scan in scans}
    scanned = await store.find_scanned(tx, scans)
    attendances = await store.find_attendances(tx, set(scanned.values()))
    expected = await store.find_expected(tx, places)
    return Gate(
        scanned={key: attendances[attendance_id] for key, attendance_id in scanned.items()},
        present=await store.find_present(tx, places),
        expected=expected,
        elsewhere=await store.find_elsewhere(tx, places - expected),
    )


def _recorded(scan: RecordAttendance, attendance: Attendance) -> AttendanceRecorded:
    return AttendanceRecorded(
        attendance_id=attendance.attendance_id,
        session_id=scan.session_id,
        person_id=scan.person_id,
        mark=scan.mark,
        method=scan.method,
        occurred_at=scan.occurred_at,
    )


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
    tx.say(
        AttendanceReverted(
            attendance_id=attendance.attendance_id,
            session_id=attendance.session_id,
            person_id=attendance.person_id,
        ),
        region=session.region,
        version=reverted.version,
    )
    return rules.state_of(reverted)
