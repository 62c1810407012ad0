"""Compares the outbox with the stream and repairs the stream from the outbox (promise 7).

JetStream may lose its tail, be restored from an old snapshot or be made anew, and then gives sequence numbers a second
time (measured in the design's reliability notes). The outbox is the truth: what the stream does not hold under its
sequence is marked unpublished, the relay sends it again under the same id, and consumers drop what they have had.

Samples find a lost tail, a rewind, an empty stream. After a start of the server, when a single message in mid-stream
may have become unreadable, everything is compared once: chunk by chunk between the relay's windows, for some 60 us of
CPU a row. In a cluster, another node counts as a start.
"""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from .database import Connection
from .restored import CURRENT
from .running import Running
from .stream import Stream
from .telemetry import log

EVERY_SECONDS: Final = 20.0
SAMPLES: Final = 16
CHUNK: Final = 500
# What is older than the stream keeps has left it rightly; what is about to leave is left alone.
MARGIN: Final = timedelta(days=1)

# From the first of a month, so that no index is searched for the day inside it: what is too old is left out here.
NEWEST: Final = """
SELECT event_id::text, stream_seq AS seq, at FROM outbox
WHERE stream_seq IS NOT NULL AND at >= $1 ORDER BY id DESC LIMIT $2
"""
ANYWHERE: Final = """
SELECT event_id::text, stream_seq AS seq, at FROM outbox
WHERE stream_seq IS NOT NULL AND at >= $1
      AND id >= (SELECT min(id) + $2 * (max(id) - min(id)) FROM outbox WHERE at >= $1)
ORDER BY id LIMIT 1
"""
PUBLISHED: Final = """
SELECT id, at, event_id::text, stream_seq AS seq FROM outbox
WHERE stream_seq IS NOT NULL AND at > $1 AND id > $2 ORDER BY id LIMIT $3
"""
UNPUBLISH: Final = """
UPDATE outbox SET stream_seq = NULL FROM unnest($1::bigint[], $2::timestamptz[]) AS lost (id, at)
WHERE outbox.id = lost.id AND outbox.at = lost.at AND outbox.at BETWEEN $3 AND $4
"""
STREAM_DAYS: Final = "SELECT stream_days FROM retention"
LAST_SERVER: Final = "SELECT server FROM stream_incarnation WHERE stream = $1"
KEEP_SERVER: Final = """
INSERT INTO stream_incarnation (stream, server, compared_at) VALUES ($1, $2, $3)
ON CONFLICT (stream) DO UPDATE SET (server, compared_at) = ROW (EXCLUDED.server, EXCLUDED.compared_at)
"""
HAS_PUBLISHED: Final = "SELECT stream_seq IS NOT NULL FROM outbox ORDER BY id LIMIT 1"
IS_OURS: Final = """
SELECT EXISTS (SELECT FROM outbox WHERE aggregate = $1 AND aggregate_id = $2 AND version = $3 AND event_id = $4)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A published outbox row: its key, its event, and the sequence under which the stream confirmed it."""

    id: int
    at: datetime
    event_id: str
    seq: int


def to_repair(rows: Sequence[Row], stored: Mapping[int, str]) -> list[Row]:
    """The rows whose event the stream does not hold at its sequence; `stored` are message ids by sequence. Pure."""
    return [row for row in rows if stored.get(row.seq) != row.event_id]


@dataclass(slots=True)
class Comparison:
    """A comparison of everything, on its way: up to which row, on which server, and what was missing."""

    server: str
    since: datetime
    after: int = 0
    missing: int = 0


class Reconciler:
    """Runs between two windows of the relay, when nothing is on its way."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._stream = Stream(running.nats, running.service.name)
        self._looked_at = -EVERY_SECONDS
        self._anchor: tuple[str, int, datetime] | None = None
        self._comparison: Comparison | None = None

    async def step(self, database: Connection) -> bool:
        """Looks every 20 s; compares one chunk while a comparison is under way. True when it wants to go on at once."""
        now = time.monotonic()
        if self._comparison is None and now - self._looked_at >= EVERY_SECONDS:
            self._comparison = await self._look(database)
            self._looked_at = now
        if self._comparison is not None:
            await self._compare(database, self._comparison)
        return self._comparison is not None

    async def has_gone_back(self, database: Connection) -> bool:
        """Whether the stream's newest event was said by a future that this database has lost, and nobody announced it.

        That is a restore, or a failover that lost commits, without `./linli restored`: versions would be given a second
        time in the same epoch, and consumers would drop the new events as known.
        """
        if not await database.fetchval(HAS_PUBLISHED):
            return False
        newest = await self._stream.newest()
        if newest is None or newest.epoch < await database.fetchval(CURRENT):
            return False
        key = (newest.aggregate, newest.aggregate_id, newest.version, newest.event_id)
        return not await database.fetchval(IS_OURS, *key)

    async def _look(self, database: Connection) -> Comparison | None:
        """A comparison to begin, when the server has started since the last one or a sample does not fit."""
        server = self._stream.server
        keeps = timedelta(days=await database.fetchval(STREAM_DAYS) or 0)
        since = self._running.clock.now() - keeps + MARGIN
        same = server == await database.fetchval(LAST_SERVER, self._stream.name)
        if same and await self._all_there(await self._samples(database, since)):
            return None
        log.warning("comparing outbox and stream", stream=self._stream.name, another_server=not same)
        return Comparison(server, since)

    async def _samples(self, database: Connection, since: datetime) -> list[tuple[str, int, datetime]]:
        """The newest events, some from anywhere, and the newest of the last look, which a rewind must have taken."""
        month = since.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        newest = await database.fetch(NEWEST, month, SAMPLES // 2)
        places = [random.random() for _ in range(SAMPLES // 2)]
        spread = [row for place in places for row in await database.fetch(ANYWHERE, month, place)]
        samples = [(row["event_id"], row["seq"], row["at"]) for row in [*newest, *spread]]
        if self._anchor is not None:
            samples.append(self._anchor)
        self._anchor = samples[0] if samples else None
        return [sample for sample in samples if sample[2] > since]

    async def _all_there(self, samples: list[tuple[str, int, datetime]]) -> bool:
        stored = await self._stream.ids_at(seq for _, seq, _ in samples)
        for event_id, seq, _ in samples:
            if stored.get(seq) != event_id:
                log.error("the stream lost an event", event_id=event_id, seq=seq, holds=stored.get(seq))
                return False
        return True

    async def _compare(self, database: Connection, comparison: Comparison) -> None:
        """The next chunk of rows, against what the stream holds in their places; the last chunk ends it."""
        found = await database.fetch(PUBLISHED, comparison.since, comparison.after, CHUNK)
        rows = [Row(row["id"], row["at"], row["event_id"], row["seq"]) for row in found]
        lost = to_repair(rows, await self._stream.ids_at(row.seq for row in rows))
        if lost:
            times = [row.at for row in lost]
            await database.execute(UNPUBLISH, [row.id for row in lost], times, min(times), max(times))
            comparison.missing += len(lost)
        if len(rows) == CHUNK:
            comparison.after = rows[-1].id
            return
        if comparison.missing:
            log.error("stream repaired from the outbox", stream=self._stream.name, events=comparison.missing)
        await database.execute(KEEP_SERVER, self._stream.name, comparison.server, self._running.clock.now())
        self._anchor = self._comparison = None
