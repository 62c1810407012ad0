"""Acceptance contests 1 and 2 of features.md section 7, in their words; contest 9 is told in tests/notify."""

from contracts.activities.v1 import (
    AcceptOffer,
    EnrolmentConfirmed,
    ExplainQueue,
    QueueLog,
    QueueSkipped,
    SeatsOffered,
    WithdrawEnrolment,
)
from contracts.data import AgeBand
from tests.activities.world import Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest


async def test_contest_1_a_family_of_three_is_offered_once_all_or_none_and_the_log_explains_the_skip(
    activities: ServiceUnderTest, home: Home
) -> None:
    """Parent with two children queues for a full class of 20; one seat frees, then two more: family is offered once,
    all three or none; log explains the skip."""
    session = await home.session(20, starts_at=at(15, day=5), ends_at=at(17, day=5))
    *_, two, one = await home.enrolled(session, 8, 8, 1, 2, 1)
    [mother] = await home.people(1)
    family = enrol(session, [mother, *await home.people(2, AgeBand.SCHOOL, consent=True)])
    assert code(await activities.ask(family)) == "waiting"
    single = await home.family(session, 1)
    assert code(await activities.ask(single)) == "waiting"

    await home.withdraw(one)  # one seat frees: the family is passed, whole, and whoever needs one is offered it
    assert [each.enrolment_id for each in await activities.said(SeatsOffered)] == [single.enrolment_id]
    [skipped] = await activities.said(QueueSkipped)
    assert [(each.enrolment_id, each.seats_wanted, each.seats_free) for each in skipped.skipped] == [
        (family.enrolment_id, 3, 1)
    ]

    await activities.ask(WithdrawEnrolment(enrolment_id=single.enrolment_id))  # again one seat
    await home.withdraw(two)  # then two more

    offers = [each for each in await activities.said(SeatsOffered) if each.enrolment_id == family.enrolment_id]
    assert [each.seats for each in offers] == [3]
    assert code(await activities.ask(AcceptOffer(enrolment_id=family.enrolment_id))) == "confirmed"
    assert (await home.find(session)).seats_taken == 20
    assert (await activities.said(EnrolmentConfirmed))[-1].people == family.people

    log = done(await activities.query(ExplainQueue(session_id=session, enrolment_id=family.enrolment_id)), QueueLog)
    assert [(step.step, step.seats_free) for step in log.steps if step.enrolment_id == family.enrolment_id] == [
        ("queued", 0), ("skipped", 1), ("skipped", 1), ("offered", 3), ("accepted", 0),
    ]  # fmt: skip
    assert [step.enrolment_id for step in log.steps if step.enrolment_id != family.enrolment_id] == [
        single.enrolment_id
    ]
    assert log.steps[1].zh == "空 1 个，公开名额不够全家 3 人，本次跳过，位次不变。"
    assert log.steps[1].en == "1 free, the open seats too few for all 3: passed this time, keeps its place."


async def test_contest_2_an_offer_at_half_past_eight_arrives_at_eight_and_the_deadline_counts_from_then(
    activities: ServiceUnderTest, home: Home
) -> None:
    """Offer at 20:30 to a mother with quiet hours: arrives 08:00, deadline counts from then."""
    session = await home.session(1, starts_at=at(15, day=5), ends_at=at(17, day=5))
    first, mother = await home.enrolled(session, 1, 1)
    home.move_to(at(20, 30))

    await home.withdraw(first)

    [offer] = await activities.said(SeatsOffered)
    assert (offer.enrolment_id, offer.tell_at, offer.answer_by) == (mother.enrolment_id, at(8, day=4), at(11, day=4))
    home.move_to(at(10, 59, day=4))
    await activities.fire_timers()
    assert code(await activities.ask(AcceptOffer(enrolment_id=mother.enrolment_id))) == "confirmed"
