"""Which scans count, and what they make of a person's attendance. No I/O, no clock."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.activities.v1 import AttendanceMark, AttendanceState, RecordAttendance, SessionStatus
from contracts.refusals import Refusal
from services.activities.sessions.rules import SHANGHAI, Session

OPENS_BEFORE: Final = timedelta(minutes=60)
CLOCK_TOLERANCE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Attendance:
    """One stay of a person in a session, by the clock of the scanning device; leaving and coming back is one stay."""

    attendance_id: UUID
    session_id: UUID
    person_id: UUID
    checked_in_at: datetime
    checked_out_at: datetime | None = None
    reverted_at: datetime | None = None
    version: int = 1

    @property
    def inside(self) -> bool:
        return self.checked_out_at is None and self.reverted_at is None


def may_scan(scan: RecordAttendance, session: Session, now: datetime) -> Refusal | None:
    """Scans are taken from 60 minutes before the start until the session is closed (A17-A19).

    `occurred_at` is the device's clock: offline scans come late, but none comes from more than five minutes ahead.
    Refusals: session-cancelled, attendance-closed, clock-skew, too-early.
    """
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    if session.status is SessionStatus.CLOSED:
        return Refusal("attendance-closed")
    if scan.occurred_at > now + CLOCK_TOLERANCE:
        return Refusal("clock-skew")
    opens = session.starts_at - OPENS_BEFORE
    if scan.occurred_at < opens:
        return Refusal("too-early", from_time=opens.astimezone(SHANGHAI).isoformat())
    return None


def has_seat(expected: bool, elsewhere: UUID | None) -> Refusal | None:
    """Only who has a confirmed seat comes in; `elsewhere` is the session of the same day and site where she has one.

    Refusals: wrong-session, not-enrolled.
    """
    if expected:
        return None
    return Refusal("wrong-session", session_id=str(elsewhere)) if elsewhere else Refusal("not-enrolled")


def mark(scan: RecordAttendance, known: Attendance | None, new_id: UUID) -> Attendance | Refusal:
    """The attendance after a scan that is new (A19, A20). Refusals: already-inside, not-inside."""
    if scan.mark is AttendanceMark.CHECK_IN:
        return _check_in(scan, known, new_id)
    return _check_out(scan, known)


def _check_in(scan: RecordAttendance, known: Attendance | None, new_id: UUID) -> Attendance | Refusal:
    if known is None:
        return Attendance(new_id, scan.session_id, scan.person_id, scan.occurred_at)
    if known.checked_out_at is None or scan.occurred_at < known.checked_out_at:
        return Refusal("already-inside", since=known.checked_in_at.astimezone(SHANGHAI).isoformat())
    return replace(known, checked_out_at=None, version=known.version + 1)


def _check_out(scan: RecordAttendance, known: Attendance | None) -> Attendance | Refusal:
    if known is None or not known.inside or scan.occurred_at < known.checked_in_at:
        return Refusal("not-inside")
    return replace(known, checked_out_at=scan.occurred_at, version=known.version + 1)


def may_revert(attendance: Attendance, session: Session) -> Refusal | None:
    """A mistaken check-in is taken back until the session is counted (A21).

    Refusals: attendance-closed, already-reverted.
    """
    if session.status is SessionStatus.CLOSED:
        return Refusal("attendance-closed")
    return Refusal("already-reverted") if attendance.reverted_at else None


def state_of(attendance: Attendance) -> AttendanceState:
    return AttendanceState(
        attendance_id=attendance.attendance_id,
        session_id=attendance.session_id,
        person_id=attendance.person_id,
        inside=attendance.inside,
        checked_in_at=attendance.checked_in_at,
        checked_out_at=attendance.checked_out_at,
        version=attendance.version,
    )
