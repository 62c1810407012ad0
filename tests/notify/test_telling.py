"""Which facts tell whom, and what stays silent."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from uuid_utils.compat import uuid7

from contracts.activities.v1 import (
    ChildOverdue,
    EnrolmentStatus,
    FamilyChanged,
    FollowUpOverdue,
    GateReason,
    SessionBlocked,
)
from contracts.notify.v1 import NoticeCancelled, NoticeSent
from services.notify.delivery.worker import deliver_due
from tests.notify.conftest import counts, hear_together, inbox_of, until_quiet
from tests.notify.story import (
    FRIDAY_HALF_PAST_FOUR,
    ClassOf20,
    Family,
    certificate_issued,
    hours_credited,
    shift_opened,
    shift_taken,
)
from tests.under_test import ServiceUnderTest


async def deliver(notify: ServiceUnderTest) -> int:
    return await until_quiet(lambda: deliver_due(notify.running))


async def test_a_family_with_seats_is_told_where_and_when(notify: ServiceUnderTest) -> None:
    family = await Family(await ClassOf20(notify).scheduled()).confirmed()
    await deliver(notify)

    [entry] = await inbox_of(notify, family.contact)
    assert entry.template == "enrolment-confirmed"
    assert entry.subject == "报名成功：蓝色成长课堂 · Enrolled: 蓝色成长课堂"
    assert "6月5日（周五）16:30" in entry.text
    assert "Fri 5 June 16:30" in entry.text
    assert "东湖社区儿童之家" in entry.text


async def test_every_fact_of_an_enrolment_is_told_by_its_own_template(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    family = await Family(course).queued()
    await family.offered(answer_by=notify.clock.now() + timedelta(hours=4))
    await family.confirmed()
    await family.withdrawn()
    hesitant = await (await Family(course).offered(notify.clock.now() + timedelta(hours=4))).offer_ended()
    await deliver(notify)

    told = [entry.template for entry in await inbox_of(notify, family.contact)]
    assert sorted(told) == ["enrolment-confirmed", "enrolment-queued", "enrolment-withdrawn", "seats-offered"]
    assert {entry.template for entry in await inbox_of(notify, hesitant.contact)} == {"seats-offered", "offer-ended"}


async def test_volunteers_are_told_of_shifts_minutes_and_certificates(notify: ServiceUnderTest) -> None:
    person, shift = uuid4(), uuid4()
    await notify.hear(shift_opened(shift))
    for fact in (shift_taken(person, shift), hours_credited(person), certificate_issued(person)):
        await notify.hear(fact)
    await deliver(notify)

    told = {entry.template: entry.text for entry in await inbox_of(notify, person)}
    assert "课堂助教，6月5日（周五）16:30至18:00" in told["shift-taken"]
    assert "6月5日（周五）的志愿服务已记入 95 分钟" in told["hours-credited"]
    assert "LL-2026-000001" in told["certificate-issued"]


async def test_a_child_nobody_fetches_is_told_at_once_at_night_after_the_session_is_over(
    notify: ServiceUnderTest,
) -> None:
    course = await ClassOf20(notify, starts_at=datetime(2026, 6, 3, 12, 30, tzinfo=UTC)).scheduled()
    await course.closed()
    mother, helper, keeper = uuid4(), uuid4(), uuid4()
    notify.clock.at = datetime(2026, 6, 3, 14, 15, tzinfo=UTC)  # 22:15 in Shanghai
    overdue = ChildOverdue(
        child_id=uuid4(), session_id=course.id, unit_id=uuid4(), site_id=uuid4(), ended_at=course.ends_at,
        until=notify.clock.now() + timedelta(hours=3), tell=(mother, helper, keeper),
    )  # fmt: skip
    await notify.hear(overdue)

    await deliver(notify)

    for person in (mother, helper, keeper):
        [entry] = await inbox_of(notify, person)
        assert entry.subject == "紧急：儿童未被接走 · Urgent: a child was not fetched"
        assert "蓝色成长课堂已于22:00结束" in entry.text


async def test_keepers_are_told_of_a_session_that_may_not_open(notify: ServiceUnderTest) -> None:
    course, keeper = await ClassOf20(notify).scheduled(), uuid4()
    blocked = SessionBlocked(
        session_id=course.id, unit_id=uuid4(), reason=GateReason.CLEARANCE_MISSING, starts_at=course.starts_at,
        adults_needed=2, adults_cleared=1, uncleared=(uuid4(),), substitutes=(uuid4(),), tell=(keeper,),
    )  # fmt: skip
    await notify.hear(blocked, version=2)
    await deliver(notify)

    [entry] = await inbox_of(notify, keeper)
    assert "须 2 名已通过背景核查的成人，现有 1 名" in entry.text


async def test_a_notice_waits_until_its_session_is_heard_of(notify: ServiceUnderTest) -> None:
    course = ClassOf20(notify)
    family = await Family(course).confirmed()
    assert await deliver(notify) == 0

    await course.scheduled()
    await deliver(notify)

    assert [entry.template for entry in await inbox_of(notify, family.contact)] == ["enrolment-confirmed"]
    notify.clock.move(hours=40)
    await deliver(notify)
    assert [entry.template for entry in await inbox_of(notify, family.contact)] == [
        "session-reminder",
        "enrolment-confirmed",
    ]


async def test_a_shift_notice_waits_until_its_shift_is_heard_of(notify: ServiceUnderTest) -> None:
    person, shift = uuid4(), uuid4()
    await notify.hear(shift_taken(person, shift))
    assert await deliver(notify) == 0

    await notify.hear(shift_opened(shift))
    assert await deliver(notify) == 1


async def test_the_same_fact_heard_twice_is_told_once(notify: ServiceUnderTest) -> None:
    family, id = Family(await ClassOf20(notify).scheduled()), uuid7()
    fact = family.confirmation()
    for _ in range(3):
        await notify.hear(fact, version=1, id=id)
    person = uuid4()
    credited = hours_credited(person)
    for _ in range(3):
        await notify.hear(credited, id=id)
    await deliver(notify)

    assert len(await inbox_of(notify, family.contact)) == 1
    assert len(await inbox_of(notify, person)) == 1


async def test_a_reminder_comes_a_day_before_and_dies_with_the_enrolment(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    staying = await Family(course).confirmed()
    leaving = await (await Family(course).confirmed()).withdrawn()
    await deliver(notify)

    assert [event.template for event in await notify.said(NoticeCancelled)] == ["session-reminder"] * 2
    notify.clock.move(hours=31)  # Thursday 16:00, half an hour too early
    assert await deliver(notify) == 0
    notify.clock.move(minutes=30)
    assert await deliver(notify) == 1
    assert (await inbox_of(notify, staying.contact))[0].template == "session-reminder"
    assert "session-reminder" not in {entry.template for entry in await inbox_of(notify, leaving.contact)}


async def test_who_answers_for_a_family_from_now_on_is_reminded(notify: ServiceUnderTest) -> None:
    """The contact was erased, and another of the family took her place."""
    course = await ClassOf20(notify).scheduled()
    family, successor = await Family(course).confirmed(), uuid4()
    await family.hears(
        FamilyChanged(
            enrolment_id=family.enrolment, session_id=course.id, contact_id=successor, people=(successor,), seats=1,
            status=EnrolmentStatus.CONFIRMED,
        )
    )  # fmt: skip
    notify.clock.at = FRIDAY_HALF_PAST_FOUR - timedelta(hours=24)

    await deliver(notify)

    assert [entry.template for entry in await inbox_of(notify, successor)] == ["session-reminder"]


async def test_a_reminder_of_a_session_that_was_moved_comes_before_its_new_start(notify: ServiceUnderTest) -> None:
    later, sooner = await ClassOf20(notify).scheduled(), await ClassOf20(notify).scheduled()
    family, other = await Family(later).confirmed(), await Family(sooner).confirmed()
    await deliver(notify)
    await later.moved(FRIDAY_HALF_PAST_FOUR + timedelta(days=1))
    await sooner.moved(notify.clock.now() + timedelta(hours=1))  # an hour ahead: too late to remind

    assert [event.template for event in await notify.said(NoticeCancelled)] == ["session-reminder"] * 2
    notify.clock.move(hours=32)
    assert await deliver(notify) == 0
    notify.clock.move(hours=24)
    await deliver(notify)
    [reminder] = [each for each in await inbox_of(notify, family.contact) if each.template == "session-reminder"]
    assert "二楼" in reminder.text
    assert "session-reminder" not in {entry.template for entry in await inbox_of(notify, other.contact)}


async def test_who_was_reminded_before_a_move_is_reminded_of_the_new_start(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    family = await Family(course).confirmed()
    notify.clock.at = FRIDAY_HALF_PAST_FOUR - timedelta(hours=24)
    await deliver(notify)
    monday = FRIDAY_HALF_PAST_FOUR + timedelta(days=3)
    await course.moved(monday)
    notify.clock.at = monday - timedelta(hours=24)

    await deliver(notify)

    reminders = [each for each in await inbox_of(notify, family.contact) if each.template == "session-reminder"]
    assert [("6月8日" in each.text, "二楼" in each.text) for each in reminders] == [(True, True), (False, False)]


async def test_an_offered_family_that_another_answers_for_is_not_taken_for_one_that_waits(
    notify: ServiceUnderTest,
) -> None:
    course, successor = await ClassOf20(notify).scheduled(), uuid4()
    family = await Family(course).offered(notify.clock.now() + timedelta(hours=4))
    await family.hears(
        FamilyChanged(
            enrolment_id=family.enrolment, session_id=course.id, contact_id=successor, people=(successor,), seats=1,
            status=EnrolmentStatus.OFFERED,
        )
    )  # fmt: skip
    await course.moved(FRIDAY_HALF_PAST_FOUR + timedelta(days=1))

    await deliver(notify)

    assert await inbox_of(notify, successor) == []  # she is offered the seats anew, by a fact of its own


async def test_those_who_wait_hear_of_a_move_as_well(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    waits, sits = await Family(course).queued(), await Family(course).confirmed()
    await course.moved(FRIDAY_HALF_PAST_FOUR + timedelta(days=1))
    await deliver(notify)

    [told] = [each for each in await inbox_of(notify, waits.contact) if each.template == "session-moved"]
    assert "6月6日（周六）16:30，地点：东湖社区儿童之家二楼" in told.text
    assert "session-moved" not in {each.template for each in await inbox_of(notify, sits.contact)}


async def test_a_follow_up_that_is_overdue_is_told_to_who_has_it_in_hand(notify: ServiceUnderTest) -> None:
    helper = uuid4()
    fact = FollowUpOverdue(
        follow_up_id=uuid4(), visit_id=uuid4(), unit_id=uuid4(), measure="visit-again", assignee_id=helper,
        due_on=date(2026, 6, 10),
    )  # fmt: skip
    await notify.hear(fact)
    await deliver(notify)

    [told] = await inbox_of(notify, helper)
    assert (told.template, "6月10日（周三）" in told.text) == ("follow-up-overdue", True)


async def test_a_reminder_is_never_sent_after_the_session_began(notify: ServiceUnderTest) -> None:
    family = await Family(await ClassOf20(notify).scheduled()).confirmed()
    await deliver(notify)
    notify.clock.move(hours=56)
    await deliver(notify)

    assert [entry.template for entry in await inbox_of(notify, family.contact)] == ["enrolment-confirmed"]
    assert (await counts(notify))["inbox", "cancelled"] == 1


async def test_an_offer_whose_time_is_over_is_not_told(notify: ServiceUnderTest) -> None:
    family = await Family(await ClassOf20(notify).scheduled()).offered(notify.clock.now() + timedelta(hours=1))
    notify.clock.move(hours=2)
    await deliver(notify)

    assert await inbox_of(notify, family.contact) == []
    assert (await counts(notify))["inbox", "cancelled"] == 1


async def test_nothing_is_told_of_a_session_that_is_over(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    family = await Family(course).queued()
    await course.closed()
    await deliver(notify)

    assert await inbox_of(notify, family.contact) == []


async def test_a_cancelled_session_ends_300_pending_and_overtakes_40_delivered_reminders(
    notify: ServiceUnderTest,
) -> None:
    course = await ClassOf20(notify).scheduled()
    early = [await Family(course).confirmed() for _ in range(40)]
    notify.clock.move(hours=32)  # 23.5 hours before: the first reminders have just gone
    await deliver(notify)
    late = [Family(course) for _ in range(300)]
    await hear_together(notify, [family.confirmation() for family in late])
    await deliver(notify)
    before = await counts(notify)
    assert before == {("inbox", "sent"): 380, ("inbox", "planned"): 300, ("email", "planned"): 680}

    await course.cancelled()
    await deliver(notify)

    assert await counts(notify) == {
        ("inbox", "superseded"): 380,  # 340 confirmations and 40 reminders
        ("inbox", "cancelled"): 300,
        ("inbox", "sent"): 340,  # everybody is told of the cancellation
        ("email", "cancelled"): 680,
        ("email", "planned"): 340,
    }
    assert len(await notify.said(NoticeCancelled)) == 980
    for family in (early[0], late[0]):
        newest = (await inbox_of(notify, family.contact))[0]
        assert newest.template == "session-cancelled"
        assert "台风" in newest.text


async def test_everybody_enrolled_is_told_of_a_cancellation_once(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    confirmed = await Family(course).confirmed()
    await Family(course, confirmed.contact).confirmed()
    waiting = await Family(course).queued()
    offered = await Family(course).offered(notify.clock.now() + timedelta(hours=4))
    gone = await (await Family(course).confirmed()).withdrawn()
    await course.cancelled()
    await deliver(notify)

    for family in (confirmed, waiting, offered):
        assert [entry.template for entry in await inbox_of(notify, family.contact)] == ["session-cancelled"]
    assert await inbox_of(notify, gone.contact) == []


async def test_an_enrolment_heard_after_the_cancellation_is_told_of_it(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    await course.cancelled()
    family = await Family(course).confirmed()
    await deliver(notify)

    assert [entry.template for entry in await inbox_of(notify, family.contact)] == ["session-cancelled"]


async def test_each_notice_says_its_events_in_versions_from_one(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    for _ in range(3):
        await Family(course).confirmed()
    await deliver(notify)
    await course.cancelled()
    await deliver(notify)

    said = await notify.said_envelopes()
    assert {event.aggversion for event in said} == {1}
    assert len({event.aggregate_id for event in said}) == len(said)
    assert {event.region for event in said} == {"350503001001"}
    sent = [event for event in said if isinstance(event.data, NoticeSent)]
    assert all(event.causationid == event.data.cause_id for event in sent)
