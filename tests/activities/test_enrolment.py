"""Families enrol: all or none, exact capacity under any race, a queue that explains itself (A6-A8, A12)."""

import asyncio
from collections import Counter
from uuid import uuid4

from uuid_utils.compat import uuid7

from contracts.activities.v1 import (
    Enrol,
    EnrolmentConfirmed,
    EnrolmentQueued,
    EnrolmentState,
    EnrolmentStatus,
    EnrolmentWithdrawn,
    ExplainQueue,
    GetRoster,
    ListActivitiesAccesses,
    WithdrawEnrolment,
)
from contracts.audit import AccessLog, AuditAction
from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import ConsentGiven, ConsentPurpose, ConsentWithdrawn
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest


async def test_a_family_is_confirmed_with_all_its_seats(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(20)
    request = await home.family(session, 3)

    state = done(await activities.ask(request), EnrolmentState)

    [fact] = await activities.said(EnrolmentConfirmed)
    assert (state.status, state.seats, state.position, state.version) == (EnrolmentStatus.CONFIRMED, 3, None, 1)
    assert (fact.people, fact.contact_id, fact.seats_left) == (request.people, request.contact_id, 17)
    assert (await home.find(session)).seats_taken == 3


async def test_the_last_two_seats_go_to_one_family_whole(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(20)
    await home.enrolled(session, 8, 8, 2)

    answers = await activities.ask_at_once(await home.families(session, *[2] * 8))

    assert Counter(map(code, answers)) == {"confirmed": 1, "waiting": 7}
    assert [fact.seats_left for fact in await activities.said(EnrolmentConfirmed)] == [12, 4, 2, 0]
    assert sorted(fact.position for fact in await activities.said(EnrolmentQueued)) == [1, 2, 3, 4, 5, 6, 7]
    assert (await home.find(session)).waiting == 7


async def test_a_batch_is_decided_in_order_of_arrival(activities: ServiceUnderTest, home: Home) -> None:
    session, closed_queue = await home.session(4), await home.session(2, queue_open=False, room_id=home.other_room_id)
    batch = await home.families(session, 3, 2, 1, 5, 1) + await home.families(closed_queue, 2, 1, 3)

    answers = await activities.ask_together(batch)

    assert [code(answer) for answer in answers] == [
        "confirmed", "waiting", "confirmed", "family-too-large", "waiting", "confirmed", "queue-closed",
        "family-too-large",
    ]  # fmt: skip
    assert [fact.position for fact in await activities.said(EnrolmentQueued)] == [1, 2]
    assert list((await home.roster(session)).values()) == ["confirmed", "waiting", "confirmed", "waiting"]


async def test_one_bad_request_never_spoils_its_neighbours(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session()
    [stranger], good = [uuid4()], await home.families(session, 1, 2)
    batch = [good[0], enrol(session, [stranger]), enrol(uuid4(), good[0].people), good[1]]

    answers = await activities.ask_together(batch)

    assert [code(answer) for answer in answers] == ["confirmed", "unknown-person", "unknown-session", "confirmed"]
    assert await activities.count("enrolment") == 2
    assert (await home.find(session)).seats_taken == 3


async def test_an_enrolment_sent_twice_is_answered_twice_and_done_once(
    activities: ServiceUnderTest, home: Home
) -> None:
    request, id = await home.family(await home.session(), 3), uuid7()

    first, second = await activities.ask(request, id=id), await activities.ask(request, id=id)

    assert done(first, EnrolmentState) == second
    assert len(await activities.said(EnrolmentConfirmed)) == 1


async def test_a_person_has_one_place_in_a_session(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(1)
    mother, child, friend = await home.people(3)
    first, waiting = enrol(session, [mother]), enrol(session, [child])
    await activities.ask_together([first, waiting])

    again = await activities.ask(enrol(session, [friend, mother]))
    from_the_queue = await activities.ask(enrol(session, [child]))
    twice_in_one = enrol(session, [friend, friend])
    inside_a_batch = await activities.ask_together([enrol(session, [friend]), enrol(session, [friend])])

    assert again == Refusal("already-enrolled", enrolment_id=str(first.enrolment_id))
    assert from_the_queue == Refusal("already-enrolled", enrolment_id=str(waiting.enrolment_id))
    assert [code(answer) for answer in inside_a_batch] == ["waiting", "already-enrolled"]
    assert code(await activities.ask(twice_in_one)) == "already-enrolled"


async def test_nobody_counts_twice_inside_one_family(activities: ServiceUnderTest, home: Home) -> None:
    session, [mother] = await home.session(), await home.people(1)

    assert code(await activities.ask(enrol(session, [mother, mother]))) == "already-enrolled"
    assert (await home.find(session)).seats_taken == 0


async def test_of_rivals_for_one_person_one_gets_the_place(activities: ServiceUnderTest, home: Home) -> None:
    session, [child] = await home.session(), await home.people(1)

    answers = await activities.ask_at_once(enrol(session, [child]) for _ in range(8))

    assert Counter(map(code, answers)) == {"confirmed": 1, "already-enrolled": 7}
    assert (await home.find(session)).seats_taken == 1


async def test_an_enrolment_id_is_used_once(activities: ServiceUnderTest, home: Home) -> None:
    session, elsewhere = await home.session(), await home.session(room_id=home.other_room_id)
    request, other = await home.families(session, 1, 1)
    rivals = [request.model_copy(update={"session_id": each}) for each in (session, elsewhere) * 4]

    answers = await activities.ask_at_once(rivals)
    in_a_batch = await activities.ask_together([other, other.model_copy(update={"session_id": elsewhere})])

    assert Counter(map(code, answers)) == {"confirmed": 1, "enrolment-exists": 7}
    assert [code(answer) for answer in in_a_batch] == ["confirmed", "enrolment-exists"]


async def test_the_guardians_consent_opens_and_its_withdrawal_closes(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(audience=(AgeBand.SCHOOL,))
    child, mother = await home.person(AgeBand.SCHOOL), await home.person()
    request = enrol(session, [child], contact=mother)
    refusal = Refusal("guardian-consent-missing", person_id=str(child))

    photos = ConsentGiven(person_id=child, purpose=ConsentPurpose.PHOTOS)
    await activities.hear(photos, region=COMMUNITY, version=2)
    assert await activities.ask(request) == refusal

    given = ConsentGiven(person_id=child, purpose=ConsentPurpose.ACTIVITIES)
    await activities.hear(given, region=COMMUNITY, version=3)
    assert code(await activities.ask(request)) == "confirmed"

    withdrawn = ConsentWithdrawn(person_id=child, purpose=ConsentPurpose.ACTIVITIES)
    await activities.hear(withdrawn, region=COMMUNITY, version=4)
    await activities.hear(given, region=COMMUNITY, version=3)  # comes again, late
    other_day = await home.session(audience=(AgeBand.SCHOOL,), room_id=home.other_room_id)
    assert await activities.ask(enrol(other_day, [child], contact=mother)) == refusal


async def test_a_mother_may_come_along_with_her_child(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(audience=(AgeBand.SCHOOL,))
    child, mother = await home.person(AgeBand.SCHOOL, consent=True), await home.person()

    assert code(await activities.ask(enrol(session, [mother]))) == "not-eligible"
    assert code(await activities.ask(enrol(session, [child, mother], contact=mother))) == "confirmed"


async def test_an_unknown_contact_is_refused(activities: ServiceUnderTest, home: Home) -> None:
    session, [person], contact = await home.session(), await home.people(1), uuid4()

    answer = await activities.ask(enrol(session, [person], contact=contact))

    assert answer == Refusal("unknown-person", person_id=str(contact))


async def test_enrolment_closes_when_the_session_starts(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session()
    early, late = await home.families(session, 1, 1)
    state = done(await activities.ask(early), EnrolmentState)
    home.move_to(at(15))

    assert code(await activities.ask(late)) == "window-closed"
    assert code(await activities.ask(WithdrawEnrolment(enrolment_id=state.enrolment_id))) == "window-closed"


async def test_a_withdrawn_family_may_come_again(activities: ServiceUnderTest, home: Home) -> None:
    session, people = await home.session(2), await home.people(2)
    first = done(await activities.ask(enrol(session, people)), EnrolmentState)

    ended = await home.withdraw(first)

    [fact] = await activities.said(EnrolmentWithdrawn)
    assert (ended.status, ended.version, fact.seats) == (EnrolmentStatus.WITHDRAWN, 2, 2)
    again = WithdrawEnrolment(enrolment_id=first.enrolment_id)
    assert code(await activities.ask(again)) == "enrolment-ended"
    assert code(await activities.ask(WithdrawEnrolment(enrolment_id=uuid4()))) == "unknown-enrolment"
    assert code(await activities.ask(enrol(session, people))) == "confirmed"


async def test_whoever_leaves_the_queue_frees_no_seat(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(1)
    _, second, third = await home.enrolled(session, 1, 1, 1)

    await home.withdraw(second)

    state = await home.find(session)
    assert (state.seats_taken, state.waiting) == (1, 1)
    assert await home.roster(session) == {**await home.roster(session), third.enrolment_id: "waiting"}
    assert code(await activities.ask(await home.family(session, 1))) == "waiting"
    assert [fact.position for fact in await activities.said(EnrolmentQueued)] == [1, 2, 2]


async def test_nobody_enrols_withdraws_or_reads_outside_the_own_subtree(
    activities: ServiceUnderTest, home: Home
) -> None:
    session, away = await home.session(), "350502000000"
    mine, theirs = await home.families(session, 1, 1)
    state = done(await activities.ask(mine), EnrolmentState)
    withdraw = WithdrawEnrolment(enrolment_id=state.enrolment_id)

    assert code(await activities.ask(theirs, region=away)) == "not-permitted"
    assert code(await activities.ask(withdraw, region=away)) == "unknown-enrolment"
    assert code(await activities.query(GetRoster(session_id=session), region=away)) == "not-permitted"
    assert code(await activities.query(ExplainQueue(session_id=session), region=away)) == "not-permitted"
    assert code(await activities.query(GetRoster(session_id=uuid4()))) == "unknown-session"
    assert (await home.find(session)).seats_taken == 1


async def test_batches_over_the_same_sessions_never_wait_crosswise(activities: ServiceUnderTest, home: Home) -> None:
    times = [(hour, room) for hour in (10, 12, 14, 16) for room in (home.room_id, home.other_room_id)]
    sessions = [await home.session(30, starts_at=at(hour), ends_at=at(hour + 1), room_id=room) for hour, room in times]
    people = await home.people(40)

    def batch(turn: int) -> list[Enrol]:
        ahead = sessions if turn % 2 else sessions[::-1]
        return [enrol(session, [person]) for session in ahead for person in people[turn * 10 : turn * 10 + 10]]

    for answers in await gather_batches(activities, [batch(turn) for turn in range(4)]):
        assert {code(answer) for answer in answers} <= {"confirmed", "waiting"}
    assert [(await home.find(session)).seats_taken for session in sessions] == [30] * 8
    clashes = await activities.pool.fetchval(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    assert clashes == 0


async def gather_batches(service: ServiceUnderTest, batches: list[list[Enrol]]) -> list[list[EnrolmentState | Refusal]]:
    return list(await asyncio.gather(*(service.ask_together(batch) for batch in batches)))


async def test_of_each_child_on_a_roster_is_written_down_who_read_it(activities: ServiceUnderTest, home: Home) -> None:
    session, mother = await home.session(4), await home.person()
    child = await home.person(AgeBand.SCHOOL, consent=True)
    done(await activities.ask(enrol(session, [mother, child])), EnrolmentState)
    await home.roster(session)

    told = await activities.query(ListActivitiesAccesses(person_id=child), roles=("auditor",))
    assert isinstance(told, AccessLog)
    assert [(row.action, row.thing, row.region) for row in told.accesses] == [
        (AuditAction.ROSTER_READ, session, COMMUNITY)
    ]
    assert await activities.count("audit WHERE action = 'roster-read'") == 1
