"""Two instances of a consumer under redelivery, crashes, lost connections and handlers that fail."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from asyncpg import UniqueViolationError
from pydantic_core import from_json

from contracts.envelope import CloudEvent, seal, subject_of
from contracts.registry.v1 import SiteClosed
from services.chassis import Service, Transaction
from services.chassis.consumers import ALONE_AFTER, MAX_BEGUN, Consumer
from services.chassis.handlers import Hearing
from services.chassis.limits import ACK_WAIT_SECONDS
from services.chassis.running import Running
from services.chassis.settings import Settings
from tests.simulation.database import NOTE, Database, Pool
from tests.simulation.processes import Process, RunClock
from tests.simulation.scheduler import Found, World, explore
from tests.simulation.stream import Client, Durable, Stream

REGION = "350503001001"
INSTANCES = ("first", "second")
SITES = 3
VERSIONS = 5
SEEDS = 10
POISONED = 4  # minutes of virtual time each
MANY = 1000


class Office:
    """A stream of events of some sites, and a consumer with two instances that writes down what it was handed.

    `failing` says how often the handler fails on an event before it succeeds, and by which error.
    """

    def __init__(self, world: World, secrets: Path, in_order: bool, sabotage: str = "") -> None:
        self.world = world
        self.database, self.stream = Database(), Stream(world)
        self.durable = Durable(self.stream, ACK_WAIT_SECONDS)
        self.clock = RunClock(world)
        self.failing: dict[UUID, tuple[int, Exception | None]] = {}
        self.killers: set[UUID] = set()
        self.attempts: list[tuple[float, UUID]] = []
        self.deaths = 0
        self.peril = 0.004
        self.stored = (1, 1, 1, 2)  # times: the window of message ids may be over
        self._stops: list[asyncio.Task[None]] = []
        self._settings = Settings(secrets_dir=secrets, sabotage=sabotage)
        self._hearing = Hearing(
            "activities-note", (SiteClosed,), *((self._note, None) if in_order else (None, self._note))
        )
        self.events = [(site, version) for version in range(1, VERSIONS + 1) for site in range(SITES)]

    async def run(self, seconds: float = 400) -> None:
        """Publishes, not always in order and some twice, until every message is settled."""
        for name in INSTANCES:
            Process(self.world, name, self._start, self.peril)
        await self._publish()
        deadline = self.world.loop.time() + seconds
        while not self.durable.is_done:
            assert self.world.loop.time() < deadline, "vanished: messages are never settled"
            await asyncio.sleep(0.5)

    def _start(self, process: Process) -> None:
        pool, client = Pool(self.database, process), Client(self.stream, process)
        running = Running(Service("activities"), self._settings, pool, client, self.clock)  # type: ignore[arg-type]
        hearing = self._hearing
        if self.killers:
            note = partial(self._note_or_die, process)
            hearing = replace(hearing, remember=note) if hearing.in_order else replace(hearing, react=note)
        consumer = Consumer(hearing, running)
        running.start("consumer", consumer.run)
        if self.world.strikes("stopped", 0.3):
            self._stops.append(asyncio.create_task(self._stop(process, running, consumer)))

    async def _stop(self, process: Process, running: Running, consumer: Consumer) -> None:
        """SIGTERM in the middle of the work, as a rolling restart sends it."""
        await asyncio.sleep(self.world.dice.uniform(0, 1))
        await running.stop()
        await consumer.hand_back()
        process.kill()

    async def _publish(self) -> None:
        dice, order = self.world.dice, list(self.events)
        for _ in range(dice.choice((0, 2, 6))):
            place = dice.randrange(len(order) - 1)
            order[place : place + 2] = reversed(order[place : place + 2])
        for site, version in order:
            for _ in range(dice.choice(self.stored)):
                self.stream.receive(subject_of(SiteClosed, REGION), self._body(site, version), {}, True)
            await asyncio.sleep(dice.choice((0, 0, 0.01, 0.3)))

    def _body(self, site: int, version: int) -> bytes:
        event = SiteClosed(site_id=UUID(int=site))
        id = id_of(site, version)
        return seal(
            event, id=id, time=self.clock.now(), region=REGION, version=version, actor="service:registry",
            correlation=id, causation=id,
        ).encode()  # fmt: skip

    async def _note_or_die(self, process: Process, events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
        if self.killers & {event.id for event in events}:
            self.deaths += 1
            self.world.saw("killed by a message")
            process.kill()
            await process.must_live()
        await self._note(events, tx)

    async def _note(self, events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
        self.attempts += [(self.world.loop.time(), event.id) for event in events]
        for event in events:
            left, error = self.failing.get(event.id, (0, None))
            if left:
                self.failing[event.id] = (left - 1, error)
                self.world.saw("handler failed")
                if error is None:
                    await asyncio.sleep(3600)
                else:
                    raise error
        await tx.execute(NOTE, [(event.id, event.aggregate_id, event.aggversion) for event in events])

    @property
    def applied(self) -> Counter[UUID]:
        return Counter(id for id, _, _ in self.database.effects)

    @property
    def quarantined(self) -> set[UUID]:
        ids = {message.seq: UUID(from_json(message.body)["id"]) for message in self.stream.messages}
        return {ids[seq] for seq in self.database.quarantine}

    def check(self, poison: set[UUID]) -> None:
        """Every event has its effect once, or is in quarantine because it is poison."""
        applied = self.applied
        doubled = [id.int for id, times in applied.items() if times > 1]
        assert doubled == [], f"doubled {doubled}"
        assert self.quarantined <= poison, f"buried alive {self.quarantined - poison}"
        lost = {id_of(*event) for event in self.events} - set(applied) - self.quarantined
        assert lost == set(), f"lost {lost}"

    def check_order(self) -> None:
        for site in range(SITES):
            versions = [version for _, aggregate, version in self.database.effects if aggregate.int == site]
            assert versions == list(range(1, VERSIONS + 1)), f"backwards {versions}"


def id_of(site: int, version: int) -> UUID:
    return UUID(int=site * 100 + version)


CRASHES = ["first killed", "second killed", "stopped", "redelivered", "database connection lost"]


def test_an_effect_happens_once_whatever_the_delivery_does(secrets: Path) -> None:
    async def scenario(world: World) -> None:
        office = Office(world, secrets, in_order=False)
        await office.run()
        office.check(poison=set())

    explore(scenario, sometimes=CRASHES, seeds=SEEDS)


def test_a_replica_takes_every_step_once_and_in_order(secrets: Path) -> None:
    async def scenario(world: World) -> None:
        office = Office(world, secrets, in_order=True)
        await office.run()
        office.check(poison=set())
        office.check_order()

    explore(scenario, sometimes=CRASHES, seeds=SEEDS)


@pytest.mark.parametrize("in_order", [False, True])
def test_an_event_that_fails_for_a_while_is_applied_in_the_end(secrets: Path, in_order: bool) -> None:
    async def scenario(world: World) -> None:
        office = Office(world, secrets, in_order)
        for _ in range(3):
            unlucky = id_of(*world.dice.choice(office.events))
            error = world.dice.choice((LookupError(), UniqueViolationError()))
            office.failing[unlucky] = (world.dice.randint(1, 4), error)
        await office.run()
        office.check(poison=set())
        if in_order:
            office.check_order()

    explore(scenario, sometimes=["handler failed", "redelivered"], seeds=SEEDS)


@pytest.mark.parametrize("error", [LookupError(), UniqueViolationError(), None], ids=["raises", "clashes", "hangs"])
def test_poison_ends_in_quarantine_after_few_attempts_and_harms_only_itself(
    secrets: Path, error: Exception | None
) -> None:
    async def scenario(world: World) -> None:
        office = Office(world, secrets, in_order=False)
        office.stored, world.blows = (1,), 0
        poison = {id_of(*event) for event in world.dice.sample(office.events, world.dice.choice((1, 2)))}
        office.failing = dict.fromkeys(poison, (10**6, error))
        await office.run(seconds=1200)
        office.check(poison)
        assert office.quarantined == poison
        for id in poison:
            times = [at for at, each in office.attempts if each == id]
            first_minute = [at for at in times if at < times[0] + 60]
            assert len(first_minute) <= 10, f"hurried: {[round(at - times[0], 2) for at in first_minute]}"

    explore(scenario, sometimes=["handler failed", "redelivered"], seeds=POISONED)


@pytest.mark.parametrize("in_order", [False, True])
def test_a_message_that_ends_its_process_is_quarantined_after_few_deaths(secrets: Path, in_order: bool) -> None:
    async def scenario(world: World) -> None:
        await _meet_killers(world, secrets, in_order)

    explore(scenario, sometimes=["killed by a message"], seeds=POISONED)


async def _meet_killers(world: World, secrets: Path, in_order: bool, sabotage: str = "") -> None:
    office = Office(world, secrets, in_order, sabotage)
    office.stored, office.peril, world.blows = (1,), 0.0, 0
    last = [id_of(site, VERSIONS) for site in range(SITES)]  # behind a gate nothing waits for it
    office.killers = set(world.dice.sample(last, world.dice.choice((1, 2))))
    await office.run(seconds=1200)
    office.check(office.killers)
    assert office.quarantined == office.killers
    assert office.deaths <= len(office.killers) * (ALONE_AFTER + MAX_BEGUN)


def test_behind_a_message_that_ends_its_process_a_gate_holds_what_follows_and_no_other_aggregate_waits(
    secrets: Path,
) -> None:
    """Until a person has looked, its own later steps come and go; each of them is delivered as often as a killer."""

    async def scenario(world: World) -> None:
        office = Office(world, secrets, in_order=True)
        office.stored, office.peril, world.blows = (1,), 0.0, 0
        site, version = world.dice.choice([event for event in office.events if event[1] < VERSIONS])
        office.killers = {id_of(site, version)}
        held = {id_of(site, later) for later in range(version + 1, VERSIONS + 1)}
        good = {id_of(*event) for event in office.events} - office.killers - held
        running = asyncio.create_task(office.run(seconds=10**6))
        async with asyncio.timeout(600):
            while office.quarantined != office.killers or set(office.applied) != good:
                await asyncio.sleep(0.5)
        await asyncio.sleep(120)
        running.cancel()
        assert office.quarantined == office.killers
        assert set(office.applied) == good
        assert office.deaths <= ALONE_AFTER + MAX_BEGUN + len(INSTANCES)  # where it came too early it is no suspect yet

    explore(scenario, sometimes=["killed by a message"], seeds=POISONED)


@pytest.mark.parametrize(
    ("in_order", "sabotage", "found"),
    [(False, "no-inbox", "doubled"), (False, "ack-first", "lost"), (True, "no-version-gate", "doubled|backwards")],
)
def test_a_broken_consumer_is_found_out(secrets: Path, in_order: bool, sabotage: str, found: str) -> None:
    async def scenario(world: World) -> None:
        office = Office(world, secrets, in_order, sabotage)
        await office.run()
        office.check(poison=set())
        if in_order:
            office.check_order()

    with pytest.raises(Found, match=f"AssertionError: ({found})") as caught:
        explore(scenario, seeds=MANY)
    print(f"{sabotage}: seed {caught.value.seed}")


def test_a_consumer_that_forgets_what_it_has_begun_is_found_out(secrets: Path) -> None:
    async def scenario(world: World) -> None:
        await _meet_killers(world, secrets, in_order=True, sabotage="no-last-try")

    with pytest.raises(Found, match="AssertionError: vanished"):
        explore(scenario, seeds=1)
