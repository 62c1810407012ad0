"""Freed seats are offered to the next family that fits, with a deadline that never falls at night (A10-A12)."""

import asyncio
import random
from collections import Counter
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    AcceptOffer,
    CancelSession,
    DeclineOffer,
    EnrolmentConfirmed,
    EnrolmentState,
    EnrolmentStatus,
    OfferEnded,
    SeatsOffered,
    WithdrawEnrolment,
)
from tests.activities.world import Home, at, code, done
from tests.under_test import ServiceUnderTest


async def test_a_family_of_three_is_offered_once_all_three_seats(activities: ServiceUnderTest, home: Home) -> None:
    """Contest 1: a full class of 20; one seat frees, then two more; the log explains the skip."""
    session = await home.session(20)
    singles = await home.enrolled(session, *[1] * 20)
    [mother] = await home.enrolled(session, 3)

    await home.withdraw(singles[0])
    assert await activities.said(SeatsOffered) == []
    await home.withdraw(singles[1])
    await home.withdraw(singles[2])

    [offer] = await activities.said(SeatsOffered)
    assert (offer.enrolment_id, offer.seats) == (mother.enrolment_id, 3)
    log = await home.log(session)
    assert [line[1:] for line in log if line[0] == mother.enrolment_id] == [
        ("queued", 3, 0),
        ("skipped", 3, 1),
        ("skipped", 3, 2),
        ("offered", 3, 3),
    ]
    state = await home.find(session)
    assert (state.seats_taken, state.waiting) == (20, 0)


async def test_an_offer_in_the_evening_counts_from_eight_next_day(activities: ServiceUnderTest, home: Home) -> None:
    """Contest 2: offered at 20:30, the deadline counts from 08:00, when quiet hours end."""
    session = await home.session(1, starts_at=at(15, day=5), ends_at=at(17, day=5))
    first, mother = await home.enrolled(session, 1, 1)
    home.move_to(at(20, 30))

    await home.withdraw(first)

    [offer] = await activities.said(SeatsOffered)
    assert offer.answer_by == at(11, day=4)
    home.move_to(at(10, 59, day=4))
    await activities.fire_timers()
    assert await activities.said(OfferEnded) == []
    answer = done(await activities.ask(AcceptOffer(enrolment_id=mother.enrolment_id)), EnrolmentState)
    assert (answer.status, answer.version) == (EnrolmentStatus.CONFIRMED, 3)


async def test_accepted_seats_are_confirmed_and_the_late_timer_finds_nothing(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(2)
    first, second = await home.enrolled(session, 2, 1)
    await home.withdraw(first)
    accept = AcceptOffer(enrolment_id=second.enrolment_id)

    state = done(await activities.ask(accept), EnrolmentState)
    home.move_to(at(14))
    await activities.fire_timers()

    assert (state.status, state.answer_by) == (EnrolmentStatus.CONFIRMED, None)
    assert [fact.seats_left for fact in await activities.said(EnrolmentConfirmed)] == [0, 1]
    assert await activities.said(OfferEnded) == []
    assert await home.roster(session) == {second.enrolment_id: "confirmed"}
    assert code(await activities.ask(accept)) == "no-offer"


async def test_declined_seats_go_to_the_next_family_that_fits(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(2)
    first, second, third, fourth = await home.enrolled(session, 2, 1, 2, 1)
    await home.withdraw(first)

    state = done(await activities.ask(DeclineOffer(enrolment_id=second.enrolment_id)), EnrolmentState)

    assert state.status is EnrolmentStatus.WITHDRAWN
    assert [fact.enrolment_id for fact in await activities.said(SeatsOffered)] == [
        second.enrolment_id,
        fourth.enrolment_id,
    ]
    assert [fact.how for fact in await activities.said(OfferEnded)] == ["declined"]
    assert await home.roster(session) == {third.enrolment_id: "waiting", fourth.enrolment_id: "offered"}
    assert code(await activities.ask(DeclineOffer(enrolment_id=second.enrolment_id))) == "no-offer"
    assert code(await activities.ask(AcceptOffer(enrolment_id=second.enrolment_id))) == "no-offer"
    assert code(await activities.ask(AcceptOffer(enrolment_id=third.enrolment_id))) == "no-offer"


async def test_one_withdrawal_may_serve_several_small_families(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(4)
    big, *small = await home.enrolled(session, 4, 2, 3, 1, 1)

    await home.withdraw(big)

    assert [fact.seats for fact in await activities.said(SeatsOffered)] == [2, 1, 1]
    assert [line[1:] for line in await home.log(session)][-5:] == [
        ("withdrawn", 4, 0),
        ("offered", 2, 4),
        ("skipped", 3, 2),
        ("offered", 1, 2),
        ("offered", 1, 1),
    ]
    assert (await home.find(session)).waiting == 1
    assert (await home.roster(session))[small[1].enrolment_id] == "waiting"


async def test_an_unanswered_offer_lapses_and_passes_on(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(1, starts_at=at(15, day=5), ends_at=at(17, day=5))
    first, second, third = await home.enrolled(session, 1, 1, 1)
    await home.withdraw(first)
    accept = AcceptOffer(enrolment_id=second.enrolment_id)

    home.move_to(at(12))
    assert code(await activities.ask(accept)) == "offer-lapsed"  # the time is over, the timer has not fired yet
    await activities.fire_timers()
    assert code(await activities.ask(accept)) == "offer-lapsed"

    offers = await activities.said(SeatsOffered)
    assert [(offer.enrolment_id, offer.answer_by) for offer in offers] == [
        (second.enrolment_id, at(12)),
        (third.enrolment_id, at(15)),
    ]
    assert [fact.how for fact in await activities.said(OfferEnded)] == ["lapsed"]
    assert await home.roster(session) == {third.enrolment_id: "offered"}


async def test_an_offer_lapses_at_the_start_and_nobody_is_offered_seats_afterwards(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(1)
    first, second, _ = await home.enrolled(session, 1, 1, 1)
    home.move_to(at(14))
    await home.withdraw(first)

    home.move_to(at(15))
    await activities.fire_timers()

    [offer] = await activities.said(SeatsOffered)
    state = await home.find(session)
    assert (offer.enrolment_id, offer.answer_by) == (second.enrolment_id, at(15))
    assert (state.seats_taken, state.waiting) == (0, 1)


async def test_the_timer_of_a_cancelled_session_finds_nothing_to_do(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(1)
    first, second = await home.enrolled(session, 1, 1)
    await home.withdraw(first)
    await activities.ask(CancelSession(session_id=session, reason="台风"))

    home.move_to(at(14))
    await activities.fire_timers()

    assert await activities.said(OfferEnded) == []
    assert code(await activities.ask(AcceptOffer(enrolment_id=second.enrolment_id))) == "no-offer"
    assert code(await activities.ask(WithdrawEnrolment(enrolment_id=second.enrolment_id))) == "enrolment-ended"


async def test_an_offered_family_may_also_withdraw(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(1)
    first, second, third = await home.enrolled(session, 1, 1, 1)
    await home.withdraw(first)

    await home.withdraw(second)

    assert await home.roster(session) == {third.enrolment_id: "offered"}


async def test_an_answer_and_the_deadline_never_both_win(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(8, starts_at=at(15, day=5), ends_at=at(17, day=5))
    [big, *waiting] = await home.enrolled(session, 8, *[1] * 8)
    await home.withdraw(big)
    home.move_to(at(11, 59))

    async def deadline() -> None:
        await asyncio.sleep(0.01)
        home.move_to(at(12))
        await asyncio.gather(activities.fire_timers(), activities.fire_timers())

    answers, _ = await asyncio.gather(
        activities.ask_at_once(AcceptOffer(enrolment_id=each.enrolment_id) for each in waiting), deadline()
    )
    await activities.fire_timers()

    confirmed = {
        each.enrolment_id for each, answer in zip(waiting, answers, strict=True) if code(answer) == "confirmed"
    }
    lapsed = {fact.enrolment_id for fact in await activities.said(OfferEnded)}
    assert set(map(code, answers)) <= {"confirmed", "offer-lapsed"}
    assert lapsed == {each.enrolment_id for each in waiting} - confirmed
    assert await home.roster(session) == dict.fromkeys(confirmed, "confirmed")
    assert (await home.find(session)).seats_taken == len(confirmed)


async def test_of_accepting_declining_and_withdrawing_at_once_one_wins(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(1)
    first, second = await home.enrolled(session, 1, 1)
    await home.withdraw(first)
    id = second.enrolment_id

    answers = await asyncio.gather(
        *(activities.ask(AcceptOffer(enrolment_id=id)) for _ in range(4)),
        *(activities.ask(DeclineOffer(enrolment_id=id)) for _ in range(4)),
    )

    reached = Counter(map(code, answers))
    assert reached["no-offer"] == 7
    assert reached["confirmed"] + reached["withdrawn"] == 1
    assert (await home.find(session)).seats_taken == reached["confirmed"]


async def test_unknown_enrolments_have_no_offers(activities: ServiceUnderTest) -> None:
    assert code(await activities.ask(AcceptOffer(enrolment_id=uuid4()))) == "unknown-enrolment"
    assert code(await activities.ask(DeclineOffer(enrolment_id=uuid4()))) == "unknown-enrolment"


async def test_nobody_answers_for_families_outside_the_own_subtree(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(1)
    first, second = await home.enrolled(session, 1, 1)
    await home.withdraw(first)

    for command in (AcceptOffer(enrolment_id=second.enrolment_id), DeclineOffer(enrolment_id=second.enrolment_id)):
        assert code(await activities.ask(command, region="350502000000")) == "unknown-enrolment"
    assert await home.roster(session) == {second.enrolment_id: "offered"}


async def test_whatever_families_do_capacity_is_exact_and_the_queue_is_fair(
    activities: ServiceUnderTest, home: Home
) -> None:
    """A random afternoon: after every step the seats add up and no waiting family would fit into the free ones."""
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    session = await home.session(6, starts_at=at(15, day=5), ends_at=at(17, day=5))
    requests = await home.families(session, *(chance.randint(1, 4) for _ in range(24)))
    sizes = {request.enrolment_id: len(request.people) for request in requests}

    for turn in range(60):
        roster = await home.roster(session)
        if requests and chance.random() < 0.45:
            await activities.ask(requests.pop())
        elif roster:
            await act(activities, chance, *chance.choice(list(roster.items())))
        home.move(minutes=chance.choice([0, 0, 40]))
        await activities.fire_timers()

        roster, state = await home.roster(session), await home.find(session)
        held = sum(sizes[id] for id, status in roster.items() if status != "waiting")
        smallest = min((sizes[id] for id, status in roster.items() if status == "waiting"), default=7)
        assert state.seats_taken == held <= 6, (seed, turn)
        assert smallest > 6 - held, (seed, turn)
        assert state.waiting == sum(status == "waiting" for status in roster.values()), (seed, turn)


async def act(service: ServiceUnderTest, chance: random.Random, id: UUID, status: str) -> None:
    """Somebody who is enrolled does something sensible."""
    if status == "offered":
        await service.ask(chance.choice([AcceptOffer(enrolment_id=id), DeclineOffer(enrolment_id=id)]))
    else:
        await service.ask(WithdrawEnrolment(enrolment_id=id))
