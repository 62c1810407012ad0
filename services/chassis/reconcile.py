"""Compares the outbox with the stream and repairs the stream from the outbox (promise 7).

JetStream may lose its tail, be restored from an old snapshot or be made anew, and then gives sequence numbers a second
time (measured in the design's reliability notes). The outbox is the truth: what the stream does not hold under its id
is marked unpublished, the relay sends it again under the same id, and consumers drop what they have had.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from .database import Connection
from .running import Running
from .telemetry import log

EVERY_SECONDS: Final = 20.0
SAMPLES: Final = 16
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


def to_repair(rows: Sequence[tuple[int, str]], stored: frozenset[str]) -> list[int]:
    """The outbox rows, as (row id, event id), whose event the stream does not hold. Pure."""
    return [row for row, event_id in rows if event_id not in stored]


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
        for sample in samples:
            try:
                message = await self._jetstream.get_msg(self._stream, sample.seq)
            except NotFoundError:
                log.error("the stream lost an event", event_id=sample.id, seq=sample.seq)
                return False
            if (message.headers or {}).get("Nats-Msg-Id") != sample.id:
                log.error("the stream holds another event", event_id=sample.id, seq=sample.seq)
                return False
        return True

    async def repair(self, database: Connection) -> int:
        """Compares everything; what the stream does not hold will be sent again. Returns how many events that are."""
        since = self._running.clock.now() - STREAM_KEEPS
        stored = await self._stored_ids()
        after, missing = 0, 0
        while rows := await database.fetch(PUBLISHED, since, after):
            after = rows[-1]["id"]
            lost = to_repair([(row["id"], row["event_id"]) for row in rows], stored)
            await database.execute(UNPUBLISH, lost)
            missing += len(lost)
        log.error("stream repaired from the outbox", stream=self._stream, events=missing)
        return missing

    async def _stored_ids(self) -> frozenset[str]:
        """Every message id the stream holds, read by headers alone."""
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.ALL, ack_policy=AckPolicy.NONE, headers_only=True, inactive_threshold=30
        )
        subscription = await self._jetstream.pull_subscribe("", stream=self._stream, config=config)
        found: set[str] = set()
        try:
            left = (await subscription.consumer_info()).num_pending or 0
            while left > 0:
                batch = await subscription.fetch(min(left, 2000), timeout=5)
                found |= {(message.headers or {}).get("Nats-Msg-Id", "") for message in batch}
                left -= len(batch)
        except NatsTimeout:
            log.warning("stream could not be read to its end", stream=self._stream)
            raise
        finally:
            await subscription.unsubscribe()
        return frozenset(found)
