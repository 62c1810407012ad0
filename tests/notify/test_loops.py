"""The loops of notify: they work by themselves, beside each other, and stop when told."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from uuid import uuid4

import pytest

from contracts.notify.v1 import NoticeSent, RegisterEndpoint
from services.chassis import Transaction
from services.chassis.running import Running
from services.notify.delivery import store
from services.notify.delivery.inboxes import fill_inboxes
from services.notify.delivery.mails import send_mails
from services.notify.delivery.rules import Pending
from services.notify.delivery.worker import deliver_due
from services.notify.notices.texts import Letter
from services.notify.settings import NotifySettings
from services.notify.webhooks.addresses import guard, read_allowed
from services.notify.work import own_transaction
from tests.notify.conftest import AddressBook, MailServer, counts, hear_together, inbox_of, sealed, until_quiet
from tests.notify.receiver import receiving
from tests.notify.story import ClassOf20, Family, hours_credited
from tests.under_test import ServiceUnderTest


async def test_all_channels_deliver_by_themselves_and_stop_when_told(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "allowed", read_allowed("127.0.0.0/8:*"))
    postman = mail_server.postman
    settings = NotifySettings(
        **notify.running.settings.model_dump(),
        smtp_url=f"smtp://{postman.host}:{postman.port}",
        mail_from="linli@localhost",
    )
    running = Running(notify.service, settings, notify.pool, notify.running.nats, notify.clock)
    async with receiving() as receiver:
        await notify.ask(
            RegisterEndpoint(endpoint_id=uuid4(), name="邻里中心", url=receiver.url, region="350503000000", types=())
        )
        for name, works in notify.service.workers.items():
            running.start(name, partial(works, running))
        person = uuid4()
        await notify.hear(hours_credited(person))
        async with asyncio.timeout(5):
            while not (mail_server.mails and receiver.taken and await inbox_of(notify, person)):
                await asyncio.sleep(0.05)

        begun = time.monotonic()
        await running.stop()
        assert time.monotonic() - begun < 2
    await notify.hear(hours_credited(person))
    assert (await counts(notify))["inbox", "planned"] == 1


async def test_without_a_mail_server_the_mail_loop_rests(notify: ServiceUnderTest) -> None:
    works = notify.service.workers["notify-send-mails"]
    resting = asyncio.create_task(works(notify.running))
    await notify.hear(hours_credited(uuid4()))
    await asyncio.sleep(0.1)
    assert not resting.done()
    notify.running.stopping.set()
    await asyncio.wait_for(resting, 1)
    assert (await counts(notify))["email", "planned"] == 1


async def test_what_is_said_of_a_mail_stays_in_the_trace_of_its_fact(
    notify: ServiceUnderTest, address_book: AddressBook, mail_server: MailServer
) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    await hear_together(notify, [hours_credited(uuid4())], traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    await until_quiet(lambda: deliver_due(notify.running, mail_server.postman))

    said = await notify.said_envelopes()
    assert [type(event.data) for event in said] == [NoticeSent, NoticeSent]
    assert {(event.traceparent or "")[3:35] for event in said} == {trace}


async def test_a_cancellation_waits_for_an_enrolment_that_is_being_handled(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    family = Family(course)
    async with own_transaction(notify.running) as tx:
        [hearing] = [each for each in notify.service.hearings if each.durable == "notify-tell-families"]
        await hearing.handle([sealed(family.confirmation(), notify)], tx)
        cancelling = asyncio.create_task(course.cancelled())
        await asyncio.sleep(0.2)
        assert not cancelling.done()
    await cancelling
    await until_quiet(lambda: deliver_due(notify.running))

    assert [entry.template for entry in await inbox_of(notify, family.contact)] == ["session-cancelled"]


@pytest.mark.parametrize("channel", ["inbox", "email"])
async def test_what_is_being_marked_while_its_session_is_cancelled_ends_as_superseded(
    channel: str,
    notify: ServiceUnderTest,
    address_book: AddressBook,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course = await ClassOf20(notify).scheduled()
    await Family(course).queued()
    mark, cancelling = store.set_sent, []

    async def mark_slowly(tx: Transaction, sent: Sequence[tuple[Pending, Letter | None, str]]) -> None:
        await mark(tx, sent)
        cancelling.append(asyncio.create_task(course.cancelled()))
        await asyncio.sleep(0.2)

    with monkeypatch.context() as patch:
        patch.setattr(store, "set_sent", mark_slowly)
        if channel == "inbox":
            await fill_inboxes(notify.running)
        else:
            await send_mails(notify.running, mail_server.postman)
    await asyncio.gather(*cancelling)

    told = await counts(notify)
    assert told[channel, "superseded"] == 1
    assert (channel, "sent") not in told


async def test_a_cancellation_among_enrolments_and_deliveries_reaches_everybody_once(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    families = [Family(course) for _ in range(24)]
    for family in families[:8]:
        await family.confirmed()

    async def deliver() -> None:
        for _ in range(6):
            await deliver_due(notify.running)

    await asyncio.gather(
        deliver(), *(family.confirmed() for family in families[8:16]), course.cancelled(), deliver(),
        *(family.confirmed() for family in families[16:]),
    )  # fmt: skip
    await until_quiet(lambda: deliver_due(notify.running))

    told = await counts(notify)
    assert told["inbox", "sent"] == 24
    assert ("inbox", "planned") not in told
    for family in families:
        templates = [entry.template for entry in await inbox_of(notify, family.contact)]
        assert templates.count("session-cancelled") == 1
    said = await notify.said_envelopes()
    assert {event.aggversion for event in said} == {1}
