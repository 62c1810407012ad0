"""When a consent ends, what rested on it ends: enrolments, offers, the mark that allows photos (X16, A29, PIPL 15)."""

import asyncio
from uuid import UUID

from contracts.activities.v1 import (
    AcceptOffer,
    ConsentWithdrawalApplied,
    EnrolmentState,
    GetRoster,
    ListWithdrawalEffects,
    Roster,
    SeatsOffered,
    WithdrawalEffects,
)
from contracts.data import AgeBand
from contracts.registry.v1 import ConsentGiven, ConsentPurpose, ConsentWithdrawn
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest


async def child_of(home: Home) -> UUID:
    """A child whose guardian consents to taking part; her next fact is the third."""
    return await home.person(AgeBand.SCHOOL, consent=True)


async def withdraw(home: Home, child: UUID, version: int = 3) -> None:
    fact = ConsentWithdrawn(person_id=child, purpose=ConsentPurpose.ACTIVITIES)
    await home.service.hear(fact, region=COMMUNITY, version=version)


async def give(home: Home, child: UUID, version: int, purpose: ConsentPurpose = ConsentPurpose.ACTIVITIES) -> None:
    await home.service.hear(ConsentGiven(person_id=child, purpose=purpose), region=COMMUNITY, version=version)


async def effects(home: Home, person: UUID, region: str = COMMUNITY) -> WithdrawalEffects:
    answer = await home.service.query(ListWithdrawalEffects(person_id=person), region=region)
    return done(answer, WithdrawalEffects)


async def test_a_withdrawn_consent_ends_what_lies_ahead_and_lists_it(activities: ServiceUnderTest, home: Home) -> None:
    child, mother = await child_of(home), await home.person()
    morning, evening = await home.session(2, starts_at=at(10), ends_at=at(11)), await home.session(2)
    past = done(await activities.ask(enrol(morning, [child], contact=mother)), EnrolmentState)
    family = done(await activities.ask(enrol(evening, [child, mother], contact=mother)), EnrolmentState)
    next_one = done(await activities.ask(await home.family(evening, 1)), EnrolmentState)
    home.move_to(at(12))
    before = await effects(home, child)

    await withdraw(home, child)
    await withdraw(home, child)  # comes again

    assert before.would_end == (family.enrolment_id,)
    after = await effects(home, child)
    assert (after.would_end, [each.enrolment_id for each in after.ended]) == ((), [family.enrolment_id])
    assert (await effects(home, child, region="350502000000")).ended == ()
    assert await home.roster(evening) == {next_one.enrolment_id: "offered"}
    assert past.enrolment_id in await home.roster(morning)
    assert [offer.enrolment_id for offer in await activities.said(SeatsOffered)] == [next_one.enrolment_id]
    [applied] = await activities.said(ConsentWithdrawalApplied)
    assert (applied.person_id, applied.enrolments) == (child, (family.enrolment_id,))
    assert applied.effects == ("enrolments-withdrawn", "health-notes-erased")
    assert code(await activities.ask(enrol(evening, [child], contact=mother))) == "guardian-consent-missing"


async def test_an_offer_is_not_taken_without_consent(activities: ServiceUnderTest, home: Home) -> None:
    """Between the withdrawal and its effect, whatever the order in which they come."""
    child, session = await child_of(home), await home.session(1)
    holder = done(await activities.ask(await home.family(session, 1)), EnrolmentState)
    waiting = done(await activities.ask(enrol(session, [child])), EnrolmentState)
    await home.withdraw(holder)
    await activities.admin.execute("UPDATE person SET consented = false WHERE person_id = $1", child)

    accept = AcceptOffer(enrolment_id=waiting.enrolment_id)

    assert code(await activities.ask(accept)) == "guardian-consent-missing"
    await activities.admin.execute("UPDATE person SET consented = true WHERE person_id = $1", child)
    assert code(await activities.ask(accept)) == "confirmed"


async def test_no_sign_up_slips_through_while_consent_is_withdrawn(activities: ServiceUnderTest, home: Home) -> None:
    children = [await child_of(home) for _ in range(3)]
    hours = [(hour, room) for hour in (14, 15, 16, 17) for room in (home.room_id, home.other_room_id)]
    sessions = [await home.session(9, starts_at=at(hour), ends_at=at(hour + 1), room_id=room) for hour, room in hours]
    requests = [enrol(session, [child]) for session in sessions for child in children]

    await asyncio.gather(activities.ask_at_once(requests), *(withdraw(home, child) for child in children))
    home.move(seconds=30)
    await activities.fire_timers()

    assert [await home.roster(session) for session in sessions] == [{}] * len(sessions)
    assert [(await home.find(session)).seats_taken for session in sessions] == [0] * len(sessions)


async def test_what_was_signed_up_at_that_very_moment_ends_half_a_minute_later(
    activities: ServiceUnderTest, home: Home
) -> None:
    """As if the sign-up had read the consent just before: the withdrawal did not see it, the second look does."""
    child, grown = await child_of(home), await home.person(consent=True)
    session = await home.session()
    for person in (child, grown):
        await withdraw(home, person)
        await activities.admin.execute("UPDATE person SET consented = true WHERE person_id = $1", person)
    late = done(await activities.ask(enrol(session, [child])), EnrolmentState)
    free = done(await activities.ask(enrol(session, [grown])), EnrolmentState)
    await activities.admin.execute("UPDATE person SET consented = false")

    home.move(seconds=29)
    await activities.fire_timers()
    assert late.enrolment_id in await home.roster(session)
    home.move(seconds=1)
    await activities.fire_timers()

    assert await home.roster(session) == {free.enrolment_id: "confirmed"}
    said = [each for each in await activities.said(ConsentWithdrawalApplied) if each.person_id == child]
    assert [each.enrolments for each in said] == [(), (late.enrolment_id,)]


async def test_a_consent_given_again_ends_nothing_more(activities: ServiceUnderTest, home: Home) -> None:
    child, session = await child_of(home), await home.session()
    await withdraw(home, child)
    await give(home, child, 4)
    again = done(await activities.ask(enrol(session, [child])), EnrolmentState)

    home.move(seconds=30)
    await activities.fire_timers()

    assert await home.roster(session) == {again.enrolment_id: "confirmed"}


async def test_the_photo_mark_comes_and_goes_with_its_consent(activities: ServiceUnderTest, home: Home) -> None:
    child, other = await child_of(home), await child_of(home)
    session = await home.session()
    await activities.ask(enrol(session, [child, other]))

    async def marked() -> list[tuple[UUID, ...]]:
        roster = done(await activities.query(GetRoster(session_id=session)), Roster)
        return [entry.photos_agreed for entry in roster.entries]

    assert await marked() == [()]
    await give(home, child, 3, ConsentPurpose.PHOTOS)
    assert await marked() == [(child,)]
    await activities.hear(ConsentWithdrawn(person_id=child, purpose=ConsentPurpose.PHOTOS), region=COMMUNITY, version=4)
    assert await marked() == [()]
    [applied] = await activities.said(ConsentWithdrawalApplied)
    assert (applied.purpose, applied.effects, applied.enrolments) == (
        ConsentPurpose.PHOTOS,
        ("photo-mark-cleared",),
        (),
    )
