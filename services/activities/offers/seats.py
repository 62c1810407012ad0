"""Freed seats go to the next families that fit, in the transaction that frees them and under the session's lock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import ClassVar, Final, Protocol
from uuid import UUID

from contracts.activities.v1 import EnrolmentStatus, QueueSkipped, SeatsOffered, SkippedFamily
from contracts.message import Contract, Event
from contracts.refusals import Refusal
from services.activities.enrolment import store
from services.activities.enrolment.quotas import Share, are_parted
from services.activities.enrolment.rules import Enrolment, Seats, Step, StepKind, seats_of, without
from services.activities.offers import rules
from services.activities.sessions.rules import Session
from services.activities.sessions.store import lock_session, lock_sessions, set_seats
from services.chassis import Due, Transaction
from services.chassis.access import decide
from services.chassis.transaction import Cause

LAPSES: Final = "offer-lapses"
PAGE: Final = 200
MOST_SKIPPED: Final = 500
"""So many a fact names; the log has them all."""


class OfEnrolment(Protocol):
    """A command about one enrolment."""

    contract: ClassVar[Contract]

    @property
    def enrolment_id(self) -> UUID: ...


async def lock_permitted_enrolment(tx: Transaction, asked: OfEnrolment) -> tuple[Session, Enrolment] | Refusal:
    """An enrolment under the lock of its session, which all that change enrolments take first.

    Refusals: unknown-enrolment, not-permitted.
    """
    for session_id in await store.find_sessions_of(tx, [asked.enrolment_id]):
        session = await lock_session(tx, session_id)
        [enrolment] = await store.find_enrolments(tx, [asked.enrolment_id])
        if session is not None:
            return decide(tx.actor, asked.contract.permission, session.region) or (session, enrolment)
    return Refusal("unknown-enrolment", enrolment_id=str(asked.enrolment_id))


async def read_seats(tx: Transaction, session: Session) -> Seats:
    """What a locked session may still promise, its quotas included."""
    parted = await store.find_quotas(tx, [session.session_id]) if are_parted(session.terms) else {}
    return seats_of(session, parted.get(session.session_id))


async def save_seats(tx: Transaction, session: Session, seats: Seats) -> None:
    await set_seats(tx, [(session.session_id, seats.taken, seats.waiting)])
    if seats.quotas is not None:
        await store.set_quotas(tx, [(session.session_id, seats.quotas)])


async def free_seats(
    tx: Transaction, session: Session, ended: Sequence[Enrolment], how: StepKind, cause: Cause | None = None
) -> list[Enrolment]:
    """Ends active enrolments of a locked session and offers what they held; returns them as they are now."""
    await store.end_enrolments(tx, ended, how)
    seats = await read_seats(tx, session)
    steps: list[Step] = []
    for each in ended:
        steps.append(Step(each.enrolment_id, each.session_id, how, each.seats, seats.free))
        seats = without(seats, each)
    await store.add_steps(tx, steps)
    await save_seats(tx, session, await offer_to_next(tx, session, seats, cause))
    return [
        replace(each, status=EnrolmentStatus.WITHDRAWN, ending=how.value, version=each.version + 1) for each in ended
    ]


async def end_silent(
    tx: Transaction,
    due: Sequence[Due],
    was_silent: Callable[[Enrolment, datetime], bool],
    how: StepKind,
    fact: Callable[[Enrolment, StepKind], Event],
) -> None:
    """Ends the enrolments that let their time pass and passes their seats on; answered ones are left as they are."""
    keys = [each.key for each in due]
    sessions = await lock_sessions(tx, await store.find_sessions_of(tx, keys))
    silent = [each for each in await store.find_enrolments(tx, keys) if was_silent(each, tx.now)]
    await end_all(tx, sessions, silent, how, fact, lambda each: tx.because_of(each.enrolment_id))


async def end_all(
    tx: Transaction,
    sessions: Mapping[UUID, Session],
    ending: Sequence[Enrolment],
    how: StepKind,
    fact: Callable[[Enrolment, StepKind], Event],
    cause_of: Callable[[Enrolment], Cause],
) -> None:
    """Ends enrolments of locked sessions, says so of each, and offers what they held to the next of their session."""
    for session_id, group in groupby(sorted(ending, key=_session_id), key=_session_id):
        session, ended = sessions[session_id], list(group)
        for each in ended:
            tx.say(fact(each, how), region=session.region, version=each.version + 1, cause=cause_of(each))
        await free_seats(tx, session, ended, how, cause_of(ended[0]))


def _session_id(enrolment: Enrolment) -> UUID:
    return enrolment.session_id


async def offer_to_next(tx: Transaction, session: Session, seats: Seats, cause: Cause | None = None) -> Seats:
    """Goes through the queue until no seat is free or nobody waits; what is left with the seats that are now held."""
    if session.starts_at <= tx.now:
        return seats
    steps: list[Step] = []
    after, more = 0, seats.waiting > 0
    while seats.free and more:
        waiting, after = await store.list_waiting(tx, session.session_id, after, PAGE, session.drawn_at is not None)
        offers = rules.go_through(waiting, seats)
        steps += offers.steps
        await _say_offers(tx, session, offers.offered, cause)
        seats = replace(offers.left, waiting=seats.waiting - len(offers.offered))
        more = len(waiting) == PAGE
    await store.add_steps(tx, steps)
    await _say_skips(tx, session, steps, cause)
    return seats


async def offer_again(tx: Transaction, session: Session) -> None:
    """The open offers of a locked session that was moved: the same seats, a new deadline, a new letter."""
    open_ones = await store.list_by_status(tx, session.session_id, EnrolmentStatus.OFFERED)
    open_ones = [each for each in open_ones if not rules.has_lapsed(each, tx.now)]
    await _say_offered(tx, session, open_ones, None)
    steps = [
        Step(each.enrolment_id, each.session_id, StepKind.ASKED_AGAIN, each.seats, session.free) for each in open_ones
    ]
    await store.add_steps(tx, steps)


async def _say_offers(
    tx: Transaction, session: Session, offered: Sequence[tuple[Enrolment, Share]], cause: Cause | None
) -> None:
    await _say_offered(tx, session, [each for each, _ in offered], cause)
    if offered and are_parted(session.terms):
        await store.set_shares(tx, [(each.enrolment_id, share) for each, share in offered])


async def _say_offered(tx: Transaction, session: Session, offered: Sequence[Enrolment], cause: Cause | None) -> None:
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
                tell_at=rules.tell_at(tx.now, deadline),
            ),
            region=session.region,
            version=each.version + 1,
            cause=cause,
        )


async def _say_skips(tx: Transaction, session: Session, steps: Sequence[Step], cause: Cause | None) -> None:
    """Says which families an offer passed (A12); whoever is skipped behind the last offer was passed by nobody."""
    offered = [place for place, step in enumerate(steps) if step.kind is StepKind.OFFERED]
    passed = [step for step in steps[: offered[-1]] if step.kind is StepKind.SKIPPED] if offered else []
    if not passed:
        return
    tx.say(
        QueueSkipped(
            queue_id=session.session_id,
            session_id=session.session_id,
            skipped=tuple(
                SkippedFamily(
                    enrolment_id=step.enrolment_id,
                    seats_wanted=step.wanted,
                    seats_free=step.free,
                    short_of=step.short_of or "open",
                )
                for step in passed[:MOST_SKIPPED]
            ),
            offered=tuple(steps[place].enrolment_id for place in offered),
        ),
        region=session.region,
        version=await store.count_queue_fact(tx, session.session_id),
        cause=cause,
    )
