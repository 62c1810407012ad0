"""Promise 5: a server away or frozen, a consumer or a stream lost, a loop blocked: all of it heals without a person."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import psutil
import pytest

from contracts.volunteers.v1 import ShiftOpened
from services.chassis.database import COMMAND_SECONDS
from tests.chaos.faults import frozen
from tests.promises.conftest import House
from tests.promises.ledger import CONSUMERS, all_settled, send
from tests.promises.troubled import tries_of
from tests.system.conftest import away, until
from tests.system.load import Load

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("promises")]
BACK_SECONDS: Final = 10.0
LONGEST_LAG_SECONDS: Final = 1.0
MOST_IDLE_CPU: Final = 0.20
STOPPED_SECONDS: Final = 20.0
REPAIRED_SECONDS: Final = 60.0
CONSUMER: Final = "activities-people"
BACKENDS: Final = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1"


class Watch:
    """What the services do while a server is away: their loops' lag, and the CPU they burn, of one core."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._over = asyncio.Event()
        self.looks = 0
        self.longest_lag = 0.0
        self.cpu: dict[str, float] = {}

    async def __aenter__(self) -> "Watch":
        self._before, self._began = self._spent(), time.monotonic()
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        seconds = time.monotonic() - self._began
        self.cpu = {name: (spent - self._before[name]) / seconds for name, spent in self._spent().items()}
        self._over.set()
        await self._task

    def _spent(self) -> dict[str, float]:
        found = {}
        for name in self._house.service_names:
            times = psutil.Process(self._house.program(name).pid).cpu_times()
            found[name] = times.user + times.system
        return found

    async def _look(self) -> None:
        while not self._over.is_set():
            lags = [await self._house.loop_lag(name) for name in self._house.service_names]
            self.longest_lag = max(self.longest_lag, *lags)
            self.looks += 1
            await asyncio.sleep(0.5)

    def must_have_been_calm(self) -> None:
        assert self.looks > 0
        assert self.longest_lag < LONGEST_LAG_SECONDS
        assert max(self.cpu.values()) < MOST_IDLE_CPU, self.cpu


@pytest.fixture(scope="module", autouse=True)
async def own_event(house: House) -> None:
    """The newest event of registry's stream is its own: after one of a stranger it rightly publishes nothing any more
    (the database is older than the stream), and other tests of this house speak in its name."""
    person = await house.register()

    async def heard() -> bool:
        return await house.heard_of("activities", [person]) == 1

    await until(heard, BACK_SECONDS)


async def must_work_again(house: House, returned_at: float) -> None:
    """A command is done, its event arrives everywhere, and every instance says that it is ready."""
    person = await house.register()

    async def everywhere() -> bool:
        return all([await house.heard_of(service, [person]) for service in ("activities", "volunteers")])

    await until(everywhere, BACK_SECONDS - (time.monotonic() - returned_at))
    await asyncio.to_thread(house.stack.wait_ready, seconds=BACK_SECONDS - (time.monotonic() - returned_at))


# A shorter absence: tests/system/test_faults.py
@pytest.mark.parametrize("seconds", [5, 150])
async def test_nats_may_stay_away_and_the_same_processes_go_on_within_ten_seconds_of_its_return(
    house: House, seconds: float
) -> None:
    before = house.service_pids()
    async with away(house.stack, "nats"), Watch(house) as watch:
        await asyncio.sleep(seconds)
        waits = [await house.waits_for(name) for name in house.service_names]
    await must_work_again(house, time.monotonic())

    assert all("nats" in each for each in waits), waits
    assert house.service_pids() == before, "somebody had to be started again"
    watch.must_have_been_calm()


async def test_a_lost_consumer_is_named_and_declared_again_and_hears_what_was_said_meanwhile(house: House) -> None:
    await asyncio.to_thread(house.stack.stop_process, "topology")
    await house.jetstream.delete_consumer(CONSUMERS[CONSUMER]["stream"], CONSUMER)
    person = await house.register()

    async def named() -> bool:
        return CONSUMER in await house.waits_for("activities-1")

    await until(named, BACK_SECONDS)
    assert await house.heard_of("activities", [person]) == 0
    before = house.service_pids()
    await asyncio.to_thread(house.stack.start_process, "topology")

    async def heard() -> bool:
        return await house.heard_of("activities", [person]) == 1

    await until(heard, BACK_SECONDS)
    await asyncio.to_thread(house.stack.wait_ready, ["activities-1"], BACK_SECONDS)
    assert house.service_pids() == before


# A process alone shows it quickly: tests/system/test_refusing.py
async def test_a_blocked_event_loop_ends_the_process_and_its_successor_does_the_work(house: House) -> None:
    keeper = house.stack.processes["notify-1"]
    restarts = keeper.restarts
    sent = await send(house, ShiftOpened, "block:1")

    await until(lambda: all_settled(house), 40)
    await asyncio.to_thread(house.stack.wait_ready, seconds=40)

    assert len(tries_of(house.troubles, "notify-shifts", sent.event_id)) > 1, "it never came to block"
    assert keeper.restarts > restarts
    assert "event loop stands still, ending the process" in keeper.program.log.read_text("utf-8")


@pytest.mark.parametrize("server", ["nats", "postgres"])
async def test_a_server_frozen_for_half_a_minute_is_used_again_by_the_same_processes(house: House, server: str) -> None:
    before = house.service_pids()
    async with Watch(house) as watch:
        with frozen(house.stack.processes[server].program.pid):
            await asyncio.sleep(30)
            waits = [await house.waits_for(name) for name in house.service_names if not name.startswith("gateway")]
    await must_work_again(house, time.monotonic())

    assert all(waits), "nobody saw that it was frozen"
    assert house.service_pids() == before
    watch.must_have_been_calm()


async def test_backends_that_never_answer_again_do_not_freeze_a_service(house: House) -> None:
    pids = [row["pid"] for row in await house.fetch("activities", BACKENDS, "activities-1")]
    async with AsyncExitStack() as freezing:
        for pid in pids:
            freezing.enter_context(frozen(pid))
        person = await house.register()

        async def heard() -> bool:
            return await house.heard_of("activities", [person]) == 1

        await until(heard, 2 * COMMAND_SECONDS + BACK_SECONDS)
        answered = await house.waits_for("activities-1")

    assert pids, "no backend was frozen"
    assert answered == []


async def test_postgresql_restarted_and_a_stream_deleted_under_load_lose_nobody(house: House) -> None:
    before = house.service_pids()
    load = Load(house.over_nats)
    await asyncio.to_thread(house.stack.restart, "postgres")
    await house.jetstream.delete_stream("EVT_REGISTRY")
    await asyncio.sleep(2)
    await load.end()
    await must_work_again(house, time.monotonic())

    async def all_known() -> bool:
        return await house.heard_of("activities", load.people) == len(load.people)

    await until(all_known, REPAIRED_SECONDS)
    assert house.service_pids() == before
    assert load.people, "nobody came"


@asynccontextmanager
async def standing(house: House, state: str) -> AsyncIterator[None]:
    """The house while one of its servers is away or frozen."""
    how, server = state.split()
    if how == "without":
        async with away(house.stack, server):
            yield
    else:
        with frozen(house.stack.processes[server].program.pid):
            yield


@pytest.mark.parametrize("state", ["without nats", "frozen nats", "without postgres", "frozen postgres"])
async def test_sigterm_ends_every_process_within_twenty_seconds_in_every_state(house: House, state: str) -> None:
    names = ["registry-1", "activities-1", "volunteers-1", "notify-1", "gateway-1"]
    marks = {name: house.program(name).log.stat().st_size for name in names}
    async with standing(house, state):
        await asyncio.sleep(1)
        took = await asyncio.gather(*(stopped(house, name) for name in names))
        for name in names:
            await asyncio.to_thread(house.stack.start_process, name)
        await asyncio.sleep(5)
        took += await asyncio.gather(*(stopped(house, name) for name in names))
    for name in names:
        await asyncio.to_thread(house.stack.start_process, name)
    await asyncio.to_thread(house.stack.wait_ready, seconds=40)

    print({"state": state, "took": took})
    assert max(took) < STOPPED_SECONDS
    logs = {name: house.program(name).log.read_bytes()[mark:].decode() for name, mark in marks.items()}
    assert "Traceback" not in "".join(logs.values())


async def stopped(house: House, name: str) -> float:
    """How many seconds an instance took to end."""
    began = time.monotonic()
    await asyncio.to_thread(house.stack.stop_process, name)
    return time.monotonic() - began
