"""What activities does when the window of a drawn session closes, or somebody wants to recompute the draw (A13)."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from contracts.activities.v1 import (
    AllocationMode,
    DrawAnnounced,
    DrawEntry,
    DrawHeld,
    DrawState,
    EnrolmentStatus,
    EnrolmentTerms,
    EnrolmentWithdrawn,
    GetDraw,
    GetDrawRecord,
    SessionStatus,
)
from contracts.refusals import Refusal, Refused
from services.activities import activities
from services.activities.draws import rules, store
from services.activities.draws.rules import Draw
from services.activities.enrolment import facts
from services.activities.enrolment import store as enrolments
from services.activities.enrolment.quotas import Share, are_parted
from services.activities.enrolment.rules import Enrolment, Placing, Seats, Step, StepKind
from services.activities.offers.seats import read_seats, save_seats
from services.activities.sessions.rules import Session
from services.activities.sessions.scope import find_permitted
from services.activities.sessions.store import find_session, lock_session
from services.chassis import Due, Transaction
from services.chassis.transaction import Cause

DRAW_DUE: Final = "draw-due"


async def announce(tx: Transaction, session: Session, terms: EnrolmentTerms) -> None:
    """Fixes the seed of a session whose seats will be drawn, and publishes its commitment.

    Raises Refused("terms-conflict") where nobody could enter any more, as for a draft that was left lying.
    """
    assert terms.closes_at is not None
    if terms.closes_at <= tx.now:
        raise Refused("terms-conflict", problem="draw-window-over")
    seed = secrets.token_hex(32)
    draw = Draw(session.session_id, seed, rules.commitment_of(seed), terms.closes_at, terms.allocation, None)
    await store.add_draw(tx, draw, session.region)
    tx.set_timer(DRAW_DUE, session.session_id, draw.closes_at)
    tx.say(
        DrawAnnounced(
            draw_id=session.session_id,
            session_id=session.session_id,
            commitment=draw.commitment,
            closes_at=draw.closes_at,
            allocation=draw.allocation,
        ),
        region=session.region,
        version=1,
    )


@activities.when_due(DRAW_DUE)
async def hold_draws(due: Sequence[Due], tx: Transaction) -> None:
    """Once each: a draw that was held, or whose session was called off, is left as it is."""
    for each in sorted(due, key=lambda one: one.key):
        session = await lock_session(tx, each.key)
        draw = await store.find_draw(tx, each.key)
        if session is None or draw is None or session.status is not SessionStatus.PUBLISHED:
            continue
        if store.has_closed(draw, tx.now):
            await _hold(tx, session, draw, tx.because_of(each.key))


async def _hold(tx: Transaction, session: Session, draw: Draw, cause: Cause) -> None:
    entered = await enrolments.list_by_status(tx, session.session_id, EnrolmentStatus.ENTERED)
    by_id = {each.enrolment_id: each for each in entered}
    need = session.terms.need_order if session.terms else ()
    order = rules.order_of(draw.seed, {id: rules.rank_of(each.household, need) for id, each in by_id.items()})
    await store.set_held(tx, session.session_id, order, session.region)

    seats, outcomes, steps = await read_seats(tx, session), list[tuple[Enrolment, Seats]](), list[Step]()
    shares: list[tuple[UUID, Share]] = []
    for entry in order:
        enrolment, before = by_id[entry.enrolment_id], seats
        now, seats, share = _place(enrolment, seats)
        outcomes.append((now, seats))
        if share is not None:
            shares.append((now.enrolment_id, share))
        steps.append(Step(now.enrolment_id, now.session_id, _step_of(now), now.seats, before.free))
    drawn = [(each.enrolment_id, each.status.value, turn, each.ending) for turn, (each, _) in enumerate(outcomes, 1)]
    await store.set_drawn(tx, drawn)
    await enrolments.set_shares(tx, shares)
    await enrolments.clear_places(tx, [each for each, _ in outcomes if each.ending])
    await enrolments.add_steps(tx, steps)
    await save_seats(tx, session, seats)

    seated = sum(each.status is EnrolmentStatus.CONFIRMED for each, _ in outcomes)
    tx.say(_held(draw, order, seated), region=session.region, version=2, cause=cause)
    for now, after in outcomes:
        tx.say(_fact(now, after), region=session.region, version=now.version, cause=cause)


def _place(enrolment: Enrolment, seats: Seats) -> tuple[Enrolment, Seats, Share | None]:
    """What a drawn family gets: its seats, the next place in the queue, or, where there is none, nothing."""
    placing = seats.place_party(enrolment.party)
    version = enrolment.version + 1
    if isinstance(placing, Placing):
        return replace(enrolment, status=placing.status, version=version), placing.after, placing.share
    ended = replace(enrolment, status=EnrolmentStatus.WITHDRAWN, ending=StepKind.NOT_DRAWN.value, version=version)
    return ended, seats, None


def _step_of(enrolment: Enrolment) -> StepKind:
    if enrolment.ending:
        return StepKind.NOT_DRAWN
    return StepKind.PLACED if enrolment.status is EnrolmentStatus.CONFIRMED else StepKind.QUEUED


def _fact(enrolment: Enrolment, after: Seats) -> facts.First | EnrolmentWithdrawn:
    if enrolment.ending:
        return facts.withdrawn(enrolment, StepKind.NOT_DRAWN)
    if enrolment.status is EnrolmentStatus.CONFIRMED:
        return facts.confirmed(enrolment, after.free)
    return facts.queued(enrolment, after.waiting)


def _held(draw: Draw, order: Sequence[rules.Entry], seated: int) -> DrawHeld:
    return DrawHeld(
        draw_id=draw.session_id,
        session_id=draw.session_id,
        seed=draw.seed,
        commitment=draw.commitment,
        allocation=draw.allocation,
        entries=tuple(sorted(entry.enrolment_id for entry in order)),
        entries_by_rank=rules.by_rank(order),
        order_digest=rules.digest_of(entry.enrolment_id for entry in order),
        seated=seated,
    )


@activities.answers(GetDraw)
async def get_draw(query: GetDraw, tx: Transaction) -> DrawState | Refusal:
    """The seed of a draw that is still to be held is shown to nobody."""
    session = await find_permitted(tx, query)
    if isinstance(session, Refusal):
        return session
    draw = await store.find_draw(tx, query.session_id)
    if draw is None:
        return Refusal("no-draw")
    return _state(draw, await store.list_entries(tx, query.session_id) if draw.held_at else [], session)


@activities.answers(GetDrawRecord)
async def get_draw_record(query: GetDrawRecord, tx: Transaction) -> DrawState | Refusal:
    """Ranks of need are sensitive (PIPL 28): by need first the order, which tells of them, is left out."""
    session = await find_session(tx, query.session_id)
    if session is None:
        return Refusal("unknown-session", session_id=str(query.session_id))
    found = await store.read_record(tx, query.session_id)
    if found is None:
        return Refusal("no-draw")
    state = _state(*found, session)
    return state if state.allocation is AllocationMode.LOTTERY else state.model_copy(update={"order": ()})


def _state(draw: Draw, entries: Sequence[rules.Entry], session: Session) -> DrawState:
    return DrawState(
        session_id=draw.session_id,
        commitment=draw.commitment,
        closes_at=draw.closes_at,
        allocation=draw.allocation,
        held_at=draw.held_at,
        seed=draw.seed if draw.held_at else None,
        order=tuple(DrawEntry(**{name: getattr(each, name) for name in DrawEntry.model_fields}) for each in entries),
        parted=are_parted(session.terms),
        queue_open=session.queue_open,
        entries=tuple(sorted(each.enrolment_id for each in entries)),
        entries_by_rank=rules.by_rank(entries),
        order_digest=rules.digest_of(each.enrolment_id for each in entries) if draw.held_at else None,
    )
