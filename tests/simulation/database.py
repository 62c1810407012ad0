"""A PostgreSQL as far as outbox, inbox, gates and quarantine can tell: row locks, READ COMMITTED, ids that are taken
before the commit, commits whose answer is lost, sessions that end with their locks."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from services.chassis import inbox, quarantine, reconcile, relay
from services.chassis.inbox import Position
from tests.simulation.processes import Process

SAY: Final = "one event more of an aggregate: lock it, take its next version and an id"
NOTE: Final = "a consumer's effect: the events it was handed"

Rows = list[dict[str, Any]]
Statement = Callable[..., Awaitable[Rows]]


class Lost(ConnectionError):
    """The connection broke: what was asked may have been done."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    id: int
    event_id: str
    aggregate: int
    version: int
    at: datetime
    seq: int | None = None


class Database:
    """The committed rows, and who holds which lock."""

    def __init__(self, body_of: Callable[[OutboxRow], str] = lambda _: "{}", subject: str = "evt") -> None:
        self.outbox: dict[int, OutboxRow] = {}
        self.versions: defaultdict[int, int] = defaultdict(int)
        self.inbox: set[tuple[str, UUID]] = set()
        self.gates: dict[tuple[str, str, UUID], Position] = {}
        self.server: str | None = None
        self.quarantine: dict[int, tuple[str, int]] = {}
        self.begun: Counter[int] = Counter()
        self.effects: list[tuple[UUID, UUID, int]] = []
        self.locks: dict[Any, Connection] = {}
        self.last_id = 0
        self.body_of, self.subject = body_of, subject

    def unpublished(self) -> list[OutboxRow]:
        return [row for row in self.outbox.values() if row.seq is None]


class Connection:
    """One session. Outside a transaction each statement is one by itself."""

    def __init__(self, database: Database, process: Process) -> None:
        self._database, self._process, self._world = database, process, process.world
        self._writes: list[Callable[[], None]] = []
        self._in_transaction = False
        self._ended = asyncio.Event()
        self._open = True
        process.hold(self)

    def cut(self) -> None:
        """The session is gone, and what it had not committed."""
        self._open = False
        self._finish(commit=False)
        for key in [key for key, holder in self._database.locks.items() if holder is self]:
            del self._database.locks[key]

    async def fetch(self, sql: str, *values: Any) -> Rows:
        await self._travel()
        rows = await STATEMENTS[sql](self, *values)
        if not self._in_transaction:
            self._finish(commit=True)
        await self._travel()
        return rows

    async def execute(self, sql: str, *values: Any, timeout: float | None = None) -> str:
        if sql.startswith("BEGIN"):
            await self._travel()
            self._in_transaction = True
            await self._travel()
            return "SET"
        if sql in ("COMMIT", "ROLLBACK"):
            return await self._end(sql)
        return f"DONE {len(await self.fetch(sql, *values))}"

    async def _end(self, sql: str) -> str:
        await self._travel()
        self._in_transaction = False
        self._finish(commit=sql == "COMMIT")
        await self._travel()  # a connection that breaks here leaves the caller in doubt
        return sql

    async def fetchval(self, sql: str, *values: Any) -> Any:
        rows = await self.fetch(sql, *values)
        return next(iter(rows[0].values())) if rows else None

    async def add_listener(self, channel: str, heard: Callable[..., None]) -> None:
        await self._travel()

    async def close(self, timeout: float) -> None:
        await self._process.must_live()
        self.cut()

    async def lock(self, key: Any) -> None:
        """Waits until no other transaction holds the key, and holds it until this one ends."""
        locks = self._database.locks
        while locks.setdefault(key, self) is not self:
            await locks[key]._ended.wait()
            await self._must_be_open()

    def write(self, change: Callable[[], None]) -> None:
        """Is done at commit."""
        self._writes.append(change)

    def _finish(self, commit: bool) -> None:
        for change in self._writes if commit else ():
            change()
        self._writes.clear()
        locks = self._database.locks
        for key in [key for key, holder in locks.items() if holder is self and key != relay.TAKE_TURN]:
            del locks[key]
        self._ended.set()
        self._ended = asyncio.Event()

    async def _travel(self) -> None:
        await self._process.travel()
        if self._open and self._world.strikes("database connection lost", 0.01):
            self.cut()
        await self._must_be_open()

    async def _must_be_open(self) -> None:
        await self._process.must_live()
        if not self._open:
            raise Lost

    async def take_turn(self) -> Rows:
        return [{"got": self._database.locks.setdefault(relay.TAKE_TURN, self) is self}]

    async def take_any_turn(self) -> Rows:
        """For saboteurs: the lock is given to everybody."""
        return [{"got": True}]

    async def oldest(self, under_way: Sequence[int], limit: int) -> Rows:
        rows = sorted((row for row in self._database.unpublished() if row.id not in under_way), key=lambda row: row.id)
        body, subject = self._database.body_of, self._database.subject
        return [
            {"id": row.id, "event_id": row.event_id, "subject": subject, "body": body(row), "at": row.at}
            for row in rows[:limit]
        ]

    async def newest_sent(self) -> Rows:
        return [{"max": max((row.id for row in self._database.outbox.values() if row.seq is not None), default=0)}]

    async def mark(self, ids: Sequence[int], _: Any, sequences: Sequence[int | None], *__: datetime) -> Rows:
        outbox = self._database.outbox
        for id, seq in zip(ids, sequences, strict=True):
            self.write(lambda id=id, seq=seq: outbox.update({id: replace(outbox[id], seq=seq)}))
        return []

    async def unpublish(self, ids: Sequence[int], times: Any, *between: datetime) -> Rows:
        return await self.mark(ids, times, [None] * len(ids), *between)

    async def published(self, since: datetime, after: int, count: int) -> Rows:
        rows = sorted((row for row in self._sent(since) if row.id > after), key=lambda row: row.id)
        return [_place(row) for row in rows[:count]]

    async def newest(self, since: datetime, count: int) -> Rows:
        return [_place(row) for row in sorted(self._sent(since), key=lambda row: -row.id)[:count]]

    async def anywhere(self, since: datetime, place: float) -> Rows:
        rows = sorted(self._sent(since), key=lambda row: row.id)
        return [_place(row) for row in rows[int(place * len(rows)) :][:1]]

    async def last_server(self, stream: str) -> Rows:
        return [{"server": self._database.server}]

    async def keep_server(self, stream: str, server: str, at: datetime) -> Rows:
        self.write(lambda: setattr(self._database, "server", server))
        return []

    async def has_published(self) -> Rows:
        return [{"has": row.seq is not None} for row in list(self._database.outbox.values())[:1]]

    async def nothing(self) -> Rows:
        return []

    async def stream_days(self) -> Rows:
        return [{"stream_days": 35}]

    def _sent(self, since: datetime) -> list[OutboxRow]:
        return [row for row in self._database.outbox.values() if row.seq is not None and row.at > since]

    async def say(self, aggregate: int, at: datetime) -> Rows:
        database = self._database
        await self.lock(("aggregate", aggregate))
        database.last_id += 1
        id, version = database.last_id, database.versions[aggregate] + 1
        row = OutboxRow(id, str(UUID(int=id)), aggregate, version, at)
        self.write(lambda: database.versions.update({aggregate: version}))
        self.write(lambda: database.outbox.update({id: row}))
        return []

    async def add_to_inbox(self, consumer: str, ids: Sequence[UUID], times: Sequence[datetime]) -> Rows:
        new: Rows = []
        for id in sorted(ids):
            await self.lock(("inbox", consumer, id))
            if (consumer, id) not in self._database.inbox:
                self.write(lambda id=id: self._database.inbox.add((consumer, id)))
                new.append({"event_id": id})
        return new

    async def add_gates(self, consumer: str, *columns: Sequence[Any]) -> Rows:
        for aggregate, id, *position in zip(*columns, strict=True):
            key, gate = (consumer, aggregate, id), Position(*position)
            await self.lock(key)
            if key in self._database.gates:
                self._world.saw("begun at once")
                raise asyncpg.UniqueViolationError
            self.write(lambda key=key, gate=gate: self._database.gates.update({key: gate}))
        return []

    async def lock_gates(self, consumer: str, ids: Sequence[UUID]) -> Rows:
        rows: Rows = []
        for id in sorted(ids):
            key = (consumer, "site", id)
            if key not in self._database.gates:
                continue
            await self.lock(key)
            gate = self._database.gates[key]
            rows.append({"aggregate": "site", "aggregate_id": id, "epoch": gate.epoch, "version": gate.version})
        return rows

    async def set_gates(
        self,
        consumer: str,
        aggregates: Sequence[str],
        ids: Sequence[UUID],
        epochs: Sequence[int],
        versions: Sequence[int],
    ) -> Rows:
        for aggregate, id, *position in zip(aggregates, ids, epochs, versions, strict=True):
            key, gate = (consumer, aggregate, id), Position(*position)
            self.write(lambda key=key, gate=gate: self._database.gates.update({key: gate}))
        return []

    async def quarantine(
        self,
        _: str,
        subject: str,
        seq: int,
        headers: str,
        body: bytes,
        reason: str,
        attempts: int,
        at: datetime,
        region: str,
    ) -> Rows:
        self.write(lambda: self._database.quarantine.setdefault(seq, (reason, attempts)) and None)
        return []

    async def begin(self, consumer: str, seq: int, at: datetime) -> Rows:
        begun = self._database.begun
        self.write(lambda: begun.update({seq: begun[seq] + 1}))
        return [{"times": begun[seq] + 1}]

    async def came_to_an_end(self, consumer: str, seq: int) -> Rows:
        self.write(lambda: self._database.begun.pop(seq, None) and None)
        return []

    async def note(self, events: Sequence[tuple[UUID, UUID, int]]) -> Rows:
        self.write(lambda: self._database.effects.extend(events))
        return []


STATEMENTS: Final[dict[str, Statement]] = {
    SAY: Connection.say,
    NOTE: Connection.note,
    relay.TAKE_TURN: Connection.take_turn,
    relay.OLDEST: Connection.oldest,
    relay.NEWEST_SENT: Connection.newest_sent,
    relay.SESSION: Connection.nothing,
    relay.MARK: Connection.mark,
    reconcile.NEWEST: Connection.newest,
    reconcile.ANYWHERE: Connection.anywhere,
    reconcile.PUBLISHED: Connection.published,
    reconcile.UNPUBLISH: Connection.unpublish,
    reconcile.STREAM_DAYS: Connection.stream_days,
    reconcile.LAST_SERVER: Connection.last_server,
    reconcile.KEEP_SERVER: Connection.keep_server,
    reconcile.HAS_PUBLISHED: Connection.has_published,
    inbox.ADD_TO_INBOX: Connection.add_to_inbox,
    inbox.ADD_GATES: Connection.add_gates,
    inbox.LOCK_GATES: Connection.lock_gates,
    inbox.SET_GATES: Connection.set_gates,
    quarantine.ADD: Connection.quarantine,
    quarantine.BEGIN: Connection.begin,
    quarantine.CAME_TO_AN_END: Connection.came_to_an_end,
}
"""A statement that is not here fails the run: the product's SQL and this table move together."""


def _place(row: OutboxRow) -> dict[str, Any]:
    return {"id": row.id, "event_id": row.event_id, "seq": row.seq, "at": row.at}


class Pool:
    """Connections of one process."""

    def __init__(self, database: Database, process: Process) -> None:
        self._database, self._process = database, process

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        connection = Connection(self._database, self._process)
        try:
            yield connection
        finally:
            connection.cut()

    async def execute(self, sql: str, *values: Any) -> str:
        async with self.acquire() as connection:
            return await connection.execute(sql, *values)

    async def fetchval(self, sql: str, *values: Any) -> Any:
        async with self.acquire() as connection:
            return await connection.fetchval(sql, *values)
