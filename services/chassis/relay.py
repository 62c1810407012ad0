"""Carries committed outbox rows to the stream, oldest first; one relay a database, by an advisory lock.

A window of rows goes as one JetStream atomic batch, so that `sync_interval: always` costs one fsync a window
(performance.md section 2). Whatever fails is unknown, not undone: the same rows are sent again under the same
message ids, one by one, and the stream drops what it has.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from nats.aio.client import Client as Nats
from pydantic_core import from_json

from contracts.envelope import CONTENT_TYPE

from .database import Connection, connect
from .reconcile import Reconciler
from .running import Running
from .telemetry import EVENTS_SAID, OUTBOX_WAITING, log

TAKE_TURN: Final = "SELECT pg_try_advisory_lock(hashtext('linli-relay'))"
# Not `id >` the window under way: what commits late has a lower id, and may be the step before one already here.
OLDEST: Final = """
SELECT id, event_id::text, subject, body, at FROM outbox
WHERE stream_seq IS NULL AND id <> ALL ($1::bigint[]) ORDER BY id LIMIT $2
"""
# The window's first and last time say which months to open.
MARK: Final = """
UPDATE outbox SET stream_seq = sent.seq
FROM unnest($1::bigint[], $2::timestamptz[], $3::bigint[]) AS sent (id, at, seq)
WHERE outbox.id = sent.id AND outbox.at = sent.at AND outbox.at BETWEEN $4 AND $5
"""
NEWEST_SENT: Final = "SELECT coalesce(max(id), 0) FROM outbox WHERE stream_seq IS NOT NULL"
# All here is found by its key; a plan that reads a whole month, however small it still is, is never the right one.
# A mark lost in a crash sends its rows again, under the same ids: not worth an fsync a window.
# A relay asks twice a second. One that is silent for long, with its process or its network frozen, loses its session,
# and with it the turn; what it still sends when it wakes the stream knows already.
SESSION: Final = """
SET enable_seqscan = off; SET random_page_cost = 1.1; SET synchronous_commit = off; SET idle_session_timeout = '30s'
"""
LISTEN: Final = "outbox"
WINDOW: Final = 500
POLL_SECONDS: Final = 0.5
FEW: Final = 4
"""So many rows go one after the other: an atomic batch costs the bus 2 to 4 ms of CPU however small it is, a single
message 0.1 to 0.2."""
REST_SECONDS_A_ROW: Final = 0.002
LONGEST_REST_SECONDS: Final = 0.04
"""Under load a window rests before the next, the longer the more it carried, so that atomic batches are few and large
(measured: 155 us of the bus an event in windows of 14, 22 in windows of 300)."""
TURN_SECONDS: Final = 1.0
ACK_SECONDS: Final = 5.0
BATCH_REFUSED: Final = range(10_170, 10_215)


class NotStored(Exception):
    """The stream did not confirm; `code` is JetStream's error code, 0 when there was no answer at all."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    event_id: str
    subject: str
    body: bytes
    at: datetime


class Publisher:
    """Stores rows in the stream and tells their sequences."""

    def __init__(self, nats: Nats) -> None:
        self._nats = nats

    async def store(self, rows: Sequence[Row]) -> list[int]:
        """The stream sequences of the rows, in order. Raises NotStored or a time-out: then nothing is certain."""
        if len(rows) <= FEW:
            return [await self._store_one(row) for row in rows]
        try:
            return await self._store_batch(rows)
        except NotStored as refused:
            if refused.code not in BATCH_REFUSED:
                raise
            # One id was stored before (a crash between ack and mark): the rest go singly, the stream drops it.
            return [await self._store_one(row) for row in rows]

    async def _store_one(self, row: Row) -> int:
        headers = {"Nats-Msg-Id": row.event_id, "Content-Type": CONTENT_TYPE}
        answer = await self._nats.request(row.subject, row.body, timeout=ACK_SECONDS, headers=headers)
        return int(confirmed(answer.data)["seq"])

    async def _store_batch(self, rows: Sequence[Row]) -> list[int]:
        batch = uuid4().hex
        *most, last = rows
        for place, row in enumerate(most, 1):
            await self._nats.publish(row.subject, row.body, headers=_headers(batch, place, row))
        headers = {**_headers(batch, len(rows), last), "Nats-Batch-Commit": "1"}
        answer = await self._nats.request(last.subject, last.body, timeout=ACK_SECONDS, headers=headers)
        end = int(confirmed(answer.data)["seq"])
        return list(range(end - len(rows) + 1, end + 1))


def _headers(batch: str, place: int, row: Row) -> dict[str, str]:
    return {
        "Nats-Msg-Id": row.event_id,
        "Content-Type": CONTENT_TYPE,
        "Nats-Batch-Id": batch,
        "Nats-Batch-Sequence": str(place),
    }


def confirmed(body: bytes) -> dict[str, Any]:
    """What the stream says of a message it stored. Raises NotStored for anything else."""
    answer: dict[str, Any] = from_json(body) if body else {}
    if "error" in answer or "seq" not in answer:
        raise NotStored(int(answer.get("error", {}).get("err_code", 0)))
    return answer


class Relay:
    """Runs in every instance; one of them has the turn and works."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._publisher = Publisher(running.nats)
        self._reconciler = Reconciler(running)
        self._rests_until = 0.0

    async def run(self) -> None:
        """Waits for the turn, then relays until the lock's connection is lost or the service stops."""
        database = await connect(self._running.settings, "relay")
        try:
            if not await database.fetchval(TAKE_TURN):
                await self._running.pause(TURN_SECONDS)
                return
            await database.execute(SESSION)
            await database.add_listener(LISTEN, lambda *_: self._running.relay_wake.set())
            self._running.has_relay = True
            log.info("relay has the turn")
            await self._wait_for_epoch(database)
            while not self._running.stopping.is_set():
                more = await self._reconcile(database)
                await self._drain(database)
                if not more:
                    await self._rest()
        finally:
            self._running.has_relay = self._running.has_gone_back = False
            await database.close(timeout=2)

    async def _wait_for_epoch(self, database: Connection) -> None:
        """A database that was restored unannounced publishes nothing: its events would be dropped as known ones."""
        running = self._running
        while not running.stopping.is_set() and await self._reconciler.has_gone_back(database):
            if not running.has_gone_back:
                log.error("the database is older than the stream: run ./linli restored", service=running.service.name)
            running.has_gone_back = True
            await running.pause(TURN_SECONDS)
        running.has_gone_back = False

    async def _reconcile(self, database: Connection) -> bool:
        """Between two windows, when nothing is on its way: does the stream hold what it confirmed? True for more."""
        return not self._running.sabotaged("no-reconciler") and await self._reconciler.step(database)

    async def _drain(self, database: Connection) -> None:
        """Publishes window after window until nothing waits. While the stream stores one, the database marks the
        last and reads the next; a crash in between only sends rows again that the stream then drops."""
        self._running.relay_wake.clear()
        stored: tuple[list[Row], list[int]] | None = None
        rows = await self._read(database, under_way=[])
        while rows or stored:
            storing = asyncio.create_task(self._publisher.store(rows)) if rows else None
            try:
                if stored:
                    await self._mark(database, *stored)
                following = await self._read(database, under_way=rows) if len(rows) == WINDOW else []
            finally:
                sequences = await storing if storing else []
            stored = (rows, sequences) if rows else None
            rows = following
        OUTBOX_WAITING.set(0)

    async def _mark(self, database: Connection, rows: list[Row], sequences: list[int]) -> None:
        times = [row.at for row in rows]
        await database.execute(MARK, [row.id for row in rows], times, sequences, min(times), max(times))
        EVENTS_SAID.inc(len(rows))

    async def _read(self, database: Connection, under_way: list[Row]) -> list[Row]:
        found = await database.fetch(OLDEST, [row.id for row in under_way], WINDOW)
        if self._running.sabotaged("cursor-relay"):
            cursor = await database.fetchval(NEWEST_SENT)
            found = [row for row in found if row["id"] > cursor]
        if found:
            self._rests_until = time.monotonic() + min(len(found) * REST_SECONDS_A_ROW, LONGEST_REST_SECONDS)
        nameless = self._running.sabotaged("no-message-id")
        return [
            Row(row["id"], "" if nameless else row["event_id"], row["subject"], row["body"].encode(), row["at"])
            for row in found
        ]

    async def _rest(self) -> None:
        """Until somebody says something, at most half a second: the wake-up may be lost, the poll may not."""
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._running.relay_wake.wait()
        except TimeoutError:
            return
        await asyncio.sleep(self._rests_until - time.monotonic())
