"""A moved session asks again (A16), and an offer is declined by its link (A10)."""

from datetime import datetime
from uuid import UUID

from contracts.activities.v1 import (
    AmendSession,
    DeclineByLink,
    EnrolmentReconfirmed,
    EnrolmentTerms,
    EnrolmentWithdrawn,
    GetTerms,
    MoveSession,
    OfferEnded,
    ReconfirmEnrolment,
    ReconfirmRequested,
    SeatsOffered,
    SessionState,
    TermsState,
    WithdrawEnrolment,
)
from services.activities.offers.moves import ask_again
from services.activities.sessions.store import lock_session
from services.chassis import Transaction
from services.chassis.scope import EVERYWHERE, transaction
from tests.activities.world import Home, at, code, done
from tests.under_test import ServiceUnderTest

EDGE = {"actor": "service:gateway", "roles": ("edge",)}


async def moved(home: Home, session_id: UUID) -> None:
    """What the move of a session does once its row is changed."""
    running = home.service.running
    async with running.pool.acquire() as connection, transaction(connection, EVERYWHERE):
        tx = Transaction(connection, running.clock.now(), running.actor, running.own_cause())
        session = await lock_session(tx, session_id)
        assert session is not None
        await ask_again(tx, session)
        await tx.flush(wake_relay=False)


async def test_whoever_does_not_confirm_a_moved_session_makes_room(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(3, starts_at=at(15, day=6), ends_at=at(17, day=6))
    stays, silent, leaves, waits = await home.enrolled(session, 1, 1, 1, 1)

    await moved(home, session)
    asked = await activities.said(ReconfirmRequested)
    answer = await activities.ask(ReconfirmEnrolment(enrolment_id=stays.enrolment_id))
    again = await activities.ask(ReconfirmEnrolment(enrolment_id=stays.enrolment_id))
    await home.withdraw(leaves)
    home.move_to(at(12, day=4))
    await activities.fire_timers()
    late = await activities.ask(ReconfirmEnrolment(enrolment_id=silent.enrolment_id))

    assert {each.enrolment_id for each in asked} == {stays.enrolment_id, silent.enrolment_id, leaves.enrolment_id}
    assert {(each.tell_at, each.answer_by) for each in asked} == {(at(9), at(12, day=4))}
    assert (code(answer), code(again), code(late)) == ("confirmed", "nothing-to-reconfirm", "nothing-to-reconfirm")
    assert [each.enrolment_id for each in await activities.said(EnrolmentReconfirmed)] == [stays.enrolment_id]
    assert [(each.enrolment_id, each.how) for each in await activities.said(EnrolmentWithdrawn)] == [
        (leaves.enrolment_id, "withdrawn"), (silent.enrolment_id, "unconfirmed"),
    ]  # fmt: skip
    assert waits.enrolment_id in [each.enrolment_id for each in await activities.said(SeatsOffered)]
    assert await home.roster(session) == {stays.enrolment_id: "confirmed"}


async def test_moving_a_session_asks_whoever_has_seats_in_it(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(1, starts_at=at(15, day=6), ends_at=at(17, day=6))
    [comes, waits] = await home.enrolled(session, 1, 1)

    await activities.ask(AmendSession(session_id=session, title="改名"))
    assert await activities.said(ReconfirmRequested) == []
    await activities.ask(MoveSession(session_id=session, starts_at=at(16, day=7), ends_at=at(18, day=7)))

    [asked] = await activities.said(ReconfirmRequested)
    assert (asked.enrolment_id, asked.answer_by) == (comes.enrolment_id, at(12, day=4))
    home.move_to(at(12, day=4))
    await activities.fire_timers()
    assert await home.roster(session) == {waits.enrolment_id: "offered"}


async def test_a_window_that_would_end_after_the_new_start_moves_along(
    activities: ServiceUnderTest, home: Home
) -> None:
    terms = EnrolmentTerms(opens_at=at(9, day=5), closes_at=at(14, day=6), child_seats=1)
    session = await home.session(4, starts_at=at(15, day=6), ends_at=at(17, day=6), terms=terms)

    async def window() -> tuple[datetime | None, datetime | None]:
        given = done(await activities.query(GetTerms(session_id=session)), TermsState).terms
        return (given.opens_at, given.closes_at) if given else (None, None)

    later = MoveSession(session_id=session, starts_at=at(15, day=7), ends_at=at(17, day=7))
    done(await activities.ask(later), SessionState)
    assert await window() == (at(9, day=5), at(14, day=6))
    sooner = MoveSession(session_id=session, starts_at=at(15, day=5), ends_at=at(17, day=5))
    done(await activities.ask(sooner), SessionState)
    assert await window() == (at(9), at(14, day=4))


async def test_a_link_declines_its_own_offer_and_no_other(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(1, starts_at=at(15, day=6), ends_at=at(17, day=6))
    first, second, third = await home.enrolled(session, 1, 1, 1)
    await home.withdraw(first)
    [offer] = await activities.said(SeatsOffered)
    link = DeclineByLink(enrolment_id=second.enrolment_id, answer_by=offer.answer_by)

    stranger = await activities.ask(link)
    stale = await activities.ask(link.model_copy(update={"answer_by": at(11)}), **EDGE)
    twice = [await activities.ask(link, **EDGE) for _ in range(2)]
    await activities.ask(WithdrawEnrolment(enrolment_id=third.enrolment_id))
    of_third = DeclineByLink(enrolment_id=third.enrolment_id, answer_by=offer.answer_by)

    assert (code(stranger), code(stale)) == ("not-permitted", "no-offer")
    assert [code(each) for each in twice] == ["withdrawn", "withdrawn"]
    assert code(await activities.ask(of_third, **EDGE)) == "no-offer"
    assert [each.how for each in await activities.said(OfferEnded)] == ["declined"]
