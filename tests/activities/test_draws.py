"""Seats by lot or by need: committed to beforehand, recomputed afterwards from published facts alone (A13)."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from contracts.activities.v1 import (
    AcceptOffer,
    AllocationMode,
    ApprovalMode,
    ApproveEnrolment,
    CancelSession,
    DrawAnnounced,
    DrawHeld,
    DrawState,
    EnrolmentConfirmed,
    EnrolmentEntered,
    EnrolmentQueued,
    EnrolmentTerms,
    EnrolmentWithdrawn,
    GetDraw,
    GetDrawRecord,
    GetTerms,
    MoveSession,
    PublishSession,
    ReconfirmEnrolment,
    ReconfirmRequested,
    SeatsOffered,
    SessionStatus,
    TermsState,
)
from contracts.refusals import Refusal
from deploy.draws.checking import check
from tests.activities.world import Home, at, code, done
from tests.under_test import ServiceUnderTest

LOTTERY = EnrolmentTerms(allocation=AllocationMode.LOTTERY, closes_at=at(12))
BY_NEED = EnrolmentTerms(
    allocation=AllocationMode.NEED_FIRST, closes_at=at(12), need_order=("in-difficulty", "left-behind")
)


def recomputed(held: DrawHeld) -> list[UUID]:
    """The order of a lottery as an outsider finds it, with nothing but the two published facts and a hash function."""
    return sorted(held.entries, key=lambda id: sha256(f"{held.seed}:{id}".encode()).hexdigest())


def seated_of(order: Sequence[UUID], sizes: dict[UUID, int], capacity: int) -> list[UUID]:
    """Who sits when seats are given in this order, all a family needs or none."""
    seated = []
    for id in order:
        if sizes[id] <= capacity:
            seated.append(id)
            capacity -= sizes[id]
    return seated


async def entered(home: Home, session: UUID, *sizes: int) -> dict[UUID, int]:
    requests = await home.families(session, *sizes)
    answers = await home.service.ask_together(requests)
    assert {code(each) for each in answers} == {"entered"}
    return {each.enrolment_id: len(each.people) for each in requests}


async def hold(home: Home) -> None:
    home.move_to(at(12))
    await home.service.fire_timers()


async def test_anyone_recomputes_a_lottery_from_published_facts(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(5, terms=LOTTERY)
    sizes = await entered(home, session, 2, 1, 3, 1, 2, 1)
    before = done(await activities.query(GetDraw(session_id=session)), DrawState)

    await hold(home)

    [announced], [held] = await activities.said(DrawAnnounced), await activities.said(DrawHeld)
    order = recomputed(held)
    assert announced.commitment == held.commitment == sha256(held.seed.encode()).hexdigest()
    assert held.order_digest == sha256(",".join(map(str, order)).encode()).hexdigest()
    assert set(held.entries) == set(sizes)
    seated = seated_of(order, sizes, 5)
    assert [each.enrolment_id for each in await activities.said(EnrolmentConfirmed)] == seated
    assert held.seated == len(seated)
    waiting = [each.enrolment_id for each in await activities.said(EnrolmentQueued)]
    assert waiting == [id for id in order if id not in seated]
    assert (before.seed, before.order, before.commitment) == (None, (), announced.commitment)
    after = done(await activities.query(GetDraw(session_id=session)), DrawState)
    assert [each.enrolment_id for each in after.order] == order
    assert (await home.find(session)).seats_taken == sum(sizes[id] for id in seated)


async def test_the_commitment_is_public_and_the_seed_is_not(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(5, terms=LOTTERY)

    [announced] = await activities.said(DrawAnnounced)
    public = done(await activities.query(GetTerms(session_id=session), roles=("anonymous",)), TermsState)
    [seed] = await activities.admin.fetchrow("SELECT seed FROM draw")

    assert public.commitment == announced.commitment
    bodies = [row["body"] for row in await activities.pool.fetch("SELECT body FROM outbox")]
    assert seed not in public.model_dump_json()
    assert not any(seed in body for body in bodies)


async def test_need_goes_first_and_the_lot_decides_inside_a_rank(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(4, terms=BY_NEED)
    kinds = [None, "left-behind", "in-difficulty", None, "left-behind", "in-difficulty", "unheard-of"]
    requests = [
        request.model_copy(update={"household": kind})
        for request, kind in zip(await home.families(session, *[1] * 7), kinds, strict=True)
    ]
    await activities.ask_together(requests)

    await hold(home)

    [held] = await activities.said(DrawHeld)
    ranks = {
        each.enrolment_id: {"in-difficulty": 0, "left-behind": 1}.get(each.household or "", 2) for each in requests
    }
    order = sorted(held.entries, key=lambda id: (ranks[id], sha256(f"{held.seed}:{id}".encode()).hexdigest()))
    assert [each.enrolment_id for each in await activities.said(EnrolmentConfirmed)] == order[:4]
    assert {ranks[id] for id in order[:4]} == {0, 1}
    assert held.entries_by_rank == (2, 2, 3)
    assert held.order_digest == sha256(",".join(map(str, order)).encode()).hexdigest()
    shown = done(await activities.query(GetDraw(session_id=session)), DrawState)
    assert {each.enrolment_id: each.rank for each in shown.order} == ranks
    assert code(await activities.query(GetDraw(session_id=session), roles=("integrator",))) == "not-permitted"


async def test_the_queue_after_a_draw_goes_in_its_order(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(2, terms=LOTTERY)
    await entered(home, session, *[1] * 6)
    await hold(home)
    [held] = await activities.said(DrawHeld)
    order = recomputed(held)

    [first, *_] = await activities.said(EnrolmentConfirmed)
    await home.withdraw(first)  # type: ignore[arg-type]

    assert [each.enrolment_id for each in await activities.said(SeatsOffered)] == [order[2]]
    assert (await home.roster(session))[order[3]] == "waiting"


async def test_without_a_queue_who_is_not_drawn_is_free_to_go(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(1, terms=LOTTERY, queue_open=False)
    sizes = await entered(home, session, 1, 1, 1)

    await hold(home)

    gone = [each for each in await activities.said(EnrolmentWithdrawn) if each.how == "not-drawn"]
    assert len(gone) == 2
    assert {each.enrolment_id for each in gone} == set(sizes) - set(await home.roster(session))
    assert await activities.count("participant") == 1


async def test_a_draw_is_held_once_and_nobody_enters_afterwards(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(3, terms=LOTTERY)
    requests = await home.families(session, *[1] * 12)
    home.move_to(at(11, 59))

    async def window_closes() -> None:
        await asyncio.sleep(0.005)
        home.move_to(at(12))
        await asyncio.gather(activities.fire_timers(), activities.fire_timers())

    answers, _ = await asyncio.gather(activities.ask_at_once(requests), window_closes())
    await activities.fire_timers()

    [held] = await activities.said(DrawHeld)
    came_in = {each.enrolment_id for each in await activities.said(EnrolmentEntered)}
    assert set(held.entries) == came_in
    assert {code(each) for each in answers} <= {"entered", "window-closed"}
    assert (await home.find(session)).seats_taken == min(3, len(came_in))
    assert "entered" not in (await home.roster(session)).values()


async def test_a_request_received_before_the_end_and_decided_after_the_draw_is_too_late(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(3, terms=LOTTERY)
    await entered(home, session, 1)
    await hold(home)

    home.move_to(at(11, 59))  # the clock of a transaction that waited for the session while the draw was held
    late = await activities.ask(await home.family(session, 1))

    assert code(late) == "window-closed"


async def test_only_approved_families_are_drawn_and_later_ones_wait_behind(
    activities: ServiceUnderTest, home: Home
) -> None:
    terms = LOTTERY.model_copy(update={"approval": ApprovalMode.HOST})
    session = await home.session(1, terms=terms)
    approved, other, late = await home.families(session, 1, 1, 1)
    await activities.ask_together([late, approved, other])
    for each in (approved, other):
        assert code(await activities.ask(ApproveEnrolment(enrolment_id=each.enrolment_id))) == "entered"

    await hold(home)
    behind = await activities.ask(ApproveEnrolment(enrolment_id=late.enrolment_id))

    [held] = await activities.said(DrawHeld)
    assert set(held.entries) == {approved.enrolment_id, other.enrolment_id}
    assert (code(behind), behind.position) == ("waiting", 2)


async def test_the_draw_of_a_cancelled_session_is_not_held(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(1, terms=LOTTERY)
    await entered(home, session, 1)
    await activities.ask(CancelSession(session_id=session, reason="台风"))

    await hold(home)

    assert await activities.said(DrawHeld) == []


async def test_the_draw_of_a_draft_is_announced_once_it_is_public(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(1, terms=LOTTERY.model_copy(update={"child_seats": 1}), draft=True)
    dropped = await home.session(
        1, terms=LOTTERY.model_copy(update={"child_seats": 1}), draft=True, room_id=home.other_room_id
    )
    assert await activities.said(DrawAnnounced) == []

    await activities.ask(PublishSession(session_id=session))
    await activities.ask(CancelSession(session_id=dropped, reason="不办了"))

    assert [each.session_id for each in await activities.said(DrawAnnounced)] == [session]
    assert await activities.count("quota") == 2


async def test_a_draft_whose_window_is_over_is_not_published_for_a_draw_that_nobody_can_enter(
    activities: ServiceUnderTest, home: Home
) -> None:
    late = await home.session(5, terms=LOTTERY, draft=True)
    fine = await home.session(5, draft=True, room_id=home.other_room_id)
    home.move_to(at(12))

    first, second = await activities.ask_together([PublishSession(session_id=id) for id in (late, fine)])

    assert (first, code(second)) == (Refusal("terms-conflict", problem="draw-window-over"), "published")
    assert await activities.said(DrawAnnounced) == []
    assert (await home.find(fine)).status is SessionStatus.PUBLISHED


async def test_a_drawn_session_that_is_moved_keeps_its_draw_and_nobody_loses_a_seat_unasked(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(2, terms=LOTTERY, starts_at=at(15, day=6), ends_at=at(17, day=6))
    await entered(home, session, *[1] * 5)
    await hold(home)
    [held] = await activities.said(DrawHeld)
    first, second, third, *_ = recomputed(held)

    await activities.ask(MoveSession(session_id=session, starts_at=at(16, day=7), ends_at=at(18, day=7)))

    assert {each.enrolment_id for each in await activities.said(ReconfirmRequested)} == {first, second}
    await activities.ask(ReconfirmEnrolment(enrolment_id=first))
    home.move_to(at(15, day=4))
    await activities.fire_timers()
    ended = {each.enrolment_id: each.how for each in await activities.said(EnrolmentWithdrawn)}
    assert (ended, await activities.said(DrawHeld)) == ({second: "unconfirmed"}, [held])
    assert [each.enrolment_id for each in await activities.said(SeatsOffered)] == [third]  # the next of the same draw

    await activities.ask(MoveSession(session_id=session, starts_at=at(17, day=7), ends_at=at(19, day=7)))
    again, offered = await activities.said(ReconfirmRequested), await activities.said(SeatsOffered)
    assert [each.enrolment_id for each in again[2:]] == [first]
    assert [each.enrolment_id for each in offered] == [third, third]  # told of the new hour, with time to answer
    assert {each.answer_by for each in offered} == {at(18, day=4)}


async def test_a_session_is_not_moved_before_the_end_of_the_window_that_was_promised(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(2, terms=LOTTERY, starts_at=at(15, day=6), ends_at=at(17, day=6))
    await entered(home, session, 1)

    early = await activities.ask(MoveSession(session_id=session, starts_at=at(11), ends_at=at(12)))
    later = await activities.ask(MoveSession(session_id=session, starts_at=at(15, day=7), ends_at=at(17, day=7)))

    assert (code(early), early.params) == ("terms-conflict", {"problem": "window-after-start"})
    assert code(later) == "published"
    await hold(home)
    assert len(await activities.said(DrawHeld)) == 1


async def test_an_offer_does_not_outlive_the_start_of_a_session_that_is_moved_forward(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(1, starts_at=at(15, day=6), ends_at=at(17, day=6))
    leaves, offered = await home.enrolled(session, 1, 1)
    await home.withdraw(leaves)

    await activities.ask(MoveSession(session_id=session, starts_at=at(10), ends_at=at(12)))

    assert [each.answer_by for each in await activities.said(SeatsOffered)] == [at(12), at(10)]
    home.move_to(at(10))
    await activities.fire_timers()
    assert await home.roster(session) == {}
    assert code(await activities.ask(AcceptOffer(enrolment_id=offered.enrolment_id))) == "offer-lapsed"


def wrong_of(record: DrawState, noted: str | None = None) -> dict[str, int]:
    """The steps of the recipe that do not agree, and in how many things."""
    return {each.step: len(each.wrong) for each in check(record, noted) if each.wrong}


async def test_a_stranger_recomputes_a_lottery_and_finds_who_was_treated_otherwise(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(4, terms=LOTTERY)
    await entered(home, session, 2, 1, 1, 3, 1, 4)
    public = {"roles": ("anonymous",), "region": "000000000000"}
    before = done(await activities.query(GetDrawRecord(session_id=session), **public), DrawState)
    await hold(home)
    record = done(await activities.query(GetDrawRecord(session_id=session), **public), DrawState)
    await activities.ask(MoveSession(session_id=session, starts_at=at(18), ends_at=at(20)))

    assert (before.seed, before.order) == (None, ())
    assert [each.open for each in check(before)] == ["seed-not-shown-yet", "not-held-yet"]
    assert wrong_of(record, before.commitment) == {}
    assert wrong_of(done(await activities.query(GetDrawRecord(session_id=session), **public), DrawState)) == {}
    assert set(wrong_of(record, "0" * 64)) == {"commitment"}
    assert set(wrong_of(record.model_copy(update={"seed": "0" * 64}))) == {"commitment", "lots"}
    first, second, *others = record.order
    assert wrong_of(record.model_copy(update={"order": (second, first, *others)})) == {"order": 2}
    assert set(wrong_of(record.model_copy(update={"order": (first, *others)}))) >= {"order"}
    favoured = [
        each.model_copy(update={"outcome": "placed" if each.outcome == "queued" else each.outcome})
        for each in record.order
    ]
    moved_up = sum(each.outcome == "queued" for each in record.order)
    assert wrong_of(record.model_copy(update={"order": tuple(favoured)})) == {"seats": moved_up}


async def test_a_draw_by_need_shows_strangers_no_ranks_and_the_host_all_of_them(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(2, terms=BY_NEED)
    requests = [
        request.model_copy(update={"household": kind})
        for request, kind in zip(await home.families(session, 1, 1, 1), (None, "left-behind", None), strict=True)
    ]
    await activities.ask_together(requests)
    await hold(home)

    record = done(await activities.query(GetDrawRecord(session_id=session), roles=("anonymous",)), DrawState)
    host = done(await activities.query(GetDraw(session_id=session)), DrawState)

    assert (record.order, record.entries_by_rank, len(record.entries)) == ((), (0, 1, 2), 3)
    assert {each.step: each.open for each in check(record)} == {"commitment": None, "order": "ranks-are-not-public"}
    assert wrong_of(host) == {}
    ranks = tuple(each.model_copy(update={"rank": 2 - each.rank}) for each in host.order)
    assert "order" in wrong_of(host.model_copy(update={"order": ranks}))
