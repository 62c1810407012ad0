"""The relay under every order of events: nothing lost, no step of an aggregate before the one it follows, no double."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar, cast
from unittest import mock

import pytest

from services.chassis import Service, relay, scope
from services.chassis.reconcile import EVERY_SECONDS
from services.chassis.relay import Relay, Row
from services.chassis.running import Running
from services.chassis.settings import Settings
from tests.simulation.database import SAY, STATEMENTS, Connection, Database, Lost, Pool
from tests.simulation.processes import Process, RunClock
from tests.simulation.scheduler import Found, World, explore
from tests.simulation.stream import Client, Stream

WRITERS = 5
MANY = 2000


class Bureau:
    """One database whose writers say things, its stream, and two instances that may relay."""

    def __init__(self, world: World, secrets: Path, kind: type[Relay] = Relay, sabotage: str = "") -> None:
        self.world, self.kind = world, kind
        self.database, self.stream = Database(body_of=lambda row: row.event_id), Stream(world)
        self.clock = RunClock(world)
        self.aggregates = world.dice.randint(1, 3)
        self.tail_chance, self.quiet_seconds = 0.0, 3.0
        self._settings = Settings(secrets_dir=secrets, sabotage=sabotage)
        self._processes: dict[str, Process] = {}

    async def run(self) -> None:
        """Writers write while instances die and links break; then all is left alone until nothing waits."""
        with mock.patch.object(relay, "connect", self._connect), mock.patch.multiple(relay, WINDOW=2, FEW=1):
            for name in ("first", "second"):
                Process(self.world, name, self._start, peril=0.01)
            await asyncio.gather(*(self._write(place) for place in range(WRITERS)))
            self.world.blows = 0
            await self._until_quiet()

    def _start(self, process: Process) -> None:
        self._processes[process.name] = process
        settings = self._settings.model_copy(update={"instance": process.name})
        pool, client = Pool(self.database, process), Client(self.stream, process)
        running = Running(Service("registry"), settings, pool, client, self.clock)  # type: ignore[arg-type]
        running.start("relay", self.kind(running).run)

    async def _connect(self, settings: Settings, purpose: str) -> Connection:
        process = self._processes[settings.instance]
        await process.travel()
        return Connection(self.database, process)

    async def _write(self, place: int) -> None:
        """A service's transactions: some take their id long before they commit, some are rolled back."""
        dice = self.world.dice
        process = Process(self.world, f"writer {place}", lambda _: None, peril=0)
        for _ in range(5):
            connection = Connection(self.database, process)
            try:
                async with scope.transaction(cast(Any, connection), scope.EVERYWHERE):
                    await connection.execute(SAY, dice.randrange(self.aggregates), self.clock.now())
                    await asyncio.sleep(dice.choice((0, 0, 0.01, 0.03, 0.1)))
                    if dice.random() < 0.1:
                        raise Lost
            except Lost:
                self.world.saw("rolled back")
            await asyncio.sleep(dice.choice((0, 0, 0.01, 0.1)))
            if self.world.strikes("server crashed", self.tail_chance):
                self.stream.lose_tail(dice.randint(1, 3))

    async def _until_quiet(self) -> None:
        """Nothing has waited for so long that nobody will send anything more."""
        quiet_since = self.world.loop.time()
        deadline = quiet_since + 10 * self.quiet_seconds
        while self.world.loop.time() - quiet_since < self.quiet_seconds:
            assert self.world.loop.time() < deadline, "lost: events wait for ever"
            await asyncio.sleep(0.5)
            if self.database.unpublished():
                quiet_since = self.world.loop.time()

    def check_kept(self) -> None:
        """Every committed event is in the stream, once, and nothing else is."""
        committed = {row.event_id for row in self.database.outbox.values()}
        stored = Counter(message.body.decode() for message in self.stream.messages)
        lost = sorted(committed - set(stored))
        assert lost == [], f"lost {lost}"
        assert set(stored) == committed, "said without a commit"
        doubled = [id for id, times in stored.items() if times > 1]
        assert doubled == [], f"doubled {doubled}"

    def check_order(self) -> None:
        """Each aggregate's events lie in the stream in the order of its versions."""
        rows = {row.event_id: row for row in self.database.outbox.values()}
        said = [rows[message.body.decode()] for message in self.stream.messages]
        for aggregate in range(self.aggregates):
            versions = [row.version for row in said if row.aggregate == aggregate]
            assert versions == sorted(versions), f"backwards {versions}"


class WindowCursor(Relay):
    """Reads the next window after the last id of the one under way, as the relay did before seed 101."""

    async def _read(self, database: Any, under_way: list[Row]) -> list[Row]:
        rows = await super()._read(database, under_way)
        return [row for row in rows if not under_way or row.id > under_way[-1].id]


class Sharing(Relay):
    """Two relays at once that leave each other's rows alone, as FOR UPDATE SKIP LOCKED would."""

    taken: ClassVar[set[int]] = set()

    async def _read(self, database: Any, under_way: list[Row]) -> list[Row]:
        rows = [row for row in await super()._read(database, under_way) if row.id not in self.taken]
        self.taken |= {row.id for row in rows}
        return rows


def test_the_relay_loses_doubles_and_turns_round_nothing(secrets: Path) -> None:
    async def scenario(world: World) -> None:
        bureau = Bureau(world, secrets)
        await bureau.run()
        bureau.check_kept()
        bureau.check_order()

    explore(
        scenario,
        sometimes=["first killed", "database connection lost", "batch refused", "duplicate dropped", "answer lost",
                   "publish timed out", "rolled back"],
        known=[101],
    )  # fmt: skip


def test_what_a_crash_took_from_the_stream_is_sent_again(secrets: Path) -> None:
    async def scenario(world: World) -> None:
        bureau = Bureau(world, secrets)
        bureau.tail_chance, bureau.quiet_seconds = 0.2, EVERY_SECONDS + 5
        await bureau.run()
        bureau.check_kept()

    explore(scenario, sometimes=["tail lost", "sequence given again", "first killed"], seeds=100)


@pytest.mark.parametrize(
    ("kind", "sabotage", "tail_chance", "found"),
    [
        (Relay, "cursor-relay", 0, "lost"),
        (Relay, "no-message-id", 0, "doubled"),
        (Relay, "no-reconciler", 0.2, "lost"),
        (WindowCursor, "", 0, "backwards"),
        (Sharing, "", 0, "backwards"),
    ],
)
def test_a_broken_relay_is_found_out(
    secrets: Path, kind: type[Relay], sabotage: str, tail_chance: float, found: str
) -> None:
    async def scenario(world: World) -> None:
        bureau = Bureau(world, secrets, kind, sabotage)
        bureau.tail_chance = tail_chance
        if kind is Sharing:
            Sharing.taken.clear()
            world.blows = 0
        await bureau.run()
        bureau.check_kept()
        bureau.check_order()

    two_at_once = {relay.TAKE_TURN: Connection.take_any_turn} if kind is Sharing else {}
    with mock.patch.dict(STATEMENTS, two_at_once), pytest.raises(Found, match=f"AssertionError: {found}") as caught:
        explore(scenario, seeds=MANY)
    print(f"{kind.__name__} {sabotage}: seed {caught.value.seed}")
