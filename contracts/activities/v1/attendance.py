"""Attendance and counts: what is asked and the facts stated."""

from typing import Annotated
from uuid import UUID

from ...data import (
    PUBLIC,
    Code,
    Instant,
    PersonId,
    SessionId,
)
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import AttendanceMark, AttendanceMethod


class AttendanceState(Part):
    attendance_id: UUID
    session_id: SessionId
    person_id: PersonId
    inside: bool
    checked_in_at: Instant
    checked_out_at: Instant | None
    version: int


class RecordAttendance(
    Command[AttendanceState],
    name="record-attendance",
    permission="activities.attendance",
    http="POST /v1/sessions/{session_id}/attendance",
    refusals=(
        "unknown-session",
        "session-cancelled",
        "not-enrolled",
        "wrong-session",
        "already-inside",
        "not-inside",
        "too-early",
        "attendance-closed",
        "clock-skew",
    ),
):
    """Marks a person's check-in or check-out (A17-A20). `client_id` names the scan on its device, so that an
    offline scan uploaded twice counts once; `occurred_at` is the device's clock, the service keeps its own too.
    """

    session_id: SessionId
    person_id: PersonId
    mark: AttendanceMark
    method: AttendanceMethod
    client_id: UUID
    occurred_at: Instant


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
    """Takes a mistaken check-in back; the trace stays (A21)."""

    attendance_id: UUID


class AttendanceReverted(Event, fact="attendance.reverted"):
    attendance_id: UUID
    session_id: SessionId
    person_id: PersonId


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
