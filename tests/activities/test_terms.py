"""Terms: exact quotas under any race, reasons why not, approval, other people, other seats (A5, A7, A9)."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.activities.v1 import (
    ApprovalMode,
    ApproveEnrolment,
    CapacityChanged,
    ChangeCapacity,
    ChangeFamily,
    CheckEligibility,
    Eligibility,
    Enrol,
    EnrolmentApproved,
    EnrolmentConfirmed,
    EnrolmentRefused,
    EnrolmentRequested,
    EnrolmentState,
    EnrolmentTerms,
    FamilyChanged,
    GetEnrolment,
    GetTerms,
    RefuseEnrolment,
    ReservedSeats,
    SeatsOffered,
    SetTerms,
    TermsState,
)
from contracts.data import AgeBand
from contracts.registry.v1 import PersonRegistered
from tests.activities.world import Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest

HARD_UP = "in-difficulty"
BY_HOST = EnrolmentTerms(approval=ApprovalMode.HOST)


def parted(**terms: Any) -> EnrolmentTerms:
    return EnrolmentTerms(**({"reserved": (ReservedSeats(group=HARD_UP, seats=2),)} | terms))


def of_kind(request: Enrol, household: str | None = HARD_UP, **changes: Any) -> Enrol:
    return request.model_copy(update={"household": household, **changes})


async def quotas(home: Home, session: UUID) -> dict[str, tuple[int, int]]:
    """Taken and seats of each quota."""
    state = done(await home.service.query(GetTerms(session_id=session)), TermsState)
    return {each.quota: (each.taken, each.seats) for each in state.quotas}


async def test_reserved_seats_go_to_their_group_and_a_family_gets_all_or_none(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(6, terms=parted())
    anybody, group_of_three, too_many, late = await home.families(session, 3, 3, 2, 1)

    answers = await activities.ask_together([anybody, of_kind(group_of_three), too_many, of_kind(late)])

    assert [code(answer) for answer in answers] == ["confirmed", "confirmed", "waiting", "waiting"]
    assert await quotas(home, session) == {"group-in-difficulty": (2, 2), "open": (4, 4)}
    assert (await home.find(session)).seats_taken == 6


async def test_rivals_for_reserved_seats_get_exactly_those(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(5, terms=parted())
    rivals = [of_kind(each) for each in await home.families(session, *[2] * 4)] + await home.families(session, *[1] * 6)

    answers = await activities.ask_at_once(rivals)

    held = {name: taken for name, (taken, _) in (await quotas(home, session)).items()}
    people = sum(len(each.people) for each, got in zip(rivals, answers, strict=True) if code(got) == "confirmed")
    assert held["group-in-difficulty"] == 2
    assert held["open"] <= 3
    assert sum(held.values()) == people == (await home.find(session)).seats_taken


async def test_child_seats_are_counted_across_all_families(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(10, terms=EnrolmentTerms(child_seats=3))
    children = [await home.person(AgeBand.SCHOOL, consent=True) for _ in range(5)]
    mothers = await home.people(3)
    first = enrol(session, [mothers[0], *children[:2]])
    second = enrol(session, [mothers[1], *children[2:4]])
    third = enrol(session, [mothers[2], children[4]])

    answers = await activities.ask_together([first, second, third])
    await home.withdraw(done(answers[0], EnrolmentState))

    assert [code(answer) for answer in answers] == ["confirmed", "waiting", "confirmed"]
    assert await home.roster(session) == {second.enrolment_id: "offered", third.enrolment_id: "confirmed"}
    assert (await quotas(home, session))["child"] == (3, 3)


async def test_walk_in_seats_are_for_the_door_alone(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(3, terms=EnrolmentTerms(walk_in_seats=2))
    early, at_home, one, two, three = [
        of_kind(each, None, walk_in=walk_in)
        for each, walk_in in zip(
            await home.families(session, 1, 2, 1, 1, 1), (True, False, True, True, True), strict=True
        )
    ]
    assert code(await activities.ask(early)) == "not-yet"
    assert code(await activities.ask(at_home)) == "family-too-large"

    home.move_to(at(15, 10))
    assert code(await activities.ask(one, roles=("integrator",))) == "confirmed"
    answers = await activities.ask_together([two, three, early])

    assert [code(each) for each in answers] == ["confirmed", "confirmed", "no-seats-left"]
    assert await quotas(home, session) == {"open": (1, 1), "walk-in": (2, 2)}


async def test_whoever_is_scanned_in_without_a_seat_takes_those_of_the_door(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(2, terms=EnrolmentTerms(walk_in_seats=1))
    await activities.ask(await home.family(session, 1))
    [first, second] = await home.people(2)
    home.move_to(at(15))

    answers = [await activities.ask(home.scan(session, each, walk_in=True)) for each in (first, second)]

    assert [getattr(each, "code", "in") for each in answers] == ["in", "no-walk-in-seat"]
    assert await quotas(home, session) == {"open": (1, 1), "walk-in": (1, 1)}


async def test_eligibility_tells_every_reason_and_enrolling_the_first(activities: ServiceUnderTest, home: Home) -> None:
    terms = EnrolmentTerms(areas=("350503001000",), opens_at=at(10), households=(HARD_UP,))
    session = await home.session(terms=terms, audience=(AgeBand.SCHOOL,))
    stranger, child = uuid4(), await home.person(AgeBand.SCHOOL)
    await activities.hear(PersonRegistered(person_id=stranger, age_band=AgeBand.MIDDLE), region="350502001001")

    asked = CheckEligibility(session_id=session, contact_id=stranger, people=(stranger, child))
    told = done(await activities.query(asked), Eligibility)
    refusals = []
    home.move_to(at(10))
    for people in ([child, stranger], [child]):
        refusals.append(code(await activities.ask(enrol(session, people))))

    assert [(each.code, each.person_id) for each in told.reasons] == [
        ("not-yet", None),
        ("guardian-consent-missing", child),
        ("outside-area", stranger),
    ]
    assert not told.eligible
    assert "350503001000" in told.reasons[2].zh
    assert refusals == ["guardian-consent-missing", "guardian-consent-missing"]


async def test_a_kind_of_household_is_asked_for_and_eligibility_tells_the_place(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(1, terms=EnrolmentTerms(households=(HARD_UP,)))
    [first, second] = await home.families(session, 1, 1)

    refused = await activities.ask(first)
    confirmed = await activities.ask(of_kind(first))
    asked = CheckEligibility(session_id=session, contact_id=second.contact_id, people=second.people)
    told = done(await activities.query(asked), Eligibility)

    assert (code(refused), code(confirmed)) == ("household-not-served", "confirmed")
    assert (told.eligible, told.would_be, told.position) == (True, "waiting", 1)


async def test_the_window_opens_and_closes_at_its_minute(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(terms=EnrolmentTerms(opens_at=at(10), closes_at=at(12)))
    reached = []
    for moment in (at(9, 59), at(10), at(11, 59), at(12)):
        home.move_to(moment)
        reached.append(await activities.ask(await home.family(session, 1)))

    assert [code(each) for each in reached] == ["not-yet", "confirmed", "confirmed", "window-closed"]
    assert reached[0].params == {"from_time": "2026-06-03T10:00:00+08:00"}


@pytest.mark.parametrize(
    ("terms", "problem"),
    [
        (parted(walk_in_seats=19), "quotas-exceed-capacity"),
        (EnrolmentTerms(child_seats=21), "child-seats-exceed-capacity"),
        (EnrolmentTerms(reserved=(ReservedSeats(group="a", seats=1),) * 2), "group-named-twice"),
        (EnrolmentTerms(opens_at=at(15)), "window-reversed"),
        (EnrolmentTerms(closes_at=at(15, 1)), "window-after-start"),
        (EnrolmentTerms(allocation="lottery"), "draw-without-end-of-window"),
        (EnrolmentTerms(need_order=("a",)), "need-order-and-allocation-differ"),
        (parted(households=("other",)), "group-not-served"),
    ],
)
async def test_terms_that_contradict_themselves_plan_nothing(
    activities: ServiceUnderTest, home: Home, terms: EnrolmentTerms, problem: str
) -> None:
    refusal = await activities.ask(home.plan(terms=terms))

    assert (code(refusal), refusal.params) == ("terms-conflict", {"problem": problem})
    assert await activities.count("session") == 0


async def test_terms_are_given_until_somebody_enrols(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(4)

    state = done(await activities.ask(SetTerms(session_id=session, terms=parted())), TermsState)
    again = done(await activities.ask(SetTerms(session_id=session, terms=parted(walk_in_seats=1))), TermsState)
    await activities.ask(await home.family(session, 1))
    late = await activities.ask(SetTerms(session_id=session, terms=parted()))

    assert [each.seats for each in state.quotas] == [2, 2]
    assert {each.quota: each.seats for each in again.quotas} == {"group-in-difficulty": 2, "open": 1, "walk-in": 1}
    assert code(late) == "terms-in-use"


async def test_the_host_approves_and_refuses(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(2, terms=BY_HOST)
    first, second, third = await home.families(session, 1, 2, 1)
    answers = await activities.ask_together([first, second, third])

    own = await activities.ask(ApproveEnrolment(enrolment_id=first.enrolment_id), actor=str(first.contact_id))
    later = done(await activities.ask(ApproveEnrolment(enrolment_id=third.enrolment_id)), EnrolmentState)
    queued = done(await activities.ask(ApproveEnrolment(enrolment_id=second.enrolment_id)), EnrolmentState)
    no = await activities.ask(RefuseEnrolment(enrolment_id=first.enrolment_id, reason="papers-missing"))
    twice = await activities.ask(ApproveEnrolment(enrolment_id=first.enrolment_id))
    stands = done(await activities.query(GetEnrolment(enrolment_id=first.enrolment_id)), EnrolmentState)

    assert [code(each) for each in answers] == ["requested"] * 3
    assert (code(own), code(later), code(queued), queued.position) == ("own-enrolment", "confirmed", "waiting", 1)
    assert (code(no), code(twice)) == ("refused", "nothing-to-approve")
    assert (stands.status, stands.reason) == ("refused", "papers-missing")
    assert len(await activities.said(EnrolmentRequested)) == 3
    assert [each.enrolment_id for each in await activities.said(EnrolmentApproved)] == [
        third.enrolment_id, second.enrolment_id,
    ]  # fmt: skip
    assert [each.reason for each in await activities.said(EnrolmentRefused)] == ["papers-missing"]


async def test_only_those_who_decide_approve(activities: ServiceUnderTest, home: Home) -> None:
    request = await home.family(await home.session(terms=BY_HOST), 1)
    await activities.ask(request)

    approve = ApproveEnrolment(enrolment_id=request.enrolment_id)
    assert code(await activities.ask(approve, roles=("integrator",))) == "not-permitted"
    assert code(await activities.ask(approve, region="350502000000")) == "unknown-enrolment"
    assert code(await activities.ask(approve, roles=("approver",))) == "confirmed"


async def test_whoever_is_new_is_approved_again_and_the_seats_stay(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(3, terms=BY_HOST)
    request, waits = await home.families(session, 2, 1)
    for each in (request, waits):
        await activities.ask(each)
        await activities.ask(ApproveEnrolment(enrolment_id=each.enrolment_id))
    [friend, other] = await home.people(2)

    fewer = await activities.ask(ChangeFamily(enrolment_id=request.enrolment_id, people=request.people[:1]))
    with_friend = await activities.ask(
        ChangeFamily(enrolment_id=request.enrolment_id, people=(request.people[0], friend))
    )
    too_many = await activities.ask(
        ChangeFamily(enrolment_id=request.enrolment_id, people=(request.people[0], friend, other))
    )
    taken = await activities.ask(ChangeFamily(enrolment_id=request.enrolment_id, people=(waits.people[0],)))
    again = await activities.ask(ApproveEnrolment(enrolment_id=request.enrolment_id))

    reached = [code(each) for each in (fewer, with_friend, too_many, taken, again)]
    assert reached == ["confirmed", "under_review", "no-seats-left", "already-enrolled", "confirmed"]
    assert (await home.find(session)).seats_taken == 3
    assert [each.again for each in await activities.said(EnrolmentRequested)] == [False, False, True]


async def test_a_smaller_family_frees_seats_and_a_waiting_one_that_shrinks_fits(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(4)
    four, two, three = await home.families(session, 4, 2, 3)
    for each in (four, two, three):
        await activities.ask(each)

    await activities.ask(ChangeFamily(enrolment_id=four.enrolment_id, people=four.people[:3]))
    fits_now = await activities.ask(ChangeFamily(enrolment_id=three.enrolment_id, people=three.people[:1]))

    assert code(fits_now) == "offered"
    assert await home.roster(session) == {
        four.enrolment_id: "confirmed", two.enrolment_id: "waiting", three.enrolment_id: "offered",
    }  # fmt: skip
    assert [(each.seats, each.status) for each in await activities.said(FamilyChanged)] == [
        (3, "confirmed"), (1, "waiting"),
    ]  # fmt: skip


async def test_added_seats_are_offered_and_taken_ones_stay(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(2)
    first, second, third = await home.enrolled(session, 2, 2, 1)

    fewer = await activities.ask(ChangeCapacity(session_id=session, capacity=1))
    more = done(await activities.ask(ChangeCapacity(session_id=session, capacity=5)), TermsState)
    too_many = await activities.ask(ChangeCapacity(session_id=session, capacity=61))
    below_offered = await activities.ask(ChangeCapacity(session_id=session, capacity=4))

    assert (code(fewer), fewer.params) == ("seats-in-use", {"quota": "total", "taken": 2, "wanted": 1})
    assert (more.seats_taken, more.waiting) == (5, 0)
    assert (code(too_many), code(below_offered)) == ("room-too-small", "seats-in-use")
    assert [each.enrolment_id for each in await activities.said(SeatsOffered)] == [
        second.enrolment_id, third.enrolment_id,
    ]  # fmt: skip
    assert (await home.roster(session))[first.enrolment_id] == "confirmed"
    assert [(each.before, each.capacity) for each in await activities.said(CapacityChanged)] == [(2, 5)]


async def test_quotas_change_with_the_seats_and_none_falls_below_what_is_taken(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(4, terms=parted())
    family, waiting = await home.families(session, 2, 2)
    await activities.ask_together([of_kind(family), of_kind(waiting, None)])
    third = await home.family(session, 1)
    await activities.ask(third)

    dropped = await activities.ask(ChangeCapacity(session_id=session, capacity=4, reserved=()))
    moved = await activities.ask(
        ChangeCapacity(session_id=session, capacity=6, reserved=(ReservedSeats(group=HARD_UP, seats=3),))
    )
    children = await activities.ask(ChangeCapacity(session_id=session, capacity=6, child_seats=2))

    assert (code(dropped), dropped.params["quota"]) == ("seats-in-use", "group-in-difficulty")
    assert {each.quota: (each.taken, each.seats) for each in done(moved, TermsState).quotas} == {
        "group-in-difficulty": (2, 3), "open": (3, 3),
    }  # fmt: skip
    assert code(children) == "terms-conflict"
    assert await home.roster(session) == {
        family.enrolment_id: "confirmed", waiting.enrolment_id: "confirmed", third.enrolment_id: "offered",
    }  # fmt: skip


async def test_capacity_changes_against_enrolments_leave_exact_seats(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(6, terms=parted())
    requests = await home.families(session, *[1, 2] * 6)
    changes = [ChangeCapacity(session_id=session, capacity=wanted) for wanted in (4, 8, 3, 9, 5)]

    answers, outcomes = await asyncio.gather(activities.ask_at_once(requests), activities.ask_at_once(changes))

    state, held = await home.find(session), await quotas(home, session)
    roster = await home.roster(session)
    sizes = {each.enrolment_id: len(each.people) for each in requests}
    seated = sum(sizes[id] for id, status in roster.items() if status in ("confirmed", "offered"))
    smallest = min((sizes[id] for id, status in roster.items() if status == "waiting"), default=99)
    assert set(map(code, answers)) <= {"confirmed", "waiting", "family-too-large"}
    refused = {getattr(each, "code", "done") for each in outcomes}
    assert refused <= {"done", "seats-in-use", "terms-conflict"}
    assert state.seats_taken == seated == held["open"][0] <= held["open"][1] == state.capacity - 2
    assert smallest > held["open"][1] - held["open"][0]


async def test_withdrawals_and_offers_at_once_keep_every_quota_exact(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(5, terms=parted())
    requests = [of_kind(each, HARD_UP if place % 2 else None) for place, each in enumerate(
        await home.families(session, 1, 2, 1, 2, 1, 2, 1, 2)
    )]  # fmt: skip
    states = [done(each, EnrolmentState) for each in await activities.ask_together(requests)]
    confirmed = [each for each in states if code(each) == "confirmed"]

    await asyncio.gather(
        *(home.withdraw(each) for each in confirmed[:2]),
        activities.ask_at_once(await home.families(session, 1, 1)),
    )

    roster, held = await home.roster(session), await quotas(home, session)
    taken = sum(taken for taken, _ in held.values())
    assert all(taken <= seats for taken, seats in held.values())
    assert taken == (await home.find(session)).seats_taken
    assert Counter(roster.values())["confirmed"] >= len(confirmed) - 2
    assert len(await activities.said(EnrolmentConfirmed)) == Counter(map(code, states))["confirmed"]
