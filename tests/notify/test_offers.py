"""What families are told of offers, approval, draws, moves and standing, and what staff see of it (A10, A15, N7)."""

from datetime import datetime, timedelta
from uuid import uuid4

from contracts.activities.v1 import (
    EnrolmentEntered,
    EnrolmentRequested,
    EnrolmentStatus,
    EnrolmentWithdrawn,
    FamilyChanged,
    ReconfirmRequested,
    SeatsOffered,
    StandingChanged,
    StandingStatus,
)
from contracts.notify.v1 import CountNotices, ListTold, MarkSeen, NoticeCounts, ToldList
from services.notify.delivery.links import DECLINE
from services.notify.delivery.mail import Postman
from services.notify.delivery.mails import send_mails
from tests.notify.conftest import AddressBook, MailServer, counts, inbox_of, until_quiet
from tests.notify.story import ClassOf20, Family
from tests.notify.test_telling import deliver
from tests.under_test import ServiceUnderTest


def offer(family: Family, answer_by: datetime, tell_at: datetime) -> SeatsOffered:
    return SeatsOffered(
        enrolment_id=family.enrolment, session_id=family.session_id, contact_id=family.contact, seats=1,
        answer_by=answer_by, tell_at=tell_at,
    )  # fmt: skip


async def test_contest_2_an_offer_at_half_past_eight_in_the_evening_arrives_at_eight(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    mother = await Family(course).queued()
    notify.clock.move(hours=11.5)  # 20:30
    eight = notify.clock.now() + timedelta(hours=11.5)
    await mother.hears(offer(mother, eight + timedelta(hours=3), eight))
    await deliver(notify)
    assert [each.template for each in await inbox_of(notify, mother.contact)] == ["enrolment-queued"]

    notify.clock.at = eight
    await deliver(notify)

    [newest, _] = await inbox_of(notify, mother.contact)
    assert (newest.template, newest.at) == ("seats-offered", eight)
    assert "6月4日（周四）11:00" in newest.text


async def test_the_letter_of_an_offer_declines_by_a_sealed_link_where_the_gateway_is_public(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    course = await ClassOf20(notify).scheduled()
    answer_by = notify.clock.now() + timedelta(days=3650)  # seals end by the wall clock
    chen, mary = await Family(course).queued(), Family(course)
    address_book.english.add(mary.contact)
    await mary.queued()
    for family in (chen, mary):
        await family.hears(offer(family, answer_by, notify.clock.now()))
    public = Postman("127.0.0.1", mail_server.port, "邻里 <linli@localhost>", public_url="https://linli.example.org/")
    await until_quiet(lambda: send_mails(notify.running, public))

    texts = {mail["To"]: mail.get_content() for mail in mail_server.mails if "decline/" in mail.get_content()}
    assert len(texts) == 2
    assert "无需登录" in texts[address_book.contact(chen.contact).email or ""]
    [link] = [
        line for line in texts[address_book.contact(mary.contact).email or ""].split() if line.startswith("https:")
    ]
    seal = link.removeprefix("https://linli.example.org/decline/")
    opened = notify.running.verifier.unseal(seal, DECLINE, by="notify")
    assert opened is not None
    assert (opened["enrolment_id"], opened["answer_by"]) == (str(mary.enrolment), answer_by.isoformat())
    assert notify.running.verifier.unseal(seal, "linli-oidc", by="notify") is None


async def test_approval_draws_moves_and_standing_are_told(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    family, person = Family(course), uuid4()
    ids = {"enrolment_id": family.enrolment, "session_id": course.id, "contact_id": family.contact}
    await family.hears(EnrolmentRequested(**ids, people=(uuid4(),), seats=1))
    await family.hears(EnrolmentEntered(**ids, people=(uuid4(),), seats=1))
    await family.confirmed()
    await family.hears(FamilyChanged(**ids, people=(uuid4(),), seats=1, status=EnrolmentStatus.CONFIRMED))
    soon = notify.clock.now() + timedelta(hours=27)
    await family.hears(ReconfirmRequested(**ids, seats=1, answer_by=soon, tell_at=notify.clock.now()))
    await family.hears(EnrolmentWithdrawn(**ids, seats=1, how="unconfirmed"))
    for version, (status, until) in enumerate(((StandingStatus.SUSPENDED, soon), (StandingStatus.GOOD, None)), 1):
        await notify.hear(
            StandingChanged(
                standing_id=person, unit_id=uuid4(), person_id=person, status=status, until=until, why="absences"
            ),
            version=version,
        )
    await deliver(notify)

    assert [each.template for each in reversed(await inbox_of(notify, family.contact))] == [
        "enrolment-requested", "enrolment-entered", "enrolment-confirmed", "reconfirm-requested",
        "enrolment-unconfirmed",
    ]  # fmt: skip
    suspended, good = reversed(await inbox_of(notify, person))
    assert "6月4日（周四）12:00" in suspended.text
    assert good.template == "standing-good"


async def test_a_family_that_is_looked_at_again_is_reminded_of_nothing(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    family = await Family(course).confirmed()
    await family.hears(
        EnrolmentRequested(
            enrolment_id=family.enrolment, session_id=course.id, contact_id=family.contact, people=(uuid4(),),
            seats=1, again=True,
        )
    )  # fmt: skip
    notify.clock.move(hours=32)
    await deliver(notify)

    assert "session-reminder" not in [each.template for each in await inbox_of(notify, family.contact)]
    assert (await counts(notify))["inbox", "cancelled"] == 1


async def test_who_was_told_of_a_session_and_who_has_read_it(notify: ServiceUnderTest) -> None:
    course, other = await ClassOf20(notify).scheduled(), await ClassOf20(notify).scheduled()
    families = [await Family(course).confirmed() for _ in range(3)]
    elsewhere = await Family(course, region="350502001001").confirmed()
    await Family(other).confirmed()
    await course.cancelled()
    await deliver(notify)
    [entry, *_] = await inbox_of(notify, families[0].contact)
    await notify.ask(MarkSeen(person_id=families[0].contact, notice_id=entry.notice_id))

    first = await notify.query(ListTold(session_id=course.id, template="session-cancelled", limit=5))
    assert isinstance(first, ToldList)
    rest = await notify.query(ListTold(session_id=course.id, template="session-cancelled", limit=5, after=first.next))
    assert isinstance(rest, ToldList)
    told = [*first.told, *rest.told]
    seen = [each.person_id for each in told if each.status == "seen"]
    assert (len(told), seen, rest.next) == (8, [families[0].contact], None)
    street = await notify.query(ListTold(session_id=course.id, template="session-cancelled"), region="350503001000")
    assert isinstance(street, ToldList)
    assert elsewhere.contact not in {each.person_id for each in street.told}
    assert len(street.told) == 6


async def test_contest_9_the_counts_of_a_cancelled_session_are_its_own(notify: ServiceUnderTest) -> None:
    """Session cancelled while reminders are pending and some delivered: the count of each is shown for the session."""
    course, other = await ClassOf20(notify).scheduled(), await ClassOf20(notify).scheduled()
    await Family(other).confirmed()
    for _ in range(4):
        await Family(course).confirmed()
    notify.clock.move(hours=32)
    await deliver(notify)
    for _ in range(3):
        await Family(course).confirmed()
    await course.cancelled()
    await deliver(notify)

    told = await notify.query(CountNotices(region="350503001001", session_id=course.id))

    assert isinstance(told, NoticeCounts)
    assert {(each.channel.value, each.status.value): each.count for each in told.counts if each.channel == "inbox"} == {
        ("inbox", "superseded"): 8, ("inbox", "cancelled"): 6, ("inbox", "sent"): 7,
    }  # fmt: skip
