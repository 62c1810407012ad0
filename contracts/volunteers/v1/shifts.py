"""Shifts: what is asked and the facts stated."""

from uuid import UUID

from pydantic import Field

from ...data import (
    Code,
    Instant,
    PersonId,
    PublicNote,
    SessionId,
    Title,
)
from ...message import Command, Event, Part
from .. import refusals as refusals

__all__ = [
    "AssignmentState",
    "OpenShift",
    "ReleaseAssignment",
    "ShiftOpened",
    "ShiftReleased",
    "ShiftState",
    "ShiftTaken",
    "TakeShift",
]


class ShiftState(Part):
    shift_id: UUID
    team_id: UUID
    title: Title
    starts_at: Instant
    ends_at: Instant
    needed: int
    assigned: int
    version: int


class OpenShift(
    Command[ShiftState],
    name="open-shift",
    permission="volunteers.plan",
    http="POST /v1/teams/{team_id}/shifts",
    refusals=("unknown-team", "unknown-session", "shift-exists", "times-reversed"),
):
    """Publishes a need for helpers, with its foreseeable risks (条例 12); maybe for a session of activities (V6)."""

    shift_id: UUID
    team_id: UUID
    title: Title
    session_id: SessionId | None = None
    starts_at: Instant
    ends_at: Instant
    needed: int = Field(ge=1, le=500)
    risk_notice: PublicNote


class ShiftOpened(Event, fact="shift.opened"):
    shift_id: UUID
    team_id: UUID
    session_id: SessionId | None = None
    title: Title
    starts_at: Instant
    ends_at: Instant
    needed: int


class AssignmentState(Part):
    assignment_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    status: Code
    version: int


class TakeShift(
    Command[AssignmentState],
    name="take-shift",
    permission="volunteers.serve",
    http="POST /v1/shifts/{shift_id}/assignments",
    refusals=(
        "unknown-shift",
        "unknown-volunteer",
        "volunteer-withdrawn",
        "shift-filled",
        "person-restricted",
        "shift-over",
        "overlaps",
        "already-assigned",
        "risk-not-acknowledged",
    ),
):
    """A volunteer takes a place in a shift, knowing its risks (V8); nobody is in two places at once (V9).

    Whoever gave a place back may take one again while it is free, as a new assignment.
    """

    assignment_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    risk_acknowledged: bool


class ShiftTaken(Event, fact="assignment.made"):
    assignment_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    person_id: PersonId


class ReleaseAssignment(
    Command[AssignmentState],
    name="release-assignment",
    permission="volunteers.serve",
    http="POST /v1/assignments/{assignment_id}/release",
    refusals=("unknown-assignment", "assignment-released", "already-open", "shift-over"),
):
    """Gives a place in a shift back before the shift begins, so that somebody else, or she again, can take it.

    Whoever came early and is on duty already checks out first.
    """

    assignment_id: UUID


class ShiftReleased(Event, fact="assignment.given-back"):
    assignment_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    person_id: PersonId
