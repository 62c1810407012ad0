"""The house with a town in it, and how a test speaks with it."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import nats
import pytest
from nats.aio.client import Client as Nats

from contracts.activities.v1 import Enrol
from contracts.data import AgeBand
from contracts.notify.v1 import RemoveEndpoint
from contracts.registry.v1 import RegisterPerson
from deploy.demo.day import DemoClock
from deploy.local.stack import Stack
from deploy.nats.topology import consumer_config, kept
from services.chassis.clock import read_offset, write_offset
from services.chassis.scope import UNBOUND
from services.chassis.tokens import Signer
from tests.chaos.callers import Asked, Desk, OverNats
from tests.chaos.families import COMMUNITY, SHANGHAI, Town, do, found
from tests.shared_stack import Mailbox, Shared

ACK_WAIT_SECONDS = 3
"""Shorter than in earnest, so that a test of redelivery need not wait half a minute."""
WAKING_HOUR = 10
"""The stack's clock is moved on to this hour in Shanghai: mails are not sent at night."""


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


def wake(file: Path) -> datetime:
    """Moves the clock on to its next waking hour; that time."""
    now = DemoClock(file).now().astimezone(SHANGHAI)
    waking = now.replace(hour=WAKING_HOUR, minute=0) + timedelta(days=now.hour >= WAKING_HOUR)
    write_offset(file, read_offset(file) + (waking - now).total_seconds())
    return waking.astimezone(UTC)


@pytest.fixture(scope="package")
async def house(shared: Shared) -> AsyncIterator[House]:
    stack, now = shared.stack, wake(shared.props.clock_file)
    token = Signer("gateway", stack.secrets_dir).mint(
        "system", ["editor", "approver", "operator", "reader"], seconds=3600
    )
    connection = await nats.connect(
        stack.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=0.2, error_cb=_expected
    )
    await shorten_ack_wait(connection)
    desk = Desk([OverNats(connection, token)], random.Random(1))
    shared.mailbox.onward = None
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    async with httpx2.AsyncClient(timeout=10, headers=headers) as http:
        house = House(stack, desk, await found(desk, now), http, shared.mailbox, now)
        await leave_the_centre_alone(house)
        yield house
    await connection.close()


async def leave_the_centre_alone(house: House) -> None:
    """The centre's own system, where an afternoon was played, hears nothing of what is said from now on."""
    for row in await house.fetch("notify", "SELECT endpoint_id FROM endpoint"):
        await do(house.desk, RemoveEndpoint(endpoint_id=row["endpoint_id"]))


async def shorten_ack_wait(connection: Nats) -> None:
    for consumer in kept().consumers:
        config = consumer_config(consumer).evolve(ack_wait=ACK_WAIT_SECONDS)
        await connection.jetstream().add_consumer(consumer["stream"], config)


async def _expected(_: Exception) -> None:
    """Servers go away in these tests."""
