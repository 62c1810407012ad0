"""Enrolment and the queue: what is asked and the facts stated."""

from typing import Annotated

from pydantic import Field

from ...data import (
    SENSITIVE,
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

__all__ = [
    "ApproveEnrolment",
    "ChangeFamily",
    "Enrol",
    "EnrolmentApproved",
    "EnrolmentConfirmed",
    "EnrolmentEntered",
    "EnrolmentQueued",
    "EnrolmentReconfirmed",
    "EnrolmentRefused",
    "EnrolmentRequested",
    "EnrolmentState",
    "EnrolmentWithdrawn",
    "FamilyChanged",
    "GetEnrolment",
    "ReconfirmEnrolment",
    "ReconfirmRequested",
    "RefuseEnrolment",
    "WithdrawEnrolment",
]


class EnrolmentState(Part):
    """`position` counts families before this one in the queue from 1; `answer_by` is set while seats are offered or
    the family is asked whether it comes all the same; `reason` says why it was refused."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    status: EnrolmentStatus
    seats: int
    position: int | None = None
    answer_by: Instant | None = None
    version: int
    reason: Code | None = None


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
        "not-yet",
        "outside-area",
        "household-not-served",
        "suspended",
        "no-seats-left",
    ),
):
    """One contact asks for seats for one or more people in one session: all of them or none (A6, A8).

    Who does not fit waits in order of arrival and never blocks a smaller family behind (A12). `household` is the kind
    that the family says it is, where the session's terms ask (A5, A7); the host may check it by approval. `walk_in`:
    they stand at the door, from an hour before the start to the end, and get a seat or none (A5).
    """

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    people: tuple[PersonId, ...] = Field(min_length=1, max_length=8)
    household: Annotated[Code | None, SENSITIVE] = None
    walk_in: bool = False


class WithdrawEnrolment(
    Command[EnrolmentState],
    name="withdraw-enrolment",
    permission="activities.enrol",
    http="POST /v1/enrolments/{enrolment_id}/withdraw",
    refusals=("unknown-enrolment", "enrolment-ended", "window-closed"),
):
    """A family gives its seats or its place in the queue back; freed seats are offered to the next that fits (A10).

    It may do so until the session starts. Nearer to it than the terms' `withdraw_before_minutes` it is late: taken all
    the same, because a seat given back late is better than an empty one, and counted by the standing rule's word.
    """

    enrolment_id: EnrolmentId


class ApproveEnrolment(
    Command[EnrolmentState],
    name="approve-enrolment",
    permission="activities.enrolments.decide",
    http="POST /v1/enrolments/{enrolment_id}/approve",
    refusals=(
        "unknown-enrolment",
        "nothing-to-approve",
        "own-enrolment",
        "session-cancelled",
        "window-closed",
        "guardian-consent-missing",
        "family-too-large",
        "queue-closed",
    ),
):
    """The host takes a family: it gets its seats or its place in the queue, in order of its request (A9)."""

    enrolment_id: EnrolmentId


class RefuseEnrolment(
    Command[EnrolmentState],
    name="refuse-enrolment",
    permission="activities.enrolments.decide",
    http="POST /v1/enrolments/{enrolment_id}/refuse",
    refusals=("unknown-enrolment", "nothing-to-approve", "own-enrolment"),
):
    """The host does not take a family, and says why by a code (A9): `not-the-group`, `papers-missing`, `other`."""

    enrolment_id: EnrolmentId
    reason: Code


class ChangeFamily(
    Command[EnrolmentState],
    name="change-family",
    permission="activities.enrol",
    http="POST /v1/enrolments/{enrolment_id}/people",
    refusals=(
        "unknown-enrolment",
        "enrolment-ended",
        "window-closed",
        "answer-offer-first",
        "already-enrolled",
        "unknown-person",
        "person-restricted",
        "not-eligible",
        "guardian-consent-missing",
        "outside-area",
        "family-too-large",
        "no-seats-left",
    ),
):
    """Other people come than were named (A9). Seats for all of them or the old family stays; where the host approves,
    whoever is new is looked at again, and the family keeps its seats meanwhile.
    """

    enrolment_id: EnrolmentId
    people: tuple[PersonId, ...] = Field(min_length=1, max_length=8)


class ReconfirmEnrolment(
    Command[EnrolmentState],
    name="reconfirm-enrolment",
    permission="activities.enrol",
    http="POST /v1/enrolments/{enrolment_id}/reconfirm",
    refusals=("unknown-enrolment", "nothing-to-reconfirm"),
):
    """The family comes although the session was moved (A16); to stay away it withdraws."""

    enrolment_id: EnrolmentId


class GetEnrolment(
    Query[EnrolmentState],
    name="get-enrolment",
    permission="activities.enrol",
    http="GET /v1/enrolments/{enrolment_id}",
    refusals=("unknown-enrolment",),
):
    """How an enrolment stands now, its place in the queue included (A10)."""

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


class EnrolmentWithdrawn(Event, fact="enrolment.withdrawn"):
    """`late`: nearer to the start than the terms allow. `how` is `withdrawn`, `unconfirmed` (a moved session was not
    confirmed in time) or `not-drawn` (a draw without a queue)."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    seats: int
    late: bool = False
    how: Code = "withdrawn"


class EnrolmentRequested(Event, fact="enrolment.requested"):
    """A family waits for the host's approval; `again`: it was changed, and holds its seats meanwhile (A9)."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    people: tuple[PersonId, ...]
    seats: int
    again: bool = False


class EnrolmentApproved(Event, fact="enrolment.approved"):
    """The host takes the family; what it got is said next."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId


class EnrolmentRefused(Event, fact="enrolment.refused"):
    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    seats: int
    reason: Code


class EnrolmentEntered(Event, fact="enrolment.entered"):
    """A family takes part in a draw (A13)."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    people: tuple[PersonId, ...]
    seats: int


class FamilyChanged(Event, fact="enrolment.changed"):
    """Other people come than before; `status` did not change by it."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    people: tuple[PersonId, ...]
    seats: int
    status: EnrolmentStatus


class ReconfirmRequested(Event, fact="enrolment.reconfirm-requested"):
    """The session was moved: the family says until `answer_by` that it comes all the same, or loses its seats (A16)."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    seats: int
    answer_by: Instant
    tell_at: Instant


class EnrolmentReconfirmed(Event, fact="enrolment.reconfirmed"):
    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
