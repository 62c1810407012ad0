"""Durable timers: once in effect, after their time, whatever fails."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from contracts.registry.v1 import SiteClosed
from services.chassis import Due, Transaction
from services.chassis.access import Actor
from services.chassis.timers import DUE_KINDS, Clockwork, Timers
from services.chassis.transaction import Cause
from tests.under_test import ServiceUnderTest

CHAIN = uuid7()
OURS = Cause("service:registry", "000000000000", CHAIN, CHAIN)
KIND = "test-timer"


class Fired:
    """A handler that notes what was due, and says it, or fails as often as it is told to."""

    def __init__(self) -> None:
        self.keys: list[UUID] = []
        self.failures = 0

    async def __call__(self, due: Sequence[Due], tx: Transaction) -> None:
        if self.failures:
            self.failures -= 1
            raise LookupError("told to fail")
        self.keys += [each.key for each in due]
        for each in due:
            tx.say(SiteClosed(site_id=each.key), region="350503001001", version=1)


async def set_timer(place: ServiceUnderTest, key: UUID, due_at: datetime, kind: str = KIND) -> None:
    async with place.pool.acquire() as connection, connection.transaction():
        tx = Transaction(connection, place.clock.now(), Actor("service:registry", frozenset()), OURS)
        tx.set_timer(kind, key, due_at)
        await tx.flush(wake_relay=False)


async def drop_timer(place: ServiceUnderTest, key: UUID) -> None:
    async with place.pool.acquire() as connection, connection.transaction():
        tx = Transaction(connection, place.clock.now(), Actor("service:registry", frozenset()), OURS)
        await tx.drop_timers(KIND, [key])


@pytest.fixture
def fired() -> Fired:
    return Fired()


@pytest.fixture
def timers(registry: ServiceUnderTest, fired: Fired) -> Timers:
    return Timers(KIND, fired, registry.running)


async def test_a_timer_waits_for_its_time(registry: ServiceUnderTest, timers: Timers, fired: Fired) -> None:
    key = uuid4()
    await set_timer(registry, key, registry.clock.now() + timedelta(hours=1))
    assert not await timers.fire()

    registry.clock.move(hours=1)

    assert await timers.fire()
    assert fired.keys == [key]


async def test_a_timer_fires_once(registry: ServiceUnderTest, timers: Timers, fired: Fired) -> None:
    await set_timer(registry, uuid4(), registry.clock.now())

    await asyncio.gather(*(timers.fire() for _ in range(6)))

    assert len(fired.keys) == 1
    assert len(await registry.said(SiteClosed)) == 1


async def test_of_a_timer_set_twice_by_one_transaction_the_last_word_counts(
    registry: ServiceUnderTest, timers: Timers, fired: Fired
) -> None:
    key, now = uuid4(), registry.clock.now()
    async with registry.pool.acquire() as connection, connection.transaction():
        tx = Transaction(connection, now, Actor("service:registry", frozenset()), OURS)
        tx.set_timer(KIND, key, now)
        tx.set_timer(KIND, key, now + timedelta(hours=1))
        await tx.flush(wake_relay=False)

    assert not await timers.fire()
    registry.clock.move(hours=1)
    assert await timers.fire()
    assert fired.keys == [key]


async def test_a_timer_set_again_is_moved(registry: ServiceUnderTest, timers: Timers, fired: Fired) -> None:
    key = uuid4()
    await set_timer(registry, key, registry.clock.now())
    await set_timer(registry, key, registry.clock.now() + timedelta(hours=2))

    assert not await timers.fire()
    registry.clock.move(hours=2)
    assert await timers.fire()
    assert fired.keys == [key]


async def test_a_dropped_timer_never_fires(registry: ServiceUnderTest, timers: Timers) -> None:
    key = uuid4()
    await set_timer(registry, key, registry.clock.now())
    await drop_timer(registry, key)

    assert not await timers.fire()


async def test_a_timer_that_fails_leaves_nothing_and_comes_again(
    registry: ServiceUnderTest, timers: Timers, fired: Fired
) -> None:
    key = uuid4()
    fired.failures = 2  # the batch, then the timer alone
    await set_timer(registry, key, registry.clock.now())
    await timers.fire()
    assert await registry.said(SiteClosed) == []

    registry.clock.move(seconds=1)

    assert await timers.fire()
    assert fired.keys == [key]
    assert len(await registry.said(SiteClosed)) == 1


async def test_a_timer_whose_transaction_cannot_end_well_rests_and_the_others_of_its_kind_fire(
    registry: ServiceUnderTest, fired: Fired
) -> None:
    bad, good = uuid4(), uuid4()

    async def swallow(due: Sequence[Due], tx: Transaction) -> None:
        if bad in {each.key for each in due}:
            with suppress(asyncpg.PostgresError):
                await tx.execute("SELECT 1/0")
            return
        await fired(due, tx)

    timers = Timers(KIND, swallow, registry.running)
    await set_timer(registry, bad, registry.clock.now() - timedelta(seconds=1))
    await set_timer(registry, good, registry.clock.now())

    while await timers.fire():
        pass

    assert fired.keys == [good]
    rows = await registry.admin.fetch("SELECT key, attempts, fired_at FROM timer WHERE kind = $1", KIND)
    assert {(row["key"], row["attempts"], row["fired_at"] is None) for row in rows} == {
        (bad, 1, True),
        (good, 0, False),
    }


async def test_of_many_timers_a_bad_one_costs_each_of_the_others_one_more_try(registry: ServiceUnderTest) -> None:
    keys, tries = [uuid4() for _ in range(20)], 0

    async def fail_one(due: Sequence[Due], tx: Transaction) -> None:
        nonlocal tries
        tries += len(due)
        if keys[-1] in {each.key for each in due}:
            raise LookupError("told to fail")

    now = registry.clock.now()
    for number, key in enumerate(keys):
        await set_timer(registry, key, now - timedelta(seconds=len(keys) - number))

    while await Timers(KIND, fail_one, registry.running).fire():
        pass

    assert tries == 2 * len(keys)


async def test_a_kind_that_takes_long_holds_up_no_other(
    registry: ServiceUnderTest, fired: Fired, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, other = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(due: Sequence[Due], tx: Transaction) -> None:
        begun.set()
        await may_end.wait()
        await fired(due, tx)

    async def quick(due: Sequence[Due], tx: Transaction) -> None:
        await begun.wait()
        other.set()

    monkeypatch.setattr(registry.service, "timers", {KIND: slow, "test-other": quick})
    await set_timer(registry, uuid4(), registry.clock.now())
    await set_timer(registry, uuid4(), registry.clock.now(), "test-other")
    clockwork = asyncio.create_task(Clockwork(registry.running).run())
    await asyncio.wait_for(other.wait(), 5)
    assert fired.keys == []

    may_end.set()

    while not fired.keys:
        await asyncio.sleep(0.01)
    clockwork.cancel()


async def test_only_kinds_of_which_one_is_due_are_at_work(registry: ServiceUnderTest) -> None:
    await set_timer(registry, uuid4(), registry.clock.now())
    await set_timer(registry, uuid4(), registry.clock.now() + timedelta(days=1), kind="another")

    due = await registry.pool.fetch(DUE_KINDS, [KIND, "another", "none"], registry.clock.now())

    assert [row["kind"] for row in due] == [KIND]
