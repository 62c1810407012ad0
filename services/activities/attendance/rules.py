"""Which scans count, and what they make of a person's attendance. No I/O, no clock."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from contracts.activities.v1 import (
    AttendanceMark,
    AttendanceMethod,
    AttendanceState,
    HeadcountMethod,
    Presence,
    SessionStatus,
)
from contracts.refusals import Refusal
from services.activities.sessions.rules import SHANGHAI, Session

OPENS_BEFORE: Final = timedelta(minutes=60)
CLOSES_AFTER: Final = timedelta(minutes=30)
LATE_AFTER: Final = timedelta(minutes=15)
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
WORST_CLOCK: Final = timedelta(days=1)
DWELL_SHARE: Final = 2
"""Online attendance is proven by staying for half of the session (A32; the share is our rule, no law names one)."""
NEEDS_EVIDENCE: Final = (HeadcountMethod.PHOTO, HeadcountMethod.TURNSTILE)


class Shown(Protocol):
    """A scan as a device sent it, alone or in an upload."""

    @property
    def session_id(self) -> UUID: ...
    @property
    def person_id(self) -> UUID | None: ...
    @property
    def pass_code(self) -> str | None: ...
    @property
    def mark(self) -> AttendanceMark: ...
    @property
    def method(self) -> AttendanceMethod: ...
    @property
    def client_id(self) -> UUID: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def evidence(self) -> str | None: ...
    @property
    def minutes(self) -> int | None: ...
    @property
    def walk_in(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Device:
    """The device of an upload, and what its clock is ahead by."""

    device_id: UUID | None = None
    skew: timedelta = timedelta(0)

    @property
    def is_off(self) -> bool:
        return abs(self.skew) > CLOCK_TOLERANCE

    def right(self, moment: datetime) -> datetime:
        """The moment as a right clock would have shown it; small differences are left as they are."""
        return moment - self.skew if self.is_off else moment


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan of a known person; `occurred_at` is set right where the device's clock was off."""

    session_id: UUID
    person_id: UUID
    mark: AttendanceMark
    method: AttendanceMethod
    client_id: UUID
    occurred_at: datetime
    evidence: str | None = None
    minutes: int | None = None
    walk_in: bool = False
    device: Device = Device()

    @classmethod
    def of(cls, shown: Shown, person_id: UUID, device: Device) -> "Scan":
        return cls(
            shown.session_id,
            person_id,
            shown.mark,
            shown.method,
            shown.client_id,
            device.right(shown.occurred_at),
            shown.evidence,
            shown.minutes,
            shown.walk_in,
            device,
        )


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
    walk_in: bool = False
    flagged: bool = False

    @property
    def inside(self) -> bool:
        return self.checked_out_at is None and self.reverted_at is None


def clock_of(device_id: UUID, device_time: datetime, now: datetime) -> Device | Refusal:
    """What a device's clock is off by, as it sends; more than a day is no clock. Refusal: clock-skew."""
    skew = device_time - now
    return Refusal("clock-skew") if abs(skew) > WORST_CLOCK else Device(device_id, skew)


def may_scan(scan: Scan, session: Session, now: datetime) -> Refusal | None:
    """People come in from 60 minutes before the start to 30 after the end, and go until it is closed (A17-A19).

    `occurred_at` is the device's clock: offline scans come late, but none comes from more than five minutes ahead.
    Refusals: session-cancelled, session-blocked, attendance-closed, clock-skew, too-early, check-in-over,
    evidence-missing, dwell-too-short.
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
    if scan.method is AttendanceMethod.PAPER and scan.evidence is None:
        return Refusal("evidence-missing")
    return _may_come(scan, session) if scan.mark is AttendanceMark.CHECK_IN else None


def _may_come(scan: Scan, session: Session) -> Refusal | None:
    if session.blocked:
        return Refusal("session-blocked", why=session.blocked)
    closes = session.ends_at + CLOSES_AFTER
    if scan.occurred_at > closes:
        return Refusal("check-in-over", until_time=closes.astimezone(SHANGHAI).isoformat())
    if scan.method is AttendanceMethod.ONLINE:
        needed = int((session.ends_at - session.starts_at).total_seconds()) // 60 // DWELL_SHARE
        if (scan.minutes or 0) < needed:
            return Refusal("dwell-too-short", needed=needed)
    return None


def has_seat(expected: bool, elsewhere: UUID | None) -> Refusal | None:
    """Only who has a confirmed seat comes in; `elsewhere` is the session of the same day and site where she has one.

    Refusals: wrong-session, not-enrolled.
    """
    if expected:
        return None
    return Refusal("wrong-session", session_id=str(elsewhere)) if elsewhere else Refusal("not-enrolled")


def day_of(scan: Scan) -> date:
    """The local day of a scan, by the device's clock set right."""
    return scan.occurred_at.astimezone(SHANGHAI).date()


def mark(scan: Scan, known: Attendance | None, new_id: UUID) -> Attendance | Refusal:
    """The attendance after a scan that is new (A19, A20). Refusals: already-inside, not-inside."""
    if scan.mark is AttendanceMark.CHECK_IN:
        return _check_in(scan, known, new_id)
    return _check_out(scan, known)


def _check_in(scan: Scan, known: Attendance | None, new_id: UUID) -> Attendance | Refusal:
    if known is None:
        return Attendance(
            new_id,
            scan.session_id,
            scan.person_id,
            scan.occurred_at,
            walk_in=scan.walk_in,
            flagged=scan.device.is_off,
        )
    if known.checked_out_at is None or scan.occurred_at < known.checked_out_at:
        return Refusal("already-inside", since=known.checked_in_at.astimezone(SHANGHAI).isoformat())
    return replace(known, checked_out_at=None, version=known.version + 1, flagged=known.flagged or scan.device.is_off)


def _check_out(scan: Scan, known: Attendance | None) -> Attendance | Refusal:
    if known is None or not known.inside or scan.occurred_at < known.checked_in_at:
        return Refusal("not-inside")
    return left(known, scan.occurred_at, scan.device.is_off)


def left(known: Attendance, at: datetime, flagged: bool = False) -> Attendance:
    """The stay of somebody who is inside, after she has left."""
    return replace(known, checked_out_at=at, version=known.version + 1, flagged=known.flagged or flagged)


def may_revert(attendance: Attendance, session: Session) -> Refusal | None:
    """A mistaken check-in is taken back until the session is counted (A21).

    Refusals: attendance-closed, already-reverted.
    """
    if session.status is SessionStatus.CLOSED:
        return Refusal("attendance-closed")
    return Refusal("already-reverted") if attendance.reverted_at else None


def presence_of(
    session: Session, came_at: datetime | None, left_at: datetime | None, excused: bool, now: datetime
) -> Presence:
    """What became of somebody with a seat (A26): late is more than 15 minutes after the start, absent not until the
    end. Who left stays `left`, whenever she came."""
    if came_at is not None:
        if left_at is not None:
            return Presence.LEFT
        return Presence.LATE if came_at > session.starts_at + LATE_AFTER else Presence.PRESENT
    if excused:
        return Presence.EXCUSED
    return Presence.ABSENT if now >= session.ends_at else Presence.EXPECTED


def may_excuse(session: Session, expected: bool, came: Attendance | None) -> Refusal | None:
    """Refusals: session-cancelled, attendance-closed, not-enrolled, already-inside."""
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    if session.status is SessionStatus.CLOSED:
        return Refusal("attendance-closed")
    if not expected:
        return Refusal("not-enrolled")
    return Refusal("already-inside", since=came.checked_in_at.astimezone(SHANGHAI).isoformat()) if came else None


def may_declare(session: Session, method: HeadcountMethod, evidence: str | None, now: datetime) -> Refusal | None:
    """Heads are declared from the start of a session until it is counted (A23).

    Refusals: session-cancelled, attendance-closed, session-not-started, evidence-missing.
    """
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    if session.status is SessionStatus.CLOSED:
        return Refusal("attendance-closed")
    if now < session.starts_at:
        return Refusal("session-not-started")
    return Refusal("evidence-missing") if method in NEEDS_EVIDENCE and evidence is None else None


def state_of(attendance: Attendance) -> AttendanceState:
    return AttendanceState(
        attendance_id=attendance.attendance_id,
        session_id=attendance.session_id,
        person_id=attendance.person_id,
        inside=attendance.inside,
        checked_in_at=attendance.checked_in_at,
        checked_out_at=attendance.checked_out_at,
        version=attendance.version,
        walk_in=attendance.walk_in,
        flagged=attendance.flagged,
    )
