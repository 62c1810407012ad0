"""Attendance and counts: what is asked and the facts stated."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from ...data import (
    INTERNAL,
    PUBLIC,
    Code,
    Instant,
    Minutes,
    PassCode,
    PersonId,
    SessionId,
    Slug,
)
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import AttendanceMark, AttendanceMethod, HeadcountMethod, Presence

__all__ = [
    "AbsenceExcused",
    "AbsenceUnexcused",
    "AttendanceRecorded",
    "AttendanceReverted",
    "AttendanceState",
    "CountActivities",
    "Counts",
    "DeclareHeadcount",
    "HeadcountDeclared",
    "HeadcountState",
    "MarkExcused",
    "PresenceState",
    "RecordAttendance",
    "RevertAttendance",
]

SCAN_REFUSALS: Final = (
    "unknown-session",
    "session-cancelled",
    "session-blocked",
    "unknown-code",
    "code-stale",
    "evidence-missing",
    "method-not-possible",
    "dwell-too-short",
    "not-enrolled",
    "wrong-session",
    "no-walk-in-seat",
    "unknown-person",
    "not-eligible",
    "guardian-consent-missing",
    "already-inside",
    "not-inside",
    "hand-over-needed",
    "too-early",
    "check-in-over",
    "attendance-closed",
    "clock-skew",
    "pass-missing",
    "pass-empty",
    "pass-expired",
)
"""Why a scan does not count, alone or in an upload."""

OnSiteDigits = Annotated[str, Field(pattern=r"^[0-9]{6}$"), INTERNAL]
"""The six digits that the screen at the door shows for some seconds (A18)."""


class AttendanceState(Part):
    """`flagged` says that the device's clock was off by minutes and the times were set right by the service's."""

    attendance_id: UUID
    session_id: SessionId
    person_id: PersonId
    inside: bool
    checked_in_at: Instant
    checked_out_at: Instant | None
    version: int
    walk_in: bool = False
    flagged: bool = False


class RecordAttendance(
    Command[AttendanceState],
    name="record-attendance",
    permission="activities.attendance",
    http="POST /v1/sessions/{session_id}/attendance",
    refusals=SCAN_REFUSALS,
):
    """Marks a person's check-in or check-out (A17-A22, A32). `client_id` names the scan on its device, so that an
    offline scan uploaded twice counts once; `occurred_at` is the device's clock, the service keeps its own too.

    Who it is: `person_id`, or `pass_code` as `get-passes` gave it (the text of the QR code or the readable code).
    `on_site_code` proves that she stands at the door now. Paper needs `evidence` (a photo of the sheet), online needs
    the `minutes` of dwelling. A `walk_in` without a seat takes one of those that are left. Where the course is entered
    by pass, the first check-in takes a visit (A33).
    """

    session_id: SessionId
    person_id: PersonId | None = None
    pass_code: PassCode | None = None
    on_site_code: OnSiteDigits | None = None
    mark: AttendanceMark
    method: AttendanceMethod
    client_id: UUID
    occurred_at: Instant
    evidence: Slug | None = None
    minutes: Minutes | None = None
    walk_in: bool = False


class AttendanceRecorded(Event, fact="attendance.recorded"):
    """A person came (`check_in`) or left (`check_out`)."""

    attendance_id: UUID
    session_id: SessionId
    person_id: PersonId
    mark: AttendanceMark
    method: AttendanceMethod
    occurred_at: Instant


class RevertAttendance(
    Command[AttendanceState],
    name="revert-attendance",
    permission="activities.attendance",
    http="POST /v1/attendance/{attendance_id}/revert",
    refusals=("unknown-attendance", "attendance-closed", "already-reverted"),
):
    """Takes a mistaken check-in back; the trace stays (A21), and a visit taken from a course pass is given back."""

    attendance_id: UUID


class AttendanceReverted(Event, fact="attendance.reverted"):
    attendance_id: UUID
    session_id: SessionId
    person_id: PersonId


class PresenceState(Part):
    session_id: SessionId
    person_id: PersonId
    presence: Presence


class MarkExcused(
    Command[PresenceState],
    name="mark-excused",
    permission="activities.attendance",
    http="POST /v1/sessions/{session_id}/excuses",
    refusals=("unknown-session", "session-cancelled", "attendance-closed", "not-enrolled", "already-inside"),
):
    """Somebody with a seat told that she cannot come (A26); `excused` false takes that back. Why is not asked."""

    session_id: SessionId
    person_id: PersonId
    excused: bool = True


class AbsenceExcused(Event, fact="absence.excused"):
    absence_id: UUID
    session_id: SessionId
    person_id: PersonId


class AbsenceUnexcused(Event, fact="absence.unexcused"):
    """The excuse was taken back."""

    absence_id: UUID
    session_id: SessionId
    person_id: PersonId


class HeadcountState(Part):
    headcount_id: UUID
    session_id: SessionId
    heads: int
    method: HeadcountMethod
    version: int


class DeclareHeadcount(
    Command[HeadcountState],
    name="declare-headcount",
    permission="activities.attendance",
    http="POST /v1/sessions/{session_id}/headcounts",
    refusals=(
        "unknown-session",
        "session-cancelled",
        "session-not-started",
        "attendance-closed",
        "headcount-exists",
        "evidence-missing",
    ),
):
    """All heads in the room as somebody counted them, named or not (A23): kept beside the identified, never added to
    them. Of several declarations the last one counts. A photo or a turnstile needs `evidence`.
    """

    headcount_id: UUID
    session_id: SessionId
    heads: int = Field(ge=0, le=1_000_000)
    method: HeadcountMethod
    evidence: Slug | None = None


class HeadcountDeclared(Event, fact="headcount.declared"):
    """`declared_by` is missing where a system declared it."""

    headcount_id: UUID
    session_id: SessionId
    heads: int
    method: HeadcountMethod
    declared_by: PersonId | None = None
    evidence: Slug | None = None


class Counts(Part):
    """场次 (held sessions), 人次 (attendances), 人数 (distinct persons) by the named rule."""

    sessions_held: int
    person_times: int
    persons: int
    rule: Code
    phrase: Annotated[str, PUBLIC]


class CountActivities(
    Query[Counts], name="count-activities", permission="activities.counts.read", http="GET /v1/counts"
):
    """Counts of the closed sessions of a region's subtree that started in [since, until) (A24)."""

    region: RegionCode
    since: Instant
    until: Instant
