"""What activities does when a family answers an offer, or lets its time pass."""

from collections.abc import Sequence
from dataclasses import replace

from contracts.activities.v1 import (
    AcceptOffer,
    DeclineByLink,
    DeclineOffer,
    EnrolmentState,
    EnrolmentStatus,
    OfferEnded,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.enrolment import facts, store
from services.activities.enrolment.eligibility import may_be_confirmed
from services.activities.enrolment.rules import Enrolment, Step, StepKind, state_of
from services.activities.offers import rules
from services.activities.offers.seats import LAPSES, end_silent, free_seats, lock_permitted_enrolment
from services.activities.sessions.rules import Session
from services.activities.store import find_people
from services.chassis import Due, Transaction

# Nobody takes the timer of an answered offer back: it would meet a firing one crosswise (that holds the timer and
# wants the session). It fires and finds nothing to do.


@activities.decides(AcceptOffer)
async def accept_offer(command: AcceptOffer, tx: Transaction) -> EnrolmentState | Refusal:
    found = await lock_permitted_enrolment(tx, command)
    if isinstance(found, Refusal):
        return found
    session, enrolment = found
    people = await find_people(tx, enrolment.people)
    refusal = rules.may_accept(enrolment, tx.now) or may_be_confirmed(enrolment.people, people)
    if refusal:
        return refusal

    confirmed = replace(enrolment, status=EnrolmentStatus.CONFIRMED, version=enrolment.version + 1)
    await store.set_confirmed(tx, enrolment.enrolment_id)
    step = Step(enrolment.enrolment_id, enrolment.session_id, StepKind.ACCEPTED, enrolment.seats, session.free)
    await store.add_steps(tx, [step])
    tx.say(facts.confirmed(confirmed, session.free), region=session.region, version=confirmed.version)
    return state_of(confirmed)


@activities.decides(DeclineOffer)
async def decline_offer(command: DeclineOffer, tx: Transaction) -> EnrolmentState | Refusal:
    found = await lock_permitted_enrolment(tx, command)
    if isinstance(found, Refusal):
        return found
    session, enrolment = found
    refusal = rules.may_decline(enrolment)
    return refusal or await _decline(tx, session, enrolment)


@activities.decides(DeclineByLink)
async def decline_by_link(command: DeclineByLink, tx: Transaction) -> EnrolmentState | Refusal:
    """The gateway asks for whoever holds the signed link; opened again it finds the offer declined, and says so."""
    found = await lock_permitted_enrolment(tx, command)
    if isinstance(found, Refusal):
        return found
    session, enrolment = found
    if enrolment.answer_by == command.answer_by and enrolment.ending == StepKind.DECLINED:
        return state_of(enrolment)
    if enrolment.answer_by != command.answer_by:
        return Refusal("no-offer")
    return rules.may_decline(enrolment) or await _decline(tx, session, enrolment)


async def _decline(tx: Transaction, session: Session, enrolment: Enrolment) -> EnrolmentState:
    tx.say(_ended(enrolment, StepKind.DECLINED), region=session.region, version=enrolment.version + 1)
    [declined] = await free_seats(tx, session, [enrolment], StepKind.DECLINED)
    return state_of(declined)


@activities.when_due(LAPSES)
async def lapse_offers(due: Sequence[Due], tx: Transaction) -> None:
    await end_silent(tx, due, rules.has_lapsed, StepKind.LAPSED, _ended)


def _ended(enrolment: Enrolment, how: StepKind) -> OfferEnded:
    return OfferEnded(
        enrolment_id=enrolment.enrolment_id,
        session_id=enrolment.session_id,
        contact_id=enrolment.contact_id,
        how=how.value,
    )
