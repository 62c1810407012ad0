"""What activities does when a family answers an offer, or lets its time pass."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from contracts.activities.v1 import (
    AcceptOffer,
    DeclineOffer,
    EnrolmentConfirmed,
    EnrolmentState,
    EnrolmentStatus,
    OfferEnded,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.enrolment import store
from services.activities.enrolment.rules import Enrolment, Step, StepKind, may_be_confirmed, state_of
from services.activities.offers import rules
from services.activities.offers.seats import LAPSES, free_seats, lock_enrolment
from services.activities.sessions.store import lock_sessions
from services.activities.store import find_people
from services.chassis import Due, Transaction
from services.chassis.access import decide

# Nobody takes the timer of an answered offer back: it would meet a firing one crosswise (that holds the timer and
# wants the session). It fires and finds nothing to do.


@activities.decides(AcceptOffer)
async def accept_offer(command: AcceptOffer, tx: Transaction) -> EnrolmentState | Refusal:
    found = await lock_enrolment(tx, command.enrolment_id)
    if found is None:
        return Refusal("unknown-enrolment", enrolment_id=str(command.enrolment_id))
    session, enrolment = found
    people = await find_people(tx, enrolment.people)
    refusal = (
        decide(tx.actor, command.contract.permission, session.region)
        or rules.may_accept(enrolment, tx.now)
        or may_be_confirmed(enrolment.people, people)
    )
    if refusal:
        return refusal

    confirmed = replace(enrolment, status=EnrolmentStatus.CONFIRMED, version=enrolment.version + 1)
    await store.set_confirmed(tx, enrolment.enrolment_id)
    step = Step(enrolment.enrolment_id, enrolment.session_id, StepKind.ACCEPTED, enrolment.seats, session.free)
    await store.add_steps(tx, [step])
    tx.say(
        EnrolmentConfirmed(
            enrolment_id=enrolment.enrolment_id,
            session_id=enrolment.session_id,
            contact_id=enrolment.contact_id,
            people=enrolment.people,
            seats=enrolment.seats,
            seats_left=session.free,
        ),
        region=session.region,
        version=confirmed.version,
    )
    return state_of(confirmed)


@activities.decides(DeclineOffer)
async def decline_offer(command: DeclineOffer, tx: Transaction) -> EnrolmentState | Refusal:
    found = await lock_enrolment(tx, command.enrolment_id)
    if found is None:
        return Refusal("unknown-enrolment", enrolment_id=str(command.enrolment_id))
    session, enrolment = found
    refusal = decide(tx.actor, command.contract.permission, session.region) or rules.may_decline(enrolment)
    if refusal:
        return refusal

    tx.say(_ended(enrolment, StepKind.DECLINED), region=session.region, version=enrolment.version + 1)
    [declined] = await free_seats(tx, session, [enrolment], StepKind.DECLINED)
    return state_of(declined)


@activities.when_due(LAPSES)
async def lapse_offers(due: Sequence[Due], tx: Transaction) -> None:
    """Ends offers nobody answered in time and passes their seats on; answered ones are left as they are."""
    keys = [each.key for each in due]
    sessions = await lock_sessions(tx, await store.find_sessions_of(tx, keys))
    lapsed = [each for each in await store.find_enrolments(tx, keys) if rules.has_lapsed(each, tx.now)]

    for session_id, group in groupby(sorted(lapsed, key=_session_id), key=_session_id):
        session, ended = sessions[session_id], list(group)
        for each in ended:
            tx.say(
                _ended(each, StepKind.LAPSED),
                region=session.region,
                version=each.version + 1,
                cause=tx.because_of(each.enrolment_id),
            )
        await free_seats(tx, session, ended, StepKind.LAPSED, tx.because_of(ended[0].enrolment_id))


def _session_id(enrolment: Enrolment) -> UUID:
    return enrolment.session_id


def _ended(enrolment: Enrolment, how: StepKind) -> OfferEnded:
    return OfferEnded(
        enrolment_id=enrolment.enrolment_id,
        session_id=enrolment.session_id,
        contact_id=enrolment.contact_id,
        how=how.value,
    )
