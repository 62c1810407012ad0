"""What activities does when a family enrols, gives its seats back, or staff look at roster and queue."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from contracts.activities.v1 import (
    Enrol,
    EnrolmentState,
    ExplainQueue,
    GetEnrolment,
    GetRoster,
    ListActivitiesAccesses,
    QueueLog,
    QueueStep,
    Roster,
    RosterEntry,
    WithdrawEnrolment,
)
from contracts.audit import AuditAction
from contracts.refusals import Refusal
from services.activities import activities
from services.activities import store as replicas
from services.activities.attendance.store import find_inside
from services.activities.consents.store import list_photographed
from services.activities.enrolment import rules, store, terms, words
from services.activities.enrolment.desk import Desk
from services.activities.enrolment.eligibility import Person
from services.activities.enrolment.facts import first_fact, withdrawn
from services.activities.enrolment.placed import save_placed
from services.activities.enrolment.quotas import are_parted
from services.activities.enrolment.rules import Placing, StepKind
from services.activities.offers.seats import free_seats, lock_permitted_enrolment
from services.activities.sessions.rules import Session
from services.activities.sessions.scope import find_permitted, within_scope
from services.activities.sessions.store import find_session, lock_sessions
from services.activities.standing.absences import note_late, suspended_contacts
from services.chassis import Asked, Transaction
from services.chassis.access import decide
from services.chassis.accesses import answer_accesses

MOST_ENTRIES: Final = 2_000
MOST_STEPS: Final = 4_000
AT_THE_DOOR: Final = "activities.attendance"
"""Whoever enrols a walk-in stands at the door: she may record attendance too."""

answer_accesses(activities, ListActivitiesAccesses, replicas.find_guardian)


@activities.decides_many(Enrol)
async def enrol(asked: Sequence[Asked[Enrol]], tx: Transaction) -> None:
    """Seats for whole families, decided in order of arrival (A6, A8); who fits: `eligibility.py`."""
    requests = [each.data for each in asked]
    people = await find_involved(tx, requests)  # nobody locks people: reading them first holds the sessions shorter
    sessions = await lock_sessions(tx, {request.session_id for request in requests})
    desk = await open_desk(tx, sessions, requests, people)

    placed: list[tuple[Asked[Enrol], Session, Placing]] = []
    for each, session in within_scope(asked, sessions):  # in order of arrival: fair inside a batch too
        denied = decide(each.actor, AT_THE_DOOR, session.region) if each.data.walk_in else None
        outcome = denied or desk.decide(each.data, session, tx.now)
        if isinstance(outcome, Refusal):
            each.answer(outcome)
        else:
            placed.append((each, session, outcome))

    if placed:
        async with tx.saving(save_placed(tx, [(each.data, placing) for each, _, placing in placed], desk.seats)):
            for each, session, placing in placed:
                each.answer(_state(each.data, placing))
                tx.say(first_fact(each.data, placing), region=session.region, version=1, cause=each.cause)


async def find_involved(tx: Transaction, requests: Sequence[Enrol]) -> Mapping[UUID, Person]:
    """Everybody that the requests name."""
    return await replicas.find_people(
        tx, {person_id for request in requests for person_id in (request.contact_id, *request.people)}
    )


async def open_desk(
    tx: Transaction, sessions: Mapping[UUID, Session], requests: Sequence[Enrol], people: Mapping[UUID, Person]
) -> Desk:
    """Reads all else that the requests are decided on, with the sessions locked already."""
    used, holders = await store.find_taken(tx, requests)
    desk = Desk(people=people, holders=holders, used=used, seats={})
    with_terms = [session for session in sessions.values() if session.terms is not None]
    if with_terms:
        parted = [session.session_id for session in with_terms if are_parted(session.terms)]
        desk.quotas = await store.find_quotas(tx, parted)
        desk.suspended = await suspended_contacts(tx, with_terms, {request.contact_id for request in requests})
    return desk


def _state(request: Enrol, placing: Placing) -> EnrolmentState:
    return EnrolmentState(
        enrolment_id=request.enrolment_id,
        session_id=request.session_id,
        status=placing.status,
        seats=len(request.people),
        position=placing.position,
        version=1,
    )


@activities.decides(WithdrawEnrolment)
async def withdraw_enrolment(command: WithdrawEnrolment, tx: Transaction) -> EnrolmentState | Refusal:
    found = await lock_permitted_enrolment(tx, command)
    if isinstance(found, Refusal):
        return found
    session, enrolment = found
    refusal = rules.may_withdraw(enrolment, session, tx.now)
    if refusal:
        return refusal

    late = enrolment.holds_seats and terms.is_late(session, tx.now)
    if late:
        await store.set_late(tx, enrolment.enrolment_id)
        await note_late(tx, session, enrolment)
    fact = withdrawn(enrolment, StepKind.WITHDRAWN, late)
    tx.say(fact, region=session.region, version=enrolment.version + 1)
    [ended] = await free_seats(tx, session, [enrolment], StepKind.WITHDRAWN)
    return rules.state_of(ended)


@activities.answers(GetEnrolment)
async def get_enrolment(query: GetEnrolment, tx: Transaction) -> EnrolmentState | Refusal:
    """Of another region's enrolment nothing is known: row-level security hides it."""
    for enrolment in await store.find_enrolments(tx, [query.enrolment_id]):
        session = await find_session(tx, enrolment.session_id)
        denied = decide(tx.actor, query.contract.permission, session.region if session else None)
        return denied or rules.state_of(enrolment, await store.find_position(tx, enrolment))
    return Refusal("unknown-enrolment", enrolment_id=str(query.enrolment_id))


@activities.answers(GetRoster, audited=True)
async def get_roster(query: GetRoster, tx: Transaction) -> Roster | Refusal:
    """Active enrolments by arrival, at most 2,000; `present` are those inside now. A row tells of each child on it."""
    session = await find_permitted(tx, query)
    if isinstance(session, Refusal):
        return session
    inside = await find_inside(tx, query.session_id)
    rows = await store.list_roster(tx, query.session_id, MOST_ENTRIES)
    people = {person for row in rows for person in row["people"]}
    minors = await replicas.list_minors(tx, people)
    await tx.audit(AuditAction.ROSTER_READ, about=minors, thing=query.session_id, region=session.region)
    agreed = await list_photographed(tx, people)
    entries = (
        RosterEntry(
            **dict(row),
            present=tuple(person for person in row["people"] if person in inside),
            photos_agreed=tuple(person for person in row["people"] if person in agreed),
        )
        for row in rows
    )
    return Roster(session_id=query.session_id, entries=tuple(entries))


@activities.answers(ExplainQueue)
async def explain_queue(query: ExplainQueue, tx: Transaction) -> QueueLog | Refusal:
    """The fairness log, oldest first; of a longer one the newest 4,000 steps."""
    session = await find_permitted(tx, query)
    if isinstance(session, Refusal):
        return session
    rows = await store.list_steps(tx, query.session_id, MOST_STEPS, query.enrolment_id)
    steps = (QueueStep(**dict(row), **words.sentences(dict(row))) for row in rows)
    return QueueLog(session_id=query.session_id, steps=tuple(steps))
