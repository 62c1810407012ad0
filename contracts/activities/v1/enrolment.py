"""Enrolment and the queue: what is asked and the facts stated."""

from pydantic import Field

from ...data import (
    Code,
    EnrolmentId,
    Instant,
    PersonId,
    Seats,
    SessionId,
)
from ...message import Command, Event, Part, Query
from .. import refusals as refusals
from .codes import EnrolmentStatus


class EnrolmentState(Part):
    """`position` counts families before this one in the queue from 1; `answer_by` is set while seats are offered."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    status: EnrolmentStatus
    seats: int
    position: int | None = None
    answer_by: Instant | None = None
    version: int


class Enrol(
    Command[EnrolmentState],
    name="enrol",
    permission="activities.enrol",
    http="POST /v1/sessions/{session_id}/enrolments",
    refusals=(
        "unknown-session",
        "window-closed",
        "session-cancelled",
        "already-enrolled",
        "unknown-person",
        "not-eligible",
        "guardian-consent-missing",
        "person-restricted",
        "family-too-large",
        "queue-closed",
        "enrolment-exists",
    ),
):
    """One contact asks for seats for one or more people in one session: all of them or none (A6, A8).

    Who does not fit waits in order of arrival and never blocks a smaller family behind (A12).
    """

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    people: tuple[PersonId, ...] = Field(min_length=1, max_length=8)


class WithdrawEnrolment(
    Command[EnrolmentState],
    name="withdraw-enrolment",
    permission="activities.enrol",
    http="POST /v1/enrolments/{enrolment_id}/withdraw",
    refusals=("unknown-enrolment", "enrolment-ended", "window-closed"),
):
    """A family gives its seats or its place in the queue back; freed seats are offered to the next that fits (A10)."""

    enrolment_id: EnrolmentId


class AcceptOffer(
    Command[EnrolmentState],
    name="accept-offer",
    permission="activities.enrol",
    http="POST /v1/enrolments/{enrolment_id}/accept",
    refusals=("unknown-enrolment", "no-offer", "offer-lapsed", "guardian-consent-missing"),
):
    """The family takes the offered seats."""

    enrolment_id: EnrolmentId


class DeclineOffer(
    Command[EnrolmentState],
    name="decline-offer",
    permission="activities.enrol",
    http="POST /v1/enrolments/{enrolment_id}/decline",
    refusals=("unknown-enrolment", "no-offer"),
):
    """The family lets the offered seats go; they are offered to the next that fits."""

    enrolment_id: EnrolmentId


class EnrolmentConfirmed(Event, fact="enrolment.confirmed"):
    """Seats are held for every person of the enrolment."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    people: tuple[PersonId, ...]
    seats: int
    seats_left: Seats


class EnrolmentQueued(Event, fact="enrolment.queued"):
    """A family waits; `position` counts from 1."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    people: tuple[PersonId, ...]
    seats: int
    position: int


class SeatsOffered(Event, fact="enrolment.seats-offered"):
    """Freed seats are held for a waiting family until `answer_by`, which never falls at night (A11)."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    seats: int
    answer_by: Instant


class OfferEnded(Event, fact="enrolment.offer-ended"):
    """An offer was declined or lapsed; `how` is `declined` or `lapsed`. The family leaves the queue."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    how: Code


class EnrolmentWithdrawn(Event, fact="enrolment.withdrawn"):
    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    seats: int


class RosterEntry(Part):
    """`photos_agreed` are those who may be photographed; all others may not (A29)."""

    enrolment_id: EnrolmentId
    contact_id: PersonId
    people: tuple[PersonId, ...]
    status: EnrolmentStatus
    present: tuple[PersonId, ...]
    photos_agreed: tuple[PersonId, ...] = ()


class Roster(Part):
    session_id: SessionId
    entries: tuple[RosterEntry, ...]


class GetRoster(
    Query[Roster],
    name="get-roster",
    permission="activities.roster.read",
    http="GET /v1/sessions/{session_id}/roster",
    refusals=("unknown-session",),
):
    """Who is expected, waiting and present, by ids; names come from registry to those who may see them."""

    session_id: SessionId


class QueueStep(Part):
    """One line of the fairness log: what happened to which family, why, with how many seats free at that time."""

    at: Instant
    enrolment_id: EnrolmentId
    step: Code
    seats_wanted: int
    seats_free: int


class QueueLog(Part):
    session_id: SessionId
    steps: tuple[QueueStep, ...]


class ExplainQueue(
    Query[QueueLog],
    name="explain-queue",
    permission="activities.roster.read",
    http="GET /v1/sessions/{session_id}/queue",
    refusals=("unknown-session",),
):
    """Explains to anyone why whom: every placing, skip, offer and end in order (A12)."""

    session_id: SessionId
