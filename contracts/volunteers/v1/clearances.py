"""Clearances: what a volunteer must have proven before she is near children (V4, V5)."""

from datetime import date
from uuid import UUID

from ...data import PersonId
from ...message import Command, Event, Part
from .. import refusals as refusals
from .codes import ClearanceKind

__all__ = [
    "ClearanceExpired",
    "ClearanceRecorded",
    "ClearanceState",
    "ClearanceWithdrawn",
    "RecordClearance",
    "WithdrawClearance",
]


class ClearanceState(Part):
    """`valid_until` is its last day; `ended` once it has lapsed or was withdrawn."""

    clearance_id: UUID
    volunteer_id: UUID
    kind: ClearanceKind
    valid_until: date
    ended: bool
    version: int


class RecordClearance(
    Command[ClearanceState],
    name="record-clearance",
    permission="volunteers.clearances.record",
    http="POST /v1/volunteers/{volunteer_id}/clearances",
    refusals=(
        "unknown-volunteer",
        "volunteer-withdrawn",
        "clearance-exists",
        "clearance-times-wrong",
        "clears-oneself",
    ),
):
    """Records that a background check (or another proof) was made on a day and holds until another, at most 12 months
    on (未成年人保护法 art. 62: inquiry at hiring and every year). What the check said is not kept: only that it holds.
    """

    clearance_id: UUID
    volunteer_id: UUID
    kind: ClearanceKind
    checked_on: date
    valid_until: date


class ClearanceRecorded(Event, fact="clearance.recorded"):
    clearance_id: UUID
    volunteer_id: UUID
    person_id: PersonId
    kind: ClearanceKind
    valid_until: date


class WithdrawClearance(
    Command[ClearanceState],
    name="withdraw-clearance",
    permission="volunteers.clearances.record",
    http="POST /v1/clearances/{clearance_id}/withdraw",
    refusals=("unknown-clearance", "clearance-ended", "clears-oneself"),
):
    """Ends a clearance at once: the check was wrong, or something came to light."""

    clearance_id: UUID


class ClearanceWithdrawn(Event, fact="clearance.withdrawn"):
    clearance_id: UUID
    volunteer_id: UUID
    person_id: PersonId
    kind: ClearanceKind


class ClearanceExpired(Event, fact="clearance.expired"):
    """Its last day is over."""

    clearance_id: UUID
    volunteer_id: UUID
    person_id: PersonId
    kind: ClearanceKind
