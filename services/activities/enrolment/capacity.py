"""What activities does when a session gets its terms or other seats, and when somebody asks what they are (A5, A7)."""

from dataclasses import replace
from typing import Final
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    CapacityChanged,
    ChangeCapacity,
    CheckEligibility,
    Eligibility,
    EligibilityReason,
    Enrol,
    EnrolmentTerms,
    GetTerms,
    SessionStatus,
    SetTerms,
    TermsState,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities import store as replicas
from services.activities.draws import handlers as draws
from services.activities.draws.store import find_commitment
from services.activities.enrolment import rules, store, terms
from services.activities.enrolment.desk import PLAIN
from services.activities.enrolment.handlers import find_involved, open_desk
from services.activities.enrolment.quotas import OPEN, Quotas, are_parted, falls_short, parted, states_of
from services.activities.offers.seats import offer_to_next, read_seats, save_seats
from services.activities.sessions import rules as sessions
from services.activities.sessions.rules import Session
from services.activities.sessions.scope import find_permitted, lock_permitted
from services.activities.sessions.store import count_capacity_fact, find_session, set_capacity, set_terms
from services.chassis import Transaction

LANGUAGES: Final = ("zh", "en")


async def give_terms(tx: Transaction, session: Session, given: EnrolmentTerms) -> Session:
    """The terms of a session in which nobody is enrolled; a draw is announced once the session is public."""
    await set_terms(tx, session.session_id, given)
    if are_parted(given):
        await store.set_quotas(tx, [(session.session_id, parted(given, session.capacity))])
    now = replace(session, terms=given)
    if session.status is SessionStatus.PUBLISHED:
        await open_terms(tx, now)
    return now


async def open_terms(tx: Transaction, session: Session) -> None:
    """What the terms of a session bring about when it becomes public."""
    if session.terms is not None and terms.is_drawn(session.terms):
        await draws.announce(tx, session, session.terms)


@activities.decides(SetTerms)
async def set_terms_of_session(command: SetTerms, tx: Transaction) -> TermsState | Refusal:
    session = await lock_permitted(tx, command)
    if isinstance(session, Refusal):
        return session
    refusal = sessions.may_cancel(session, tx.now) or terms.hold_together(
        command.terms, session.capacity, session.starts_at
    )
    if refusal:
        return refusal
    if await find_commitment(tx, session.session_id) or await store.anybody_enrolled(tx, session.session_id):
        return Refusal("terms-in-use")
    await store.clear_quotas(tx, session.session_id)
    return await _state(tx, await give_terms(tx, session, command.terms))


@activities.decides(ChangeCapacity)
async def change_capacity(command: ChangeCapacity, tx: Transaction) -> TermsState | Refusal:
    session = await lock_permitted(tx, command)
    if isinstance(session, Refusal):
        return session
    refusal = sessions.may_cancel(session, tx.now) or await _fits_the_room(command, session, tx)
    if refusal:
        return refusal
    changed = _changed_terms(command, session)
    if isinstance(changed, Refusal):
        return changed
    now = await reseat(tx, session, command.capacity, changed)
    return now if isinstance(now, Refusal) else await _state(tx, now)


async def reseat(tx: Transaction, session: Session, capacity: int, changed: EnrolmentTerms | None) -> Session | Refusal:
    """A locked session with other seats; whoever fits into added ones is offered them. Refusal: seats-in-use."""
    before = await read_seats(tx, session)
    quotas = _new_quotas(changed, capacity, before)
    short = _falls_short(capacity, session, quotas)
    if short:
        return short

    await set_capacity(tx, session.session_id, capacity)
    if changed is not None:
        await set_terms(tx, session.session_id, changed)
    now = replace(session, capacity=capacity, terms=changed)
    after = await offer_to_next(tx, now, replace(before, capacity=capacity, quotas=quotas))
    await save_seats(tx, now, after)
    tx.say(
        CapacityChanged(
            capacity_id=session.session_id,
            session_id=session.session_id,
            before=session.capacity,
            capacity=capacity,
            seats_taken=after.taken,
            quotas=tuple(states_of(after.quotas)),
        ),
        region=session.region,
        version=await count_capacity_fact(tx, session.session_id),
    )
    return replace(now, seats_taken=after.taken, waiting=after.waiting)


async def _fits_the_room(command: ChangeCapacity, session: Session, tx: Transaction) -> Refusal | None:
    """Refusals: room-too-small, permit-needed (more seats than the police have permitted are a new request)."""
    room = await replicas.find_room_capacity(tx, session.site_id, session.room_id)
    if room is not None and command.capacity > max(room, session.capacity):
        return Refusal("room-too-small", capacity=room)
    if command.capacity >= sessions.PERMIT_FROM > session.capacity:
        return Refusal("permit-needed")
    return None


def _changed_terms(command: ChangeCapacity, session: Session) -> EnrolmentTerms | Refusal | None:
    """The terms with other quotas; minors are counted only where they were from the first enrolment on."""
    given = {
        name: value
        for name in ("child_seats", "reserved", "walk_in_seats")
        if (value := getattr(command, name)) is not None
    }
    known = session.terms or PLAIN
    if "child_seats" in given and known.child_seats is None:
        return Refusal("terms-conflict", problem="child-seats-were-not-counted")
    changed = known.model_copy(update=given)
    # The window may be over by now: only the seats are looked at.
    problem = terms.hold_together(
        EnrolmentTerms(child_seats=changed.child_seats, reserved=changed.reserved, walk_in_seats=changed.walk_in_seats),
        command.capacity,
        session.starts_at,
    )
    if problem:
        return problem
    return changed if given or session.terms else None


def _new_quotas(changed: EnrolmentTerms | None, capacity: int, before: rules.Seats) -> Quotas | None:
    if changed is None or not (are_parted(changed) or before.quotas):
        return None
    if before.quotas is None:
        return parted(changed, capacity, {OPEN: before.taken})
    return parted(changed, capacity, {name: quota.taken for name, quota in before.quotas.by_name.items()})


def _falls_short(capacity: int, session: Session, quotas: Quotas | None) -> Refusal | None:
    if capacity < session.seats_taken:
        return Refusal("seats-in-use", quota="total", taken=session.seats_taken, wanted=capacity)
    return falls_short(quotas) if quotas else None


@activities.answers(GetTerms)
async def get_terms(query: GetTerms, tx: Transaction) -> TermsState | Refusal:
    session = await find_session(tx, query.session_id)
    return await _state(tx, session) if session else _unknown(query.session_id)


@activities.answers(CheckEligibility)
async def check_eligibility(query: CheckEligibility, tx: Transaction) -> Eligibility | Refusal:
    session = await find_permitted(tx, query)
    if isinstance(session, Refusal):
        return session
    # A kind that is served: which one a family is, is not asked here.
    kinds = session.terms.households if session.terms else ()
    request = Enrol(
        enrolment_id=uuid4(),
        session_id=query.session_id,
        contact_id=query.contact_id,
        people=query.people,
        household=kinds[0] if kinds else None,
    )
    desk = await open_desk(tx, {session.session_id: session}, [request], await find_involved(tx, [request]))
    reasons = list(desk.reasons(request, session, tx.now))
    outcome = None if reasons else desk.decide(request, session, tx.now)
    if isinstance(outcome, Refusal):
        reasons.append(outcome)
    return Eligibility(
        eligible=not reasons,
        reasons=tuple(map(_worded, reasons)),
        would_be=outcome.status if outcome and not isinstance(outcome, Refusal) else None,
        position=outcome.position if outcome and not isinstance(outcome, Refusal) else None,
    )


def _worded(refusal: Refusal) -> EligibilityReason:
    zh, en = (refusal.reason.sentence(language, refusal.params) for language in LANGUAGES)
    return EligibilityReason(code=refusal.code, person_id=refusal.params.get("person_id"), zh=zh, en=en)


async def _state(tx: Transaction, session: Session) -> TermsState:
    seats = await read_seats(tx, session)
    return TermsState(
        session_id=session.session_id,
        capacity=session.capacity,
        seats_taken=session.seats_taken,
        waiting=session.waiting,
        quotas=tuple(states_of(seats.quotas)),
        terms=session.terms,
        commitment=await find_commitment(tx, session.session_id),
    )


def _unknown(session_id: UUID) -> Refusal:
    return Refusal("unknown-session", session_id=str(session_id))
