"""Mails: once in effect, under one Message-ID, as long as their reason lives."""

import asyncio
from uuid import uuid4

import nats

from contracts.notify.v1 import NoticeCancelled, NoticeFailed, NoticeSent
from services.chassis.running import Running
from services.notify.delivery.mail import Postman
from services.notify.delivery.mails import send_mails
from services.notify.delivery.worker import deliver_due
from tests.notify.conftest import (
    AddressBook,
    MailServer,
    counts,
    hear_together,
    inbox_of,
    registry_answering,
    until_quiet,
)
from tests.notify.story import ClassOf20, Family, hours_credited
from tests.under_test import Servers, ServiceUnderTest


async def mail_all(notify: ServiceUnderTest, server: MailServer) -> int:
    return await until_quiet(lambda: send_mails(notify.running, server.postman))


async def test_a_mail_greets_by_name_in_the_persons_language(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    course = await ClassOf20(notify).scheduled()
    chen, mary = await Family(course).confirmed(), Family(course)
    address_book.english.add(mary.contact)
    await mary.confirmed()
    await mail_all(notify, mail_server)

    mails = {mail["To"]: mail for mail in mail_server.mails}
    chinese = mails[address_book.contact(chen.contact).email or ""]
    assert chinese["Subject"] == "报名成功：蓝色成长课堂"
    assert chinese.get_content().startswith("陈美丽，您好！\n\n已为您保留 2 个名额：蓝色成长课堂，6月5日（周五）16:30")
    english = mails[address_book.contact(mary.contact).email or ""]
    assert english["Subject"] == "Enrolled: 蓝色成长课堂"
    assert english.get_content().startswith("Dear Mary Poppins,\n\nSeats kept for you: 2.")
    assert english["Auto-Submitted"] == "auto-generated"


async def test_registry_is_asked_by_the_service_for_one_purpose(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    await notify.hear(hours_credited(uuid4()))
    await mail_all(notify, mail_server)

    assert [query.purpose for query in address_book.asked] == ["notice"]
    assert address_book.callers == ["service:notify"]


async def test_no_name_and_no_address_is_kept(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    family = await Family(await ClassOf20(notify).scheduled()).confirmed()
    await deliver_due(notify.running, mail_server.postman)
    assert len(mail_server.mails) == 1

    tables = await notify.admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    kept = "".join([str(await notify.admin.fetch(f'SELECT * FROM "{table[0]}"')) for table in tables])
    assert str(family.contact) in kept
    assert "陈美丽" not in kept
    assert "example.org" not in kept


async def test_without_a_mail_server_mails_wait_as_planned(notify: ServiceUnderTest) -> None:
    await notify.hear(hours_credited(uuid4()))
    await until_quiet(lambda: deliver_due(notify.running))

    assert await counts(notify) == {("inbox", "sent"): 1, ("email", "planned"): 1}


async def test_a_sender_that_dies_after_sending_repeats_the_mail_under_the_same_message_id(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    await notify.hear(hours_credited(uuid4()))
    sending = asyncio.create_task(send_mails(notify.running, mail_server.postman))

    async def die() -> None:
        sending.cancel()

    mail_server.before_taking = die
    await asyncio.gather(sending, return_exceptions=True)
    await asyncio.sleep(0.05)
    mail_server.before_taking = None
    assert len(mail_server.mails) == 1, "the mail left, and nobody marked it"

    notify.clock.move(minutes=1)
    assert await mail_all(notify, mail_server) == 0, "the lease holds"
    notify.clock.move(minutes=2)
    assert await mail_all(notify, mail_server) == 1
    notify.clock.move(minutes=5)
    assert await mail_all(notify, mail_server) == 0

    assert len(mail_server.mails) == 2
    assert len(set(mail_server.ids())) == 1
    [sent] = [event for event in await notify.said(NoticeSent) if event.channel.value == "email"]
    assert mail_server.ids()[0] == f"<{sent.notice_id}@linli>"


async def test_two_senders_share_the_mails_and_send_each_once(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    await hear_together(notify, [hours_credited(uuid4()) for _ in range(60)])
    await asyncio.gather(*(mail_all(notify, mail_server) for _ in range(3)))

    assert len(mail_server.mails) == 60
    assert len(set(mail_server.ids())) == 60


async def test_a_temporary_refusal_is_tried_again_later(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    mail_server.answers = ["451 come back", "421 later"]
    await notify.hear(hours_credited(uuid4()))

    assert await mail_all(notify, mail_server) == 1
    notify.clock.move(seconds=6)
    assert await mail_all(notify, mail_server) == 1
    notify.clock.move(seconds=20)
    assert await mail_all(notify, mail_server) == 0, "the second wait is 30 s"
    notify.clock.move(seconds=11)
    assert await mail_all(notify, mail_server) == 1

    assert len(mail_server.mails) == 1
    assert await notify.said(NoticeFailed) == []


async def test_a_permanent_refusal_fails_at_once_with_its_code(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    mail_server.answers = ["550 no such mailbox"]
    await notify.hear(hours_credited(uuid4()))
    await mail_all(notify, mail_server)
    notify.clock.move(days=3)
    await mail_all(notify, mail_server)

    assert [event.reason for event in await notify.said(NoticeFailed)] == ["smtp-550"]
    assert mail_server.mails == []


async def test_after_the_last_try_a_mail_has_failed(notify: ServiceUnderTest, address_book: AddressBook) -> None:
    nobody = Postman.of("smtp://127.0.0.1:9", "linli@localhost")
    await notify.hear(hours_credited(uuid4()))
    tries = 0
    for _ in range(12):
        tries += await until_quiet(lambda: send_mails(notify.running, nobody))
        notify.clock.move(days=1, minutes=1)

    assert tries == 11
    assert [event.reason for event in await notify.said(NoticeFailed)] == ["mail-server"]


async def test_who_has_no_address_or_is_unknown_is_told_in_the_inbox_alone(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    nowhere, unknown = uuid4(), uuid4()
    address_book.without_address.add(nowhere)
    address_book.unknown.add(unknown)
    for person in (nowhere, unknown):
        await notify.hear(hours_credited(person))
    await until_quiet(lambda: deliver_due(notify.running, mail_server.postman))

    assert sorted(event.reason for event in await notify.said(NoticeFailed)) == ["no-address", "unknown-person"]
    assert len(await inbox_of(notify, nowhere)) == 1
    assert mail_server.mails == []


async def test_while_registry_is_away_mails_wait_and_lose_no_try(
    servers: Servers, notify: ServiceUnderTest, mail_server: MailServer
) -> None:
    await notify.hear(hours_credited(uuid4()))
    notify.running.nats = alone = await nats.connect(servers.nats_url)
    for _ in range(20):
        assert await mail_all(notify, mail_server) == 1
        notify.clock.move(seconds=6)
    await alone.close()
    assert await mail_all(notify, mail_server) == 1
    notify.clock.move(seconds=6)
    assert await counts(notify) == {("inbox", "planned"): 1, ("email", "planned"): 1}

    async with registry_answering(servers, notify, AddressBook()):
        assert await mail_all(notify, mail_server) == 1
    assert len(mail_server.mails) == 1


async def test_a_mail_that_waited_dies_with_its_session(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    course = await ClassOf20(notify).scheduled()
    mail_server.answers = ["451 come back"]
    await Family(course).confirmed()
    await mail_all(notify, mail_server)
    notify.clock.move(hours=60)
    await mail_all(notify, mail_server)

    assert mail_server.mails == []
    assert (await counts(notify))["email", "cancelled"] == 2  # the confirmation and the reminder


async def test_a_mail_on_its_way_while_its_session_is_cancelled_counts_as_superseded(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    course = await ClassOf20(notify).scheduled()
    await Family(course).confirmed()
    mail_server.before_taking = course.cancelled
    assert await send_mails(notify.running, mail_server.postman) == 1
    mail_server.before_taking = None
    await mail_all(notify, mail_server)

    assert [mail["Subject"] for mail in mail_server.mails] == ["报名成功：蓝色成长课堂", "活动取消：蓝色成长课堂"]
    told = await counts(notify)
    assert (told["email", "superseded"], told["email", "sent"], told["email", "cancelled"]) == (1, 1, 1)
    assert {event.aggversion for event in await notify.said_envelopes()} == {1}


async def test_a_mail_refused_while_its_session_is_cancelled_is_cancelled(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    course = await ClassOf20(notify).scheduled()
    await Family(course).confirmed()
    mail_server.before_taking = course.cancelled
    mail_server.answers = ["451 come back"]
    assert await send_mails(notify.running, mail_server.postman) == 1
    mail_server.before_taking = None
    await mail_all(notify, mail_server)

    assert [mail["Subject"] for mail in mail_server.mails] == ["活动取消：蓝色成长课堂"]
    assert {event.template for event in await notify.said(NoticeCancelled) if event.channel.value == "email"} == {
        "enrolment-confirmed",
        "session-reminder",
    }


async def test_a_restart_in_the_middle_of_500_fills_each_inbox_once(
    notify: ServiceUnderTest,
) -> None:
    people = [uuid4() for _ in range(500)]
    await hear_together(notify, [hours_credited(person) for person in people])
    for moment in (0.0, 0.01, 0.02, 0.03, 0.05):
        dying = asyncio.create_task(until_quiet(lambda: deliver_due(notify.running)))
        await asyncio.sleep(moment)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        left = (await counts(notify)).get(("inbox", "planned"), 0)
        if left < 500:
            break
    assert left > 0, "it was killed in the middle"

    old = notify.running
    successors = [Running(notify.service, old.settings, notify.pool, old.nats, notify.clock) for _ in range(2)]
    await asyncio.gather(*(until_quiet(lambda running=each: deliver_due(running)) for each in successors))  # type: ignore[misc]

    assert (await counts(notify))["inbox", "sent"] == 500
    assert {len(await inbox_of(notify, person)) for person in people[::20]} == {1}
    sent = [event.notice_id for event in await notify.said(NoticeSent)]
    assert len(sent) == len(set(sent)) == 500
