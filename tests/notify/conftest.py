"""notify on a database of its own, with a real mail server, a registry that knows addresses, and a webhook receiver."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import nats
import pytest
from aiosmtpd.smtp import SMTP, Envelope
from nats.aio.msg import Msg
from uuid_utils.compat import uuid7

from contracts import envelope, wire
from contracts.envelope import CloudEvent
from contracts.message import Event
from contracts.notify.v1 import CountNotices, GetInbox, Inbox, InboxEntry, NoticeCounts
from contracts.registry.v1 import Contact, Contacts, GetContacts
from services.chassis.consumers import Consumer
from services.notify.delivery.mail import Postman
from tests.under_test import Servers, ServiceUnderTest


@pytest.fixture
async def notify(servers: Servers) -> AsyncIterator[ServiceUnderTest]:
    async with ServiceUnderTest.started("notify", servers) as service:
        yield service


@dataclass(slots=True)
class MailServer:
    """A mail server in this process. `answers` are what it says to the next mails instead of taking them."""

    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    before_taking: Callable[[], Awaitable[None]] | None = None
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        if self.before_taking is not None:
            await self.before_taking()
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    @property
    def postman(self) -> Postman:
        return Postman.of(f"smtp://127.0.0.1:{self.port}", "邻里 Linli <linli@localhost>")

    def ids(self) -> list[str]:
        return [mail["Message-ID"] for mail in self.mails]


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    told = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(told, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0)
    told.port = server.sockets[0].getsockname()[1]
    yield told
    server.close()
    await server.wait_closed()


@dataclass(slots=True)
class AddressBook:
    """Registry as notify sees it: everybody has a name and an address, unless said otherwise."""

    english: set[UUID] = field(default_factory=set)
    without_address: set[UUID] = field(default_factory=set)
    unknown: set[UUID] = field(default_factory=set)
    asked: list[GetContacts] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)

    def contact(self, person: UUID) -> Contact:
        email = None if person in self.without_address else f"p{person.hex[-6:]}@example.org"
        return Contact(
            person_id=person,
            name="Mary Poppins" if person in self.english else "陈美丽",
            email=email,
            language="en" if person in self.english else "zh",
        )


@asynccontextmanager
async def registry_answering(servers: Servers, notify: ServiceUnderTest, book: AddressBook) -> AsyncIterator[None]:
    """Connects notify to NATS, where GetContacts is answered from the book."""
    connection = await nats.connect(servers.nats_url)

    async def answer(message: Msg) -> None:
        query = GetContacts.model_validate_json(message.data)
        book.asked.append(query)
        book.callers.append(notify.running.verifier.actor((message.headers or {})[wire.AUTHORIZATION][7:]).id)
        known = [book.contact(person) for person in query.people if person not in book.unknown]
        await message.respond(wire.outcome_to_json(Contacts(contacts=tuple(known))))

    await connection.subscribe(GetContacts.contract.subject, cb=answer)
    await connection.flush()
    notify.running.nats = connection
    try:
        yield
    finally:
        await connection.close()


@pytest.fixture
async def address_book(servers: Servers, notify: ServiceUnderTest) -> AsyncIterator[AddressBook]:
    book = AddressBook()
    async with registry_answering(servers, notify, book):
        yield book


async def inbox_of(notify: ServiceUnderTest, person: UUID, **actor: Any) -> list[InboxEntry]:
    inbox = await notify.query(GetInbox(person_id=person), **actor)
    assert isinstance(inbox, Inbox)
    return list(inbox.entries)


async def counts(notify: ServiceUnderTest, region: str = "350503001001") -> dict[tuple[str, str], int]:
    """Notices of a region by channel and state."""
    answer = await notify.query(CountNotices(region=region))
    assert isinstance(answer, NoticeCounts)
    return {(each.channel.value, each.status.value): each.count for each in answer.counts}


def sealed(
    event: Event, notify: ServiceUnderTest, region: str = "350503001001", traceparent: str | None = None
) -> CloudEvent[Any]:
    """The first fact of an aggregate in its envelope, as it is heard."""
    body = envelope.seal(
        event, id=uuid7(), time=notify.clock.now(), region=region, version=1, actor="service:test",
        correlation=uuid7(), causation=uuid7(), traceparent=traceparent,
    )  # fmt: skip
    return envelope.read(type(event), body)


async def hear_together(
    notify: ServiceUnderTest, events: Sequence[Event], region: str = "350503001001", traceparent: str | None = None
) -> None:
    """Delivers many first facts of one kind as one batch, as a pull does."""
    heard = [sealed(event, notify, region, traceparent) for event in events]
    for hearing in notify.service.hearings:
        if type(events[0]) in hearing.events:
            await Consumer(hearing, notify.running).apply(heard)


async def until_quiet(once: Callable[[], Awaitable[int]]) -> int:
    """Repeats a round until it finds nothing; returns how much it found in all."""
    total = 0
    while found := await once():
        total += found
    return total
