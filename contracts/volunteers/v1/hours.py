"""Stints and hours: what is asked and the facts stated."""

from datetime import date
from uuid import UUID

from ...data import (
    Code,
    Instant,
    Minutes,
    PersonId,
)
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import Grade, RejectionReason, StintStatus

__all__ = [
    "ApproveHours",
    "CheckInVolunteer",
    "CheckOutVolunteer",
    "GetHours",
    "HoursByGrade",
    "HoursCredited",
    "HoursReversed",
    "LedgerEntry",
    "ListStintsToApprove",
    "MinutesTotal",
    "PendingStints",
    "RejectStint",
    "ReverseHours",
    "StintClosed",
    "StintOpened",
    "StintRejected",
    "StintState",
    "SumMinutes",
    "VolunteerHours",
]


class StintState(Part):
    stint_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    status: StintStatus
    checked_in_at: Instant
    checked_out_at: Instant | None
    minutes: Minutes | None
    grade: Grade | None
    version: int


class CheckInVolunteer(
    Command[StintState],
    name="check-in-volunteer",
    permission="volunteers.serve",
    http="POST /v1/shifts/{shift_id}/stints",
    refusals=(
        "unknown-shift",
        "not-assigned",
        "already-open",
        "stint-overlaps",
        "too-early",
        "shift-over",
        "stint-exists",
    ),
):
    """Opens a stint of an assigned volunteer, at most 60 minutes before the shift begins (V14)."""

    stint_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    grade: Grade
    occurred_at: Instant


class CheckOutVolunteer(
    Command[StintState],
    name="check-out-volunteer",
    permission="volunteers.serve",
    http="POST /v1/stints/{stint_id}/close",
    refusals=("unknown-stint", "stint-closed", "times-reversed"),
):
    """Closes a stint. Minutes are whole, rounded down, capped at the shift's end plus 30 min (rule `hours-1`, V25)."""

    stint_id: UUID
    occurred_at: Instant


class StintOpened(Event, fact="stint.opened"):
    stint_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    person_id: PersonId
    occurred_at: Instant


class StintClosed(Event, fact="stint.closed"):
    """A stint waits for approval. `auto` is true where the rule closed a forgotten exit (V14)."""

    stint_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    person_id: PersonId
    minutes: Minutes
    grade: Grade
    auto: bool


class LedgerEntry(Part):
    """One line of the append-only hours ledger; negative minutes reverse an earlier line."""

    entry_id: UUID
    volunteer_id: UUID
    stint_id: UUID
    service_date: date
    minutes: int
    grade: Grade
    rule: Code
    reverses: UUID | None = None


class ApproveHours(
    Command[LedgerEntry],
    name="approve-hours",
    permission="volunteers.hours.approve",
    http="POST /v1/stints/{stint_id}/approve",
    refusals=(
        "unknown-stint",
        "stint-not-closed",
        "already-credited",
        "stint-rejected",
        "same-person",
        "daily-cap-exceeded",
    ),
):
    """Credits the minutes of a closed stint to the ledger. Nobody approves own or self-recorded minutes (V18).

    At most 12 hours a day and volunteer are credited (V25).
    """

    entry_id: UUID
    stint_id: UUID


class RejectStint(
    Command[StintState],
    name="reject-stint",
    permission="volunteers.hours.approve",
    http="POST /v1/stints/{stint_id}/reject",
    refusals=("unknown-stint", "stint-not-closed", "already-credited", "stint-rejected", "same-person"),
):
    """Decides that a closed stint is not credited, and why; it waits no more. Nobody decides on the own one (V18)."""

    stint_id: UUID
    reason: RejectionReason


class StintRejected(Event, fact="stint.rejected"):
    """The minutes of a closed stint will not be credited. She may contest that (V19)."""

    stint_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    person_id: PersonId
    reason: RejectionReason


class HoursCredited(Event, fact="hours.credited"):
    hours_id: UUID
    volunteer_id: UUID
    person_id: PersonId
    stint_id: UUID
    service_date: date
    minutes: Minutes
    grade: Grade
    rule: Code


class ReverseHours(
    Command[LedgerEntry],
    name="reverse-hours",
    permission="volunteers.hours.approve",
    http="POST /v1/hours/{reverses}/reverse",
    refusals=("unknown-entry", "already-reversed", "same-person"),
):
    """Takes a credited line back by a new line of the same minutes below zero; nothing is edited (V16)."""

    entry_id: UUID
    reverses: UUID


class HoursReversed(Event, fact="hours.reversed"):
    hours_id: UUID
    volunteer_id: UUID
    person_id: PersonId
    reverses: UUID
    minutes: Minutes


class HoursByGrade(Part):
    grade: Grade
    minutes: int


class VolunteerHours(Part):
    volunteer_id: UUID
    minutes: int
    by_grade: tuple[HoursByGrade, ...]
    entries: tuple[LedgerEntry, ...]


class GetHours(
    Query[VolunteerHours],
    name="get-hours",
    permission="volunteers.hours.read",
    http="GET /v1/volunteers/{volunteer_id}/hours",
    refusals=("unknown-volunteer",),
):
    """The ledger of a volunteer with its total and the share of each grade (Order 67 art. 12)."""

    volunteer_id: UUID


class PendingStints(Part):
    stints: tuple[StintState, ...]


class ListStintsToApprove(
    Query[PendingStints],
    name="list-stints-to-approve",
    permission="volunteers.hours.read",
    http="GET /v1/stints/to-approve",
):
    """Closed stints of a region's subtree that wait for approval, oldest first, at most 200."""

    region: RegionCode


class MinutesTotal(Part):
    minutes: int
    volunteers: int
    by_grade: tuple[HoursByGrade, ...]


class SumMinutes(Query[MinutesTotal], name="sum-minutes", permission="volunteers.hours.read", http="GET /v1/hours"):
    """Credited minutes less reversed ones of a region's subtree with service dates in [since, until)."""

    region: RegionCode
    since: date
    until: date
