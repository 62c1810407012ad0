"""A database that went back to a backup: it publishes nothing under the old epoch, and consumers notice the new one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic_core import from_json
from uuid_utils.compat import uuid7

from contracts.envelope import CloudEvent, read, seal
from contracts.registry.v1 import SiteClosed
from deploy.postgres.provision import dsn_in
from services.chassis import Service, restored
from services.chassis.consumers import Consumer
from services.chassis.relay import Relay
from services.chassis.running import Running
from services.chassis.transaction import ADD_TO_OUTBOX
from tests.chassis.conftest import REGION, Bus
from tests.chassis.test_consumers import Notes, until
from tests.chassis.test_reconcile import relay
from tests.chassis.test_relay import SUBJECT, unpublished
from tests.under_test import Servers, ServiceUnderTest

SITE: Final = uuid4()
BODIES: Final = "SELECT body FROM outbox ORDER BY id"


@pytest.fixture
async def owner(servers: Servers, registry: ServiceUnderTest) -> AsyncIterator[Any]:
    name = await registry.pool.fetchval("SELECT current_database()")
    connection = await asyncpg.connect(dsn_in(servers.postgres_dsn, name))
    yield connection
    await connection.close()


def sealed(version: int, epoch: int = 1, id: UUID | None = None) -> str:
    id = id or uuid7()
    return seal(
        SiteClosed(site_id=SITE), id=id, time=datetime(2026, 6, 3, tzinfo=UTC), region=REGION, version=version,
        actor="service:registry", correlation=id, causation=id, epoch=epoch,
    )  # fmt: skip


def event(version: int, epoch: int) -> CloudEvent[SiteClosed]:
    return read(SiteClosed, sealed(version, epoch))


async def say(place: ServiceUnderTest, version: int) -> None:
    id = uuid7()
    kind = SiteClosed.contract.type
    row = (id, SUBJECT, kind, "site", SITE, version, sealed(version, id=id))
    await place.pool.execute(ADD_TO_OUTBOX, *([value] for value in row), place.clock.now())


async def announce(owner: Any, now: datetime) -> int:
    async with owner.transaction():
        return await restored.raise_epoch(owner, now)


async def epochs_said(place: ServiceUnderTest) -> list[int]:
    return [from_json(row["body"])["epoch"] for row in await place.pool.fetch(BODIES)]


async def test_what_is_said_after_a_restore_carries_its_epoch_and_so_does_what_waits(
    registry: ServiceUnderTest, owner: Any
) -> None:
    await say(registry, 1)
    await owner.execute("UPDATE outbox SET stream_seq = 1")
    await say(registry, 2)
    epoch = await announce(owner, datetime.now(UTC))

    await say(registry, 3)

    assert await epochs_said(registry) == [1, epoch, epoch]


async def test_a_backup_restored_twice_never_gives_an_epoch_twice(registry: ServiceUnderTest, owner: Any) -> None:
    now = datetime.now(UTC)
    first = await announce(owner, now)
    assert await announce(owner, now) == first + 1
    await owner.execute("DELETE FROM epoch")  # the same backup, once more

    assert await announce(owner, now + timedelta(minutes=1)) > first + 1


async def test_a_database_that_forgot_what_it_said_publishes_nothing_until_that_is_announced(
    own_bus: Bus,
    registry: ServiceUnderTest,
    owner: Any,
) -> None:
    await say(registry, 1)
    await say(registry, 2)
    await relay(own_bus, registry)
    await owner.execute("DELETE FROM outbox WHERE version = 2")
    await say(registry, 2)
    running = Running(registry.service, registry.running.settings, registry.pool, own_bus.nats, registry.clock)
    running.start("relay", Relay(running).run)

    await until(lambda: _so(running.has_gone_back))
    assert await unpublished(registry) == 1
    epoch = await announce(owner, datetime.now(UTC))
    await until(lambda: _drained(registry))

    stored = await own_bus.jetstream.get_msg("EVT_REGISTRY", 3)
    assert (from_json(stored.data or b"")["aggversion"], from_json(stored.data or b"")["epoch"]) == (2, epoch)
    assert not running.has_gone_back
    await running.stop()


async def _so(fact: bool) -> bool:
    return fact


async def _drained(place: ServiceUnderTest) -> bool:
    return await unpublished(place) == 0


async def test_a_consumer_follows_the_new_history_and_is_marked_until_it_is_rebuilt(
    registry: ServiceUnderTest,
) -> None:
    """Saboteur: no-epoch."""
    service, notes = Service("activities"), Notes()
    service.remembers(SiteClosed, durable="activities-test", tables=("site",))(notes)
    running = Running(service, registry.running.settings, registry.pool, registry.running.nats, registry.clock)
    consumer = Consumer(service.hearings[0], running)

    for version, epoch in ((1, 1), (2, 1), (3, 1), (2, 9), (3, 1), (3, 9)):
        await consumer.apply([event(version, epoch)])

    assert notes.versions == [1, 2, 3, 2, 3]
    [mark] = await restored.list_open(registry.pool)  # type: ignore[arg-type]
    assert (mark["consumer"], mark["source"], mark["epoch"]) == ("activities-test", "registry", 9)
    await restored.clear(registry.pool, "activities-test", registry.clock.now())  # type: ignore[arg-type]
    await consumer.apply([event(4, 9)])
    assert await restored.list_open(registry.pool) == []  # type: ignore[arg-type]
