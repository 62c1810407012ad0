"""The facts of an enrolment's course, made of what was decided. No I/O, no clock."""

from contracts.activities.v1 import (
    Enrol,
    EnrolmentConfirmed,
    EnrolmentEntered,
    EnrolmentQueued,
    EnrolmentRequested,
    EnrolmentStatus,
    EnrolmentWithdrawn,
)
from services.activities.enrolment.rules import Enrolment, Placing, StepKind

First = EnrolmentConfirmed | EnrolmentQueued | EnrolmentRequested | EnrolmentEntered


def first_fact(request: Enrol, placing: Placing) -> First:
    """What a new request came to."""
    if placing.position is None:
        if placing.status is EnrolmentStatus.CONFIRMED:
            return EnrolmentConfirmed(
                enrolment_id=request.enrolment_id,
                session_id=request.session_id,
                contact_id=request.contact_id,
                people=request.people,
                seats=len(request.people),
                seats_left=placing.after.free,
            )
        kind = EnrolmentRequested if placing.status is EnrolmentStatus.REQUESTED else EnrolmentEntered
        return kind(
            enrolment_id=request.enrolment_id,
            session_id=request.session_id,
            contact_id=request.contact_id,
            people=request.people,
            seats=len(request.people),
        )
    return EnrolmentQueued(
        enrolment_id=request.enrolment_id,
        session_id=request.session_id,
        contact_id=request.contact_id,
        people=request.people,
        seats=len(request.people),
        position=placing.position,
    )


def confirmed(enrolment: Enrolment, seats_left: int) -> EnrolmentConfirmed:
    return EnrolmentConfirmed(
        enrolment_id=enrolment.enrolment_id,
        session_id=enrolment.session_id,
        contact_id=enrolment.contact_id,
        people=enrolment.people,
        seats=enrolment.seats,
        seats_left=seats_left,
    )


def queued(enrolment: Enrolment, position: int) -> EnrolmentQueued:
    return EnrolmentQueued(
        enrolment_id=enrolment.enrolment_id,
        session_id=enrolment.session_id,
        contact_id=enrolment.contact_id,
        people=enrolment.people,
        seats=enrolment.seats,
        position=position,
    )


def entered(enrolment: Enrolment) -> EnrolmentEntered:
    return EnrolmentEntered(
        enrolment_id=enrolment.enrolment_id,
        session_id=enrolment.session_id,
        contact_id=enrolment.contact_id,
        people=enrolment.people,
        seats=enrolment.seats,
    )


def requested_again(enrolment: Enrolment) -> EnrolmentRequested:
    """A changed family waits for approval anew."""
    return EnrolmentRequested(
        enrolment_id=enrolment.enrolment_id,
        session_id=enrolment.session_id,
        contact_id=enrolment.contact_id,
        people=enrolment.people,
        seats=enrolment.seats,
        again=True,
    )


def withdrawn(enrolment: Enrolment, how: StepKind, late: bool = False) -> EnrolmentWithdrawn:
    return EnrolmentWithdrawn(
        enrolment_id=enrolment.enrolment_id,
        session_id=enrolment.session_id,
        contact_id=enrolment.contact_id,
        seats=enrolment.seats,
        late=late,
        how=how.value,
    )
