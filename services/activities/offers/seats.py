"""Freed seats go to the next families that fit, in the transaction that frees them and under the session's lock."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from contracts.activities.v1 import EnrolmentStatus, SeatsOffered
from services.activities.enrolment import store
from services.activities.enrolment.rules import Enrolment, Step, StepKind, without
from services.activities.offers import rules
from services.activities.sessions.rules import Session
from services.activities.sessions.store import lock_session, set_seats
from services.chassis import Transaction
from services.chassis.transaction import Cause

LAPSES: Final = "offer-lapses"
PAGE: Final = 200


async def lock_enrolment(tx: Transaction, enrolment_id: UUID) -> tuple[Session, Enrolment] | None:
    """An enrolment under the lock of its session, which all that change enrolments take first."""
    for session_id in await store.find_sessions_of(tx, [enrolment_id]):
        session = await lock_session(tx, session_id)
        [enrolment] = await store.find_enrolments(tx, [enrolment_id])
        if session is not None:
            return session, enrolment
    return None


async def free_seats(
    tx: Transaction, session: Session, ended: Sequence[Enrolment], how: StepKind, cause: Cause | None = None
) -> list[Enrolment]:
    """Ends active enrolments of a locked session and offers what they held; returns them as they are now."""
    await store.end_enrolments(tx, ended, how)
    steps: list[Step] = []
    for each in ended:
        steps.append(Step(each.enrolment_id, each.session_id, how, each.seats, session.free))
        session = without(session, each)
    await store.add_steps(tx, steps)
    session = await _offer_to_next(tx, session, cause)
    await set_seats(tx, [(session.session_id, session.seats_taken, session.waiting)])
    return [
        replace(each, status=EnrolmentStatus.WITHDRAWN, ending=how.value, version=each.version + 1) for each in ended
    ]


async def _offer_to_next(tx: Transaction, session: Session, cause: Cause | None) -> Session:
    """Goes through the queue until no seat is free or nobody waits; the session with the seats now held."""
    if session.starts_at <= tx.now:
        return session
    after, more = 0, session.waiting > 0
    while session.free and more:
        waiting, after = await store.list_waiting(tx, session.session_id, after, PAGE)
        offers = rules.go_through(waiting, session.free)
        await store.add_steps(tx, offers.steps)
        await _say_offers(tx, session, offers.offered, cause)
        session = replace(
            session,
            seats_taken=session.capacity - offers.free,
            waiting=session.waiting - len(offers.offered),
        )
        more = len(waiting) == PAGE
    return session


async def _say_offers(tx: Transaction, session: Session, offered: Sequence[Enrolment], cause: Cause | None) -> None:
    if not offered:
        return
    deadline = rules.answer_by(tx.now, session.starts_at)
    await store.set_offered(tx, [each.enrolment_id for each in offered], deadline)
    for each in offered:
        tx.set_timer(LAPSES, each.enrolment_id, deadline, cause)
        tx.say(
            SeatsOffered(
                enrolment_id=each.enrolment_id,
                session_id=each.session_id,
                contact_id=each.contact_id,
                seats=each.seats,
                answer_by=deadline,
            ),
            region=session.region,
            version=each.version + 1,
            cause=cause,
        )
