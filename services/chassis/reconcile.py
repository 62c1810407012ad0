"""Compares the outbox with the stream and repairs the stream from the outbox (promise 7).

JetStream may lose its tail, be restored from an old snapshot or be made anew, and then gives sequence numbers a second
time (measured in the design's reliability notes). The outbox is the truth: what the stream does not hold under its id
is marked unpublished, the relay sends it again under the same id, and consumers drop what they have had.
"""

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from .database import Connection
from .running import Running
from .telemetry import log

EVERY_SECONDS: Final = 20.0
SAMPLES: Final = 16
AT_ONCE: Final = 200
# What is older than the stream keeps has left it rightly.
STREAM_KEEPS: Final = timedelta(days=34)

NEWEST: Final = """
SELECT event_id::text AS id, stream_seq AS seq FROM outbox
WHERE stream_seq IS NOT NULL AND at > $1 ORDER BY id DESC LIMIT $2
"""
ANYWHERE: Final = """
SELECT event_id::text AS id, stream_seq AS seq FROM outbox
WHERE stream_seq IS NOT NULL AND at > $1 AND id >= (SELECT min(id) + $2 * (max(id) - min(id)) FROM outbox WHERE at > $1)
ORDER BY id LIMIT 1
"""
PUBLISHED: Final = """
SELECT id, event_id::text AS event_id, stream_seq AS seq FROM outbox
WHERE stream_seq IS NOT NULL AND at > $1 AND id > $2 ORDER BY id LIMIT 5000
"""
UNPUBLISH: Final = "UPDATE outbox SET stream_seq = NULL WHERE id = ANY ($1::bigint[])"


@dataclass(frozen=True, slots=True)
class Sample:
    """An event id and the sequence under which the stream confirmed it."""

    id: str
    seq: int


def to_repair(rows: Sequence[tuple[int, Sample]], stored: Mapping[int, str]) -> list[int]:
    """The outbox rows, by row id, whose event the stream does not hold where it confirmed it. Pure."""
    return [row for row, sample in rows if stored.get(sample.seq) != sample.id]


class Reconciler:
    """Runs beside the relay, in the instance that has the turn."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._stream = f"EVT_{running.service.name.upper()}"
        self._jetstream: JetStreamContext = running.nats.jetstream(timeout=5)

    async def check(self, database: Connection) -> int:
        """Samples; when one does not fit, compares everything. Returns how many events are to be sent again."""
        since = self._running.clock.now() - STREAM_KEEPS
        newest = await database.fetch(NEWEST, since, SAMPLES // 2)
        places = [random.random() for _ in range(SAMPLES // 2)]
        spread = [row for place in places for row in await database.fetch(ANYWHERE, since, place)]
        samples = [Sample(row["id"], row["seq"]) for row in [*newest, *spread]]
        if not samples or await self._all_there(samples):
            return 0
        return await self.repair(database)

    async def _all_there(self, samples: list[Sample]) -> bool:
        stored = await self._stored(sample.seq for sample in samples)
        for sample in samples:
            found = stored.get(sample.seq)
            if found != sample.id:
                log.error("the stream holds another event" if found else "the stream lost an event", seq=sample.seq)
                return False
        return True

    async def repair(self, database: Connection) -> int:
        """Compares everything; what the stream does not hold will be sent again. Returns how many events that are."""
        since = self._running.clock.now() - STREAM_KEEPS
        after, missing = 0, 0
        while rows := await database.fetch(PUBLISHED, since, after):
            after = rows[-1]["id"]
            samples = [(row["id"], Sample(row["event_id"], row["seq"])) for row in rows]
            lost = to_repair(samples, await self._stored(sample.seq for _, sample in samples))
            await database.execute(UNPUBLISH, lost)
            missing += len(lost)
        log.error("stream repaired from the outbox", stream=self._stream, events=missing)
        return missing

    async def _stored(self, sequences: Iterable[int]) -> dict[int, str]:
        """The message id at each sequence that the stream holds.

        Message by message, because the right to make a consumer would be the right to have the server send any of our
        messages to any subject (decision 0011); a repair is rare, and may take a minute for some hundred thousand.
        """
        found: dict[int, str] = {}
        room = asyncio.Semaphore(AT_ONCE)

        async def look(sequence: int) -> None:
            async with room:
                try:
                    message = await self._jetstream.get_msg(self._stream, sequence)
                except NotFoundError:
                    return
            found[sequence] = (message.headers or {}).get("Nats-Msg-Id", "")

        await asyncio.gather(*map(look, sequences))
        return found
