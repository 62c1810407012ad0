"""Two services at a time: one that says, whose outbox is the archive, and one that hears and remembers."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from contracts import envelope
from contracts.catalogue import SERVICES
from contracts.envelope import CloudEvent
from contracts.message import Event
from deploy.archive import Range
from deploy.by_hand import session_of
from deploy.nats.topology import service_of
from deploy.postgres.provision import dsn_in
from deploy.read_models import Building, Rebuilt, Told, nobody, rebuild
from deploy.replaying import Arrived, Replayed, replay
from services.chassis.consumers import Consumer
from services.chassis.handlers import Hearing
from services.chassis.transaction import Transaction
from tests.under_test import Servers, ServiceUnderTest

SAMPLES = Path(__file__).parents[2] / "contracts" / "samples"
REGION = "350503001001"
LOCK_WAITERS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
EVERYTHING = Arrived(2**60)


@dataclass
class Pair:
    """An owner of facts and one consumer of another service that hears them."""

    owner: ServiceUnderTest
    hearer: ServiceUnderTest
    hearing: Hearing
    server_dsn: str

    @asynccontextmanager
    async def as_admin(self, service: ServiceUnderTest) -> AsyncIterator[asyncpg.Connection]:
        """A login that may do to a service's database what the service itself may not."""
        name = await service.pool.fetchval("SELECT current_database()")
        database = await asyncpg.connect(dsn_in(self.server_dsn, name))
        try:
            yield database
        finally:
            await database.close()

    @property
    def consumer(self) -> Consumer:
        return Consumer(self.hearing, self.hearer.running)

    async def say(self, event: Event, version: int) -> CloudEvent[Any]:
        """The owner says a fact: it is in the archive, and nobody has heard it."""
        await self.say_together([event], version)
        row = await self.owner.pool.fetchrow("SELECT body FROM outbox ORDER BY id DESC LIMIT 1")
        assert row is not None
        return envelope.read(type(event), row["body"])

    async def say_together(self, events: Iterable[Event], version: int = 1) -> None:
        """Many facts in one transaction, each the same step of an aggregate of its own."""
        running = self.owner.running
        async with self.owner.pool.acquire() as connection, connection.transaction():
            tx = Transaction(connection, self.owner.clock.now(), running.actor, running.own_cause())
            for event in events:
                tx.say(event, region=REGION, version=version)
            await tx.flush(wake_relay=False)

    async def tell(self, event: Event, version: int) -> CloudEvent[Any]:
        """The owner says a fact and it is heard."""
        said = await self.say(event, version)
        assert not await self.consumer.apply([said])
        return said

    async def rebuild(
        self, *, check: bool = False, take_back: bool = False, tell: Told = nobody, kind: type[Building] = Building
    ) -> Rebuilt:
        """As `./linli rebuild` does it."""
        async with (
            session_of(self.hearer.running.settings.database_dsn) as live,
            session_of(self.owner.running.settings.database_dsn, default_transaction_read_only="on") as archive,
        ):
            building = kind(self.hearing, self.hearer.running.actor, live, archive, take_back)
            return await rebuild(building, check=check, tell=tell)

    async def replay(
        self, chosen: Range | None = None, *, effects: bool = False, arrived: Arrived = EVERYTHING
    ) -> Replayed:
        """As `./linli replay` does it."""
        async with session_of(self.owner.running.settings.database_dsn) as archive:
            return await replay(
                self.consumer, self.hearing, archive, chosen or Range(),
                effects=effects, arrived=arrived, now=self.hearer.clock.now(), tell=lambda _: None,
            )  # fmt: skip

    async def consumer_waits(self) -> bool:
        """Whether somebody waits for a lock in the hearing service's database."""
        return bool(await self.hearer.pool.fetchval(LOCK_WAITERS))

    async def reach_the_stream(self) -> None:
        """The relay has published all that was said."""
        await self.owner.pool.execute("UPDATE outbox SET stream_seq = id")

    async def contents(self, *without: str) -> dict[str, str]:
        """Every table of the hearing service in one line each."""
        rows = await self.hearer.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = {row["tablename"] for row in rows} - {*without}
        lines = "SELECT coalesce(string_agg(line::text, chr(10) ORDER BY line::text), '') FROM {} AS line"
        return {name: await self.hearer.admin.fetchval(lines.format(name)) for name in names}


class Pairs:
    """Starts pairs for one test."""

    def __init__(self, servers: Servers, stack: AsyncExitStack) -> None:
        self._servers, self._stack = servers, stack

    async def of(self, durable: str) -> Pair:
        """The services on both sides of a durable of the house."""
        [(name, hearing)] = [(name, each) for name, each in hearings() if each.durable == durable]
        return await self.made(name, hearing)

    async def made(self, name: str, hearing: Hearing) -> Pair:
        """The same for a durable of the test's own."""
        owner, hearer = [
            await self._stack.enter_async_context(ServiceUnderTest.started(each, self._servers))
            for each in (hearing.owner, name)
        ]
        return Pair(owner, hearer, hearing, self._servers.postgres_dsn)


@pytest.fixture
async def pairs(servers: Servers) -> AsyncIterator[Pairs]:
    async with AsyncExitStack() as stack:
        yield Pairs(servers, stack)


@cache
def hearings() -> tuple[tuple[str, Hearing], ...]:
    """Every durable of the house, with the service that hears by it."""
    return tuple((name, hearing) for name in SERVICES for hearing in service_of(name).hearings)


def sample(kind: type[Event], id: UUID) -> Event:
    """The golden sample of a fact, said of this aggregate."""
    raw = json.loads((SAMPLES / f"{kind.contract.type}.json").read_text("utf-8"))
    return kind.model_validate(raw["data"] | {kind.contract.aggregate_field: str(id)})


def lives(hearing: Hearing) -> list[list[Event]]:
    """The facts of one aggregate each: how it begins, and one thing that may come after."""
    kinds: dict[str, list[type[Event]]] = {}
    for kind in hearing.events:
        kinds.setdefault(kind.contract.aggregate, []).append(kind)
    told = []
    for first, *others in kinds.values():
        for more in [[], *([other] for other in others)]:
            id = uuid7()
            told.append([sample(kind, id) for kind in (first, *more)])
    return told
