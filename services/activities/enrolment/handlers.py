"""What activities does when a family enrols, gives its seats back, or staff look at roster and queue."""

from collections.abc import Sequence
from typing import Final

from contracts.activities.v1 import (
    Enrol,
    EnrolmentConfirmed,
    EnrolmentQueued,
    EnrolmentState,
    EnrolmentWithdrawn,
    ExplainQueue,
    GetRoster,
    ListActivitiesAccesses,
    QueueLog,
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
from services.activities.enrolment import rules, store
from services.activities.enrolment.desk import Desk
from services.activities.enrolment.rules import Placing, StepKind
from services.activities.offers.seats import free_seats, lock_enrolment
from services.activities.sessions.scope import within_scope
from services.activities.sessions.store import find_session, lock_sessions, set_seats
from services.chassis import Asked, Transaction
from services.chassis.access import decide
from services.chassis.accesses import answer_accesses

MOST_ENTRIES: Final = 2_000
MOST_STEPS: Final = 4_000

answer_accesses(activities, ListActivitiesAccesses, replicas.find_guardian)


@activities.decides_many(Enrol)
async def enrol(asked: Sequence[Asked[Enrol]], tx: Transaction) -> None:
    """Seats for whole families, decided in order of arrival (A6, A8); who fits the audience: `rules.may_take_part`."""
    sessions = await lock_sessions(tx, {each.data.session_id for each in asked})
    desk = await _open_desk(tx, [each.data for each in asked])

    placed: list[tuple[Enrol, Placing]] = []
    for each, session in within_scope(asked, sessions):  # in order of arrival: fair inside a batch too
        outcome = desk.decide(each.data, session, tx.now)
        if isinstance(outcome, Refusal):
            each.answer(outcome)
        else:
            each.answer(_state(each.data, outcome))
            tx.say(_fact(each.data, outcome), region=session.region, version=1, cause=each.cause)
            placed.append((each.data, outcome))

    if placed:
        await store.add_enrolments(tx, placed)
        await set_seats(tx, [(id, seats.taken, seats.waiting) for id, seats in desk.seats.items()])


async def _open_desk(tx: Transaction, requests: Sequence[Enrol]) -> Desk:
    """Reads all that the requests are decided on, with the sessions locked already."""
    people = {person_id for request in requests for person_id in (request.contact_id, *request.people)}
    used, holders = await store.find_taken(tx, requests)
    return Desk(people=await replicas.find_people(tx, people), holders=holders, used=used, seats={})


def _state(request: Enrol, placing: Placing) -> EnrolmentState:
    return EnrolmentState(
        enrolment_id=request.enrolment_id,
        session_id=request.session_id,
        status=placing.status,
        seats=len(request.people),
        position=placing.position,
        version=1,
    )


def _fact(request: Enrol, placing: Placing) -> EnrolmentConfirmed | EnrolmentQueued:
    if placing.position is None:
        return EnrolmentConfirmed(
            enrolment_id=request.enrolment_id,
            session_id=request.session_id,
            contact_id=request.contact_id,
            people=request.people,
            seats=len(request.people),
            seats_left=placing.after.free,
        )
    return EnrolmentQueued(
        enrolment_id=request.enrolment_id,
        session_id=request.session_id,
        contact_id=request.contact_id,
        people=request.people,
        seats=len(request.people),
        position=placing.position,
    )


@activities.decides(WithdrawEnrolment)
async def withdraw_enrolment(command: WithdrawEnrolment, tx: Transaction) -> EnrolmentState | Refusal:
    found = await lock_enrolment(tx, command.enrolment_id)
    if found is None:
        return Refusal("unknown-enrolment", enrolment_id=str(command.enrolment_id))
    session, enrolment = found
    refusal = decide(tx.actor, command.contract.permission, session.region) or rules.may_withdraw(
        enrolment, session, tx.now
    )
    if refusal:
        return refusal

    tx.say(
        EnrolmentWithdrawn(
            enrolment_id=enrolment.enrolment_id,
            session_id=enrolment.session_id,
            contact_id=enrolment.contact_id,
            seats=enrolment.seats,
        ),
        region=session.region,
        version=enrolment.version + 1,
    )
    [ended] = await free_seats(tx, session, [enrolment], StepKind.WITHDRAWN)
    return rules.state_of(ended)


@activities.answers(GetRoster, audited=True)
async def get_roster(query: GetRoster, tx: Transaction) -> Roster | Refusal:
    """Active enrolments by arrival, at most 2,000; `present` are those inside now. A row tells of each child on it."""
    session = await find_session(tx, query.session_id)
    if session is None:
        return Refusal("unknown-session", session_id=str(query.session_id))
    denied = decide(tx.actor, query.contract.permission, session.region)
    if denied:
        return denied
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
    session = await find_session(tx, query.session_id)
    if session is None:
        return Refusal("unknown-session", session_id=str(query.session_id))
    denied = decide(tx.actor, query.contract.permission, session.region)
    if denied:
        return denied
    steps = await store.list_steps(tx, query.session_id, MOST_STEPS)
    return QueueLog(session_id=query.session_id, steps=tuple(steps))
