"""What activities does after a session was moved: families say whether they come all the same (A16)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from contracts.activities.v1 import (
    EnrolmentReconfirmed,
    EnrolmentState,
    EnrolmentStatus,
    ReconfirmEnrolment,
    ReconfirmRequested,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.enrolment import store
from services.activities.enrolment.facts import withdrawn
from services.activities.enrolment.rules import Enrolment, Step, StepKind, state_of
from services.activities.offers import rules
from services.activities.offers.seats import end_silent, lock_permitted_enrolment, offer_again
from services.activities.sessions.rules import Session
from services.chassis import Due, Transaction

RECONFIRM_LAPSES: Final = "reconfirm-lapses"


async def ask_again(tx: Transaction, session: Session) -> None:
    """Asks everybody with confirmed seats of a session that was just moved; its row is locked and as it is now.

    Whoever is offered seats is offered them anew, with time to answer for the new place and time. Who waits keeps her
    place, after a draw that of the draw: the order was committed to before anybody entered, and a host who might draw
    again by moving a session could do so until it liked the result (A13).
    """
    if session.starts_at <= tx.now:
        return
    await offer_again(tx, session)
    confirmed = await store.list_by_status(tx, session.session_id, EnrolmentStatus.CONFIRMED)
    if not confirmed:
        return
    deadline = rules.reconfirm_by(tx.now, session.starts_at)
    await store.set_reconfirm(tx, [each.enrolment_id for each in confirmed], deadline)
    await store.add_steps(tx, [_step(each, StepKind.ASKED_AGAIN, session) for each in confirmed])
    for each in confirmed:
        tx.set_timer(RECONFIRM_LAPSES, each.enrolment_id, deadline)
        tx.say(
            ReconfirmRequested(
                enrolment_id=each.enrolment_id,
                session_id=each.session_id,
                contact_id=each.contact_id,
                seats=each.seats,
                answer_by=deadline,
                tell_at=rules.tell_at(tx.now, deadline),
            ),
            region=session.region,
            version=each.version + 1,
        )


@activities.decides(ReconfirmEnrolment)
async def reconfirm_enrolment(command: ReconfirmEnrolment, tx: Transaction) -> EnrolmentState | Refusal:
    found = await lock_permitted_enrolment(tx, command)
    if isinstance(found, Refusal):
        return found
    session, enrolment = found
    refusal = rules.may_reconfirm(enrolment, tx.now)
    if refusal:
        return refusal

    await store.set_reconfirm(tx, [enrolment.enrolment_id], None)
    await store.add_steps(tx, [_step(enrolment, StepKind.RECONFIRMED, session)])
    tx.say(
        EnrolmentReconfirmed(
            enrolment_id=enrolment.enrolment_id, session_id=enrolment.session_id, contact_id=enrolment.contact_id
        ),
        region=session.region,
        version=enrolment.version + 1,
    )
    return state_of(replace(enrolment, reconfirm_by=None, version=enrolment.version + 1))


@activities.when_due(RECONFIRM_LAPSES)
async def free_unconfirmed(due: Sequence[Due], tx: Transaction) -> None:
    """Who did not answer in time loses the seats, which are offered to the next."""
    await end_silent(tx, due, rules.was_silent, StepKind.UNCONFIRMED, withdrawn)


def _step(enrolment: Enrolment, kind: StepKind, session: Session) -> Step:
    return Step(enrolment.enrolment_id, enrolment.session_id, kind, enrolment.seats, session.free)
