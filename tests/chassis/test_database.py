"""A connection whose backend is frozen tells on the others of its pool; one that is slow or busy does not (decision
0027)."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from services.chassis.database import Pool, open_pool
from services.chassis.scope import EVERYWHERE, transaction
from services.chassis.telemetry import POOL_EXPIRED
from tests.chaos.faults import frozen
from tests.under_test import ServiceUnderTest

SIZE = 4
HOGS = 6
IN_FLIGHT = 32
WORK = "SELECT sum(n) FROM generate_series(1, 20000) AS n"


@pytest.fixture
async def pool(registry: ServiceUnderTest) -> AsyncIterator[Pool]:
    opened = await open_pool(registry.running.settings, least=SIZE, most=SIZE)
    yield opened
    opened.terminate()


async def pids(pool: Pool) -> set[int]:
    """The backends of all connections of the pool."""
    connections = await asyncio.gather(*(pool.acquire() for _ in range(SIZE)))
    found = {connection.get_server_pid() for connection in connections}
    await asyncio.gather(*map(pool.release, connections))
    return found


async def begin(pool: Pool) -> None:
    """A transaction that does nothing; gives up after COMMAND_SECONDS."""
    async with pool.acquire() as connection, transaction(connection, EVERYWHERE):
        pass


def expired() -> float:
    """How often a pool of this process was given up."""
    [metric] = POOL_EXPIRED.collect()
    return metric.samples[0].value


async def test_a_slow_statement_and_one_that_is_called_off_say_nothing_against_the_others(pool: Pool) -> None:
    before = await pids(pool)

    with pytest.raises(TimeoutError):
        await pool.fetchval("SELECT pg_sleep(60)", timeout=0.02)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02), pool.acquire() as connection, transaction(connection, EVERYWHERE):
            await connection.execute("SELECT pg_sleep(60)")

    assert await pids(pool) == before


async def test_waiting_for_a_free_connection_says_nothing_against_those_in_use(pool: Pool) -> None:
    before = await pids(pool)
    held = [await pool.acquire() for _ in range(SIZE)]

    with pytest.raises(TimeoutError):
        async with pool.acquire(timeout=0.02):
            pass

    await asyncio.gather(*map(pool.release, held))
    assert await pids(pool) == before


@pytest.mark.soak
@pytest.mark.parametrize("in_transaction", [False, True])
async def test_after_one_silent_connection_none_of_the_others_is_used_again(pool: Pool, in_transaction: bool) -> None:
    before, times = await pids(pool), expired()
    with ExitStack() as freezing:
        for pid in before:
            freezing.enter_context(frozen(pid))
        with pytest.raises(TimeoutError):
            await (begin(pool) if in_transaction else pool.fetchval("SELECT 1", timeout=0.1))

        async with asyncio.timeout(5):
            assert not await pids(pool) & before
    assert expired() == times + 1


@pytest.mark.soak
async def test_on_a_starved_machine_with_a_full_pool_late_looks_cost_nobody_a_connection(pool: Pool) -> None:
    before, times, late, done = await pids(pool), expired(), 0, 0
    over = asyncio.Event()

    async def work() -> None:
        nonlocal done
        while not over.is_set():
            with suppress(TimeoutError):
                async with pool.acquire() as connection, transaction(connection, EVERYWHERE):
                    await connection.execute(WORK)
                done += 1

    async def look() -> None:
        nonlocal late
        while not over.is_set():
            try:
                await pool.fetchval(WORK, timeout=0.005)
            except TimeoutError:
                late += 1

    with starved():
        tasks = [asyncio.create_task(work()) for _ in range(IN_FLIGHT)] + [asyncio.create_task(look())]
        await asyncio.sleep(10)
        over.set()
        await asyncio.gather(*tasks)

    print({"done": done, "late": late})
    assert done > 0
    assert late > 0, "no look came late"
    assert expired() == times
    assert await pids(pool) == before


@contextmanager
def starved() -> Iterator[None]:
    """The machine while more processes want it than it has cores."""
    hogs = [multiprocessing.get_context("spawn").Process(target=_burn, daemon=True) for _ in range(HOGS)]
    for hog in hogs:
        hog.start()
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.join()


def _burn() -> None:
    while True:
        pass
