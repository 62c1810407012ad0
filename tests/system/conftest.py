"""One stack for all of these: every service, registry and activities twice, and a mail server in this process."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import nats
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from nats.aio.client import Client as Nats

from contracts.activities.v1 import Enrol
from contracts.data import AgeBand
from contracts.registry.v1 import RegisterPerson
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Stack
from deploy.nats.topology import consumer_config, kept
from services.chassis.access import Signer
from services.chassis.clock import write_offset
from services.chassis.scope import UNBOUND
from tests.chaos.callers import Asked, Desk, OverNats
from tests.chaos.families import COMMUNITY, SHANGHAI, Town, do, found

ACK_WAIT_SECONDS = 3
"""Shorter than in earnest, so that a test of redelivery need not wait half a minute."""
WAKING_HOUR = 10
"""The stack's clock is moved on to this hour in Shanghai: mails are not sent at night."""


@dataclass(slots=True)
class Mailbox:
    """Takes every mail."""

    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] is not None and address in str(mail["To"])]


@dataclass(frozen=True, slots=True)
class House:
    """A stack with a town in it, and how a test speaks with it."""

    stack: Stack
    desk: Desk
    town: Town
    http: httpx2.AsyncClient
    mailbox: Mailbox
    now: datetime

    async def register(self, email: str | None = None) -> UUID:
        """A grown-up, registered for good."""
        person = uuid4()
        await do(self.desk, adult(person, email))
        return person

    async def enrol(self, person: UUID) -> Asked:
        """Enrols her as soon as activities has heard of her."""
        session = self.desk.random.choice(self.town.cold)
        return await do(self.desk, Enrol(enrolment_id=uuid4(), session_id=session, contact_id=person, people=(person,)))

    async def post(self, command: Any, path: str, **headers: str) -> httpx2.Response:
        """One request through the gateway, not repeated."""
        body = command.model_dump_json()
        return await self.http.post(f"{self.stack.gateway_url}{path}", content=body, headers=headers)

    async def fetch(self, service: str, sql: str, *values: Any) -> list[asyncpg.Record]:
        """Rows of a service's database, for what only a judge may look at."""
        database = await asyncpg.connect(self.stack.database_dsn(service), timeout=10, server_settings=UNBOUND)
        try:
            return list(await database.fetch(sql, *values))
        finally:
            await database.close()

    async def known_to(self, service: str, people: list[UUID]) -> int:
        """How many of the people a service has heard of."""
        [row] = await self.fetch(service, "SELECT count(*) FROM person WHERE person_id = ANY ($1::uuid[])", people)
        return int(row["count"])


def adult(person: UUID, email: str | None = None) -> RegisterPerson:
    return RegisterPerson(person_id=person, region=COMMUNITY, name="演示居民", age_band=AgeBand.MIDDLE, email=email)


@asynccontextmanager
async def away(stack: Stack, server: str) -> AsyncIterator[None]:
    """The server crashes and stays away inside; at the end it is back."""
    await asyncio.to_thread(stack.kill, server)
    await asyncio.to_thread(stack.stop_process, server)
    try:
        yield
    finally:
        await asyncio.to_thread(stack.start_process, server)


async def until(happens: Callable[[], Awaitable[bool]], seconds: float) -> float:
    """Waits until it is so; how many seconds it took. Fails after `seconds`."""
    start = time.monotonic()
    while not await happens():
        assert time.monotonic() - start < seconds, f"not so after {seconds} s"
        await asyncio.sleep(0.1)
    return time.monotonic() - start


@pytest.fixture(scope="package")
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname=LOOPBACK, port=port, enable_SMTPUTF8=True)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture(scope="package")
def clock(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """The offset file of a clock that stands at the next waking hour, and that time."""
    real = datetime.now(SHANGHAI)
    waking = real.replace(hour=WAKING_HOUR, minute=0) + timedelta(days=real.hour >= WAKING_HOUR)
    file = tmp_path_factory.mktemp("clock") / "offset"
    write_offset(file, (waking - real).total_seconds())
    return file, waking.astimezone(UTC)


@pytest.fixture(scope="package")
def stack(
    tmp_path_factory: pytest.TempPathFactory, mailbox: tuple[Mailbox, int], clock: tuple[Path, datetime]
) -> Iterator[Stack]:
    environment = {
        "LINLI_SMTP_URL": f"smtp://{LOOPBACK}:{mailbox[1]}",
        "LINLI_CLOCK_OFFSET_FILE": str(clock[0]),
        "LINLI_LIMIT_LOGINS": "1000",  # all of these tests share one address
        "LINLI_WEBHOOK_ALLOW": f"{LOOPBACK}/32:*",
    }
    scale = {"registry": 2, "activities": 2}
    with Stack(tmp_path_factory.mktemp("house"), scale=scale, environment=environment) as running:
        yield running


@pytest.fixture(scope="package")
async def house(stack: Stack, mailbox: tuple[Mailbox, int], clock: tuple[Path, datetime]) -> AsyncIterator[House]:
    token = Signer("gateway", stack.secrets_dir).mint(
        "system", ["editor", "approver", "operator", "reader"], seconds=3600
    )
    connection = await nats.connect(
        stack.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=0.2, error_cb=_expected
    )
    await shorten_ack_wait(connection)
    desk = Desk([OverNats(connection, token)], random.Random(1))
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    async with httpx2.AsyncClient(timeout=10, headers=headers) as http:
        yield House(stack, desk, await found(desk, clock[1]), http, mailbox[0], clock[1])
    await connection.close()


async def shorten_ack_wait(connection: Nats) -> None:
    for consumer in kept().consumers:
        config = consumer_config(consumer).evolve(ack_wait=ACK_WAIT_SECONDS)
        await connection.jetstream().add_consumer(consumer["stream"], config)


async def _expected(_: Exception) -> None:
    """Servers go away in these tests."""
