"""Builds a read model anew beside the live one and switches (promise 8, docs/decisions/0008).

The consumer's own code plays the archive into temporary tables of the same names, which go before the live ones in
this session alone: a crash leaves nothing behind. It plays in read-only transactions, in which PostgreSQL refuses
every write to a table that is not temporary: no side effect can slip through. How far it plays is what the consumer
has heard, by its order gate: live and built model are then functions of the same events, and must be equal.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from asyncpg import DeadlockDetectedError, LockNotAvailableError

from contracts.envelope import CloudEvent
from deploy.archive import Steps, list_steps
from deploy.local.trouble import Trouble
from deploy.local.words import say
from deploy.quarantine import Step, step_of
from services.chassis import restored
from services.chassis.access import Actor
from services.chassis.database import OUTAGES, Connection
from services.chassis.handlers import Hearing
from services.chassis.inbox import Key, Position, aggregate_of, next_steps
from services.chassis.logs import kind_of
from services.chassis.transaction import Cause, Transaction

CHUNK: Final = 500
"""Aggregates that are read and played together."""
FEW: Final = 500
"""So many may be left to play while the consumer waits."""
TRIES: Final = 20
WAITED: Final = (LockNotAvailableError, DeadlockDetectedError)
LOCK_TIMEOUT: Final = "SET LOCAL lock_timeout = '1s'"
READ_ONLY: Final = "SET LOCAL transaction_read_only = on"
LIST_GATES: Final = "SELECT aggregate, aggregate_id, version FROM order_gate WHERE consumer = $1 ORDER BY aggregate_id"
LIST_SKIPPED: Final = "SELECT subject, body FROM quarantine WHERE consumer = $1 AND skipped_step"
TAKE_BACK: Final = """
UPDATE order_gate AS gate SET epoch = held.epoch, version = held.version
FROM unnest($2::text[], $3::uuid[], $4::bigint[], $5::int[]) AS held (aggregate, id, epoch, version)
WHERE gate.consumer = $1 AND gate.aggregate = held.aggregate AND gate.aggregate_id = held.id
"""
# Writers of the model wait, which are its consumer alone; whoever reads, or locks a row to decide by it, does not.
LOCK: Final = "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE"
MAKE: Final = "CREATE TEMPORARY TABLE {0} (LIKE public.{0} INCLUDING ALL)"
# The text of a row: equal for equal rows of any types, and a thing that PostgreSQL can hash.
REMOVE: Final = """
DELETE FROM public.{0} AS live WHERE NOT EXISTS (SELECT FROM pg_temp.{0} AS built WHERE built::text = live::text)
"""
ADD: Final = """
INSERT INTO public.{0} SELECT built.* FROM pg_temp.{0} AS built
WHERE NOT EXISTS (SELECT FROM public.{0} AS live WHERE live::text = built::text)
"""
SUM: Final = """
SELECT count(*) AS rows, md5(coalesce(string_agg(line, '' ORDER BY line COLLATE "C"), '')) AS checksum
FROM (SELECT md5(row::text) AS line FROM {0} AS row) AS lines
"""

T = TypeVar("T")
Told = Callable[[int, int], None]
"""Hears how many aggregates are played, of how many."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table before and after: rows and checksum, and by how many rows they differ."""

    name: str
    rows_before: int
    rows_after: int
    removed: int
    added: int
    checksum_before: str
    checksum_after: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found: `events` played, `taken_back` aggregates that the archive no longer holds to the end."""

    model: str
    events: int
    taken_back: int
    tables: tuple[Table, ...]

    @property
    def equal(self) -> bool:
        """Whether the live model was what the archive makes of it."""
        return not self.taken_back and all(each.checksum_before == each.checksum_after for each in self.tables)


@dataclass(slots=True)
class Building:
    """A read model on its way: what it has of each aggregate, and where the archive ends before the live gate."""

    hearing: Hearing
    actor: Actor
    live: Connection
    archive: Connection
    take_back: bool = False
    skipped: frozenset[Step] = frozenset()
    positions: dict[Key, Position] = field(default_factory=dict)
    ends: dict[Key, int] = field(default_factory=dict)
    events: int = 0

    async def begin(self) -> None:
        """Makes the empty tables. Those that a person gave up (`linli dead discard`) stay left out."""
        async with self.live.transaction():
            for table in self.hearing.tables:
                await self.live.execute(MAKE.format(table))
            rows = await self.live.fetch(LIST_SKIPPED, self.hearing.durable)
        self.skipped = frozenset(step for row in rows if (step := step_of(row["subject"], row["body"])))

    async def list_behind(self) -> list[Steps]:
        """What the consumer has heard and this has not, aggregate by aggregate."""
        return [
            steps
            for row in await self.live.fetch(LIST_GATES, self.hearing.durable)
            for key in [(row["aggregate"], row["aggregate_id"])]
            for steps in [Steps(*key, self._version(key), row["version"])]
            if steps.upto > steps.after and self.ends.get(key) != steps.upto
        ]

    async def play(self, behind: Sequence[Steps]) -> None:
        """Plays these steps through the consumer's code. Trouble when the archive does not hold all of them."""
        due, early, _ = next_steps(self.positions, await list_steps(self.archive, behind))
        if early:
            raise _has_a_hole(self.hearing, early[0])
        self.ends |= {steps.key: steps.upto for steps in behind if self._version(steps.key) < steps.upto}
        if self.ends and not self.take_back:
            raise _ends_early(self.hearing, len(self.ends))
        wanted = [
            event for event in due if Step(*aggregate_of(event), event.aggversion, event.epoch) not in self.skipped
        ]
        async with self.live.transaction():
            await self.live.execute(READ_ONLY)
            for events in chunks(wanted, CHUNK):
                await self._remember(events)
        self.events += len(due)

    def _version(self, key: Key) -> int:
        return self.positions.get(key, Position()).version

    async def _remember(self, events: Sequence[CloudEvent[Any]]) -> None:
        cause = Cause(self.actor.id, self.actor.region, events[0].correlationid, events[0].id)
        tx = Transaction(self.live, datetime.now(UTC), self.actor, cause)
        try:
            await self.hearing.handle(events, tx, silent=True)
        except OUTAGES:
            raise
        except Exception as error:
            raise _fails(self.hearing, kind_of(error)) from error

    async def switch(self) -> list[Table]:
        """Makes the live tables equal to the built ones, row by row: rights, indexes and policies stay as they are."""
        tables = self.hearing.tables
        for table in tables:
            await self.live.execute(f"ANALYZE pg_temp.{table}")
        before = [await self._sum(f"public.{table}") for table in tables]
        after = [await self._sum(f"pg_temp.{table}") for table in tables]
        removed = [_count(await self.live.execute(REMOVE.format(table))) for table in tables]
        added = [_count(await self.live.execute(ADD.format(table))) for table in tables]
        held = [(*key, *self.positions.get(key, Position())) for key in self.ends]
        if held:
            await self.live.execute(TAKE_BACK, self.hearing.durable, *map(list, zip(*held, strict=True)))
        return [
            Table(name, rows, rows_now, gone, come, checksum, checksum_now)
            for name, (rows, checksum), (rows_now, checksum_now), gone, come in zip(
                tables, before, after, removed, added, strict=True
            )
        ]

    async def _sum(self, table: str) -> tuple[int, str]:
        """How many rows, and a checksum over all of them in order."""
        [row] = await self.live.fetch(SUM.format(table))
        return row["rows"], row["checksum"]


def nobody(done: int, of: int) -> None:
    """Hears of the progress where nobody looks."""


async def rebuild(building: Building, *, check: bool = False, tell: Told = nobody) -> Rebuilt:
    """Builds the model while its consumer goes on; only the last few steps and the switch keep the consumer waiting.

    `check` undoes the switch: nothing is changed. Trouble when the model has lost its progress, when the archive has
    a hole, when it ends before what was heard (unless the building may `take_back`), and when the tables stay busy.
    """
    await building.begin()
    while behind := await building.list_behind():
        for start in range(0, len(behind), CHUNK):
            await building.play(behind[start : start + CHUNK])
            tell(min(start + CHUNK, len(behind)), len(behind))
        if len(behind) <= FEW:
            break
    for _ in range(TRIES):
        try:
            return await _finish(replace(building, positions=dict(building.positions), ends=dict(building.ends)), check)
        except WAITED:  # the consumer, or who decides by a row, was there first
            continue
    raise _busy(building.hearing)


async def _finish(building: Building, check: bool) -> Rebuilt:
    """The last steps and the switch, in one transaction; what it changes of `building` is worth nothing if it fails."""
    transaction = building.live.transaction()
    await transaction.start()
    try:
        await building.live.execute(LOCK_TIMEOUT)
        await building.live.execute(LOCK.format(", ".join(f"public.{table}" for table in building.hearing.tables)))
        for steps in chunks(await building.list_behind(), CHUNK):
            await building.play(steps)
        tables = await building.switch()
        if not building.positions and not building.ends and any(table.rows_before for table in tables):
            raise _progress_lost(building.hearing)
        await restored.clear(building.live, building.hearing.durable, datetime.now(UTC))
    except BaseException:
        await transaction.rollback()
        raise
    await (transaction.rollback() if check else transaction.commit())
    return Rebuilt(building.hearing.durable, building.events, len(building.ends), tuple(tables))


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])


def _progress_lost(hearing: Hearing) -> Trouble:
    return Trouble(
        say(
            f"{hearing.durable} 的进度已丢失，重建会把它清空，未作改动。请先运行 ./linli replay。",
            f"{hearing.durable} has lost how far it was: a rebuild would empty it, so nothing was changed. "
            "Run ./linli replay first.",
        )
    )


def _has_a_hole(hearing: Hearing, event: CloudEvent[Any]) -> Trouble:
    step = f"{event.subject} {event.aggversion - 1}"
    return Trouble(
        say(
            f"归档不完整：缺少 {step} 或更早的事件。{hearing.durable} 未作改动。请先恢复归档。",
            f"The archive lacks {step} or an earlier step. {hearing.durable} was left as it is. Restore the archive.",
        )
    )


def _ends_early(hearing: Hearing, aggregates: int) -> Trouble:
    return Trouble(
        say(
            f"归档比 {hearing.durable} 已处理的事件少（至少 {aggregates} 个对象），未作改动。若所属服务是从备份恢复的，"
            "请加 --take-back，读模型将退回到归档为止。",
            f"The archive holds less than {hearing.durable} has heard (of {aggregates} aggregates or more); nothing "
            "was changed. If its owner was restored from a backup, add --take-back: the model goes back as well.",
        )
    )


def _fails(hearing: Hearing, reason: str) -> Trouble:
    return Trouble(
        say(
            f"{hearing.durable} 无法重放归档中的事件（{reason}），未作改动。请修复代码：它只可写自己的表（tables=）。",
            f"{hearing.durable} cannot play the archive ({reason}); nothing was changed. A read model writes its own "
            "tables alone (tables=): mend its code.",
        )
    )


def _busy(hearing: Hearing) -> Trouble:
    return Trouble(
        say(
            f"{hearing.durable} 的数据表一直被占用，未作改动。请稍后再试。",
            f"The tables of {hearing.durable} stay busy; nothing was changed. Try again in a moment.",
        )
    )
