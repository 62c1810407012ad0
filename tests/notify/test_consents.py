"""Whoever withdraws the consent to mails gets none any more, not even one that was due already."""

from uuid import UUID, uuid4

from contracts.notify.v1 import NoticeCancelled
from contracts.registry.v1 import ConsentGiven, ConsentPurpose, ConsentWithdrawn
from services.notify.delivery.mails import send_mails
from tests.notify.conftest import AddressBook, MailServer, counts, until_quiet
from tests.notify.story import ClassOf20, Family, hours_credited
from tests.under_test import ServiceUnderTest

EMAIL = ConsentPurpose.CONTACT_EMAIL


async def withdraw(notify: ServiceUnderTest, person: UUID, version: int, purpose: ConsentPurpose = EMAIL) -> None:
    await notify.hear(ConsentWithdrawn(person_id=person, purpose=purpose), version=version)


async def mail_all(notify: ServiceUnderTest, server: MailServer) -> None:
    await until_quiet(lambda: send_mails(notify.running, server.postman))


async def test_pending_mails_die_and_no_new_ones_are_planned(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    course = await ClassOf20(notify).scheduled()
    family, other = await Family(course).confirmed(), await Family(course).confirmed()

    await withdraw(notify, family.contact, 4)
    await notify.hear(hours_credited(family.contact))
    await withdraw(notify, other.contact, 4, ConsentPurpose.PHOTOS)
    await mail_all(notify, mail_server)

    assert [mail["To"] for mail in mail_server.mails] == [address_book.contact(other.contact).email]
    assert len(await notify.said(NoticeCancelled)) == 2, "its confirmation and its reminder"
    assert (await counts(notify))["inbox", "planned"] == 5, "the inbox is her own"


async def test_a_mail_that_is_being_sent_is_stopped_by_its_sender(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    person = uuid4()
    await notify.hear(hours_credited(person))
    await notify.admin.execute(
        "UPDATE notice SET claimed_until = $1 WHERE channel = 'email'", notify.clock.now().replace(hour=2)
    )

    await withdraw(notify, person, 4)
    assert await notify.said(NoticeCancelled) == []
    notify.clock.move(hours=1)
    await mail_all(notify, mail_server)

    assert mail_server.mails == []
    assert len(await notify.said(NoticeCancelled)) == 1


async def test_the_last_word_counts_in_whatever_order_it_is_heard(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    person = uuid4()
    await notify.hear(ConsentGiven(person_id=person, purpose=EMAIL), version=5)
    await withdraw(notify, person, 4)
    await notify.hear(hours_credited(person))
    await mail_all(notify, mail_server)

    assert len(mail_server.mails) == 1
