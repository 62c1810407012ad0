"""What activities does when a host decides on a family that asked to come (A9)."""

from dataclasses import replace

from contracts.activities.v1 import (
    ApproveEnrolment,
    EnrolmentApproved,
    EnrolmentRefused,
    EnrolmentState,
    EnrolmentStatus,
    RefuseEnrolment,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities import store as replicas
from services.activities.enrolment import eligibility, facts, rules, store, terms
from services.activities.enrolment.rules import Enrolment, Seats, Step, StepKind
from services.activities.offers.seats import free_seats, lock_permitted_enrolment, read_seats, save_seats
from services.activities.sessions.rules import Session
from services.chassis import Transaction


@activities.decides(ApproveEnrolment)
async def approve_enrolment(command: ApproveEnrolment, tx: Transaction) -> EnrolmentState | Refusal:
    found = await lock_permitted_enrolment(tx, command)
    if isinstance(found, Refusal):
        return found
    session, enrolment = found
    refusal = (
        rules.may_decide_on(enrolment, tx.actor.id)
        or eligibility.may_enrol_now(session, tx.now)
        or eligibility.may_be_confirmed(enrolment.people, await replicas.find_people(tx, enrolment.people))
    )
    if refusal:
        return refusal

    seats = await read_seats(tx, session)
    outcome = _approve(session, enrolment, seats)
    if isinstance(outcome, Refusal):
        return outcome
    status, after = outcome
    approved = replace(enrolment, status=status, version=enrolment.version + 2)
    await store.set_status(tx, approved)
    if status is EnrolmentStatus.CONFIRMED and not enrolment.holds_seats:
        share = seats.fit(enrolment.party)
        assert not isinstance(share, str)
        await store.set_shares(tx, [(enrolment.enrolment_id, share)])
    await store.add_steps(tx, [_step(enrolment, StepKind.APPROVED, seats)])
    await save_seats(tx, session, after)
    position = await store.find_position(tx, approved)
    _say_approved(tx, session, approved, after, position)
    return rules.state_of(approved, position)


def _approve(session: Session, enrolment: Enrolment, seats: Seats) -> tuple[EnrolmentStatus, Seats] | Refusal:
    """What an approved family gets: the seats it holds already, its lot in a draw to come, or what is free now."""
    if enrolment.holds_seats:
        return EnrolmentStatus.CONFIRMED, seats
    if terms.is_drawn(session.terms) and session.drawn_at is None:
        return EnrolmentStatus.ENTERED, seats
    placing = seats.place_party(enrolment.party)
    return placing if isinstance(placing, Refusal) else (placing.status, placing.after)


def _say_approved(tx: Transaction, session: Session, approved: Enrolment, seats: Seats, position: int | None) -> None:
    fact = EnrolmentApproved(
        enrolment_id=approved.enrolment_id, session_id=approved.session_id, contact_id=approved.contact_id
    )
    tx.say(fact, region=session.region, version=approved.version - 1)
    got = (
        facts.queued(approved, position)
        if position is not None
        else facts.entered(approved)
        if approved.status is EnrolmentStatus.ENTERED
        else facts.confirmed(approved, seats.free)
    )
    tx.say(got, region=session.region, version=approved.version)


@activities.decides(RefuseEnrolment)
async def refuse_enrolment(command: RefuseEnrolment, tx: Transaction) -> EnrolmentState | Refusal:
    found = await lock_permitted_enrolment(tx, command)
    if isinstance(found, Refusal):
        return found
    session, enrolment = found
    refusal = rules.may_decide_on(enrolment, tx.actor.id)
    if refusal:
        return refusal

    await store.set_reason(tx, enrolment.enrolment_id, command.reason)
    tx.say(
        EnrolmentRefused(
            enrolment_id=enrolment.enrolment_id,
            session_id=enrolment.session_id,
            contact_id=enrolment.contact_id,
            seats=enrolment.seats,
            reason=command.reason,
        ),
        region=session.region,
        version=enrolment.version + 1,
    )
    [refused] = await free_seats(tx, session, [enrolment], StepKind.REFUSED)
    return rules.state_of(replace(refused, reason=command.reason))


def _step(enrolment: Enrolment, kind: StepKind, seats: Seats) -> Step:
    return Step(enrolment.enrolment_id, enrolment.session_id, kind, enrolment.seats, seats.free)
