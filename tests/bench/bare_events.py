"""The bare loops beside which relay and consumers are measured: nats-py, asyncpg and pydantic alone, same durability.

`python -m tests.bench.bare_events DSN NATS_URL COUNT`: relays so many rows from an outbox into a stream by atomic
batches, then applies them to a read model with an inbox; prints both as JSON. Makes its own tables and stream.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import asyncpg
import nats
import uvloop
from nats.aio.client import Client as Nats
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, StreamConfig

from contracts import envelope
from contracts.envelope import CloudEvent
from contracts.registry.v1 import PersonRegistered
from services.chassis.inbox import ADD_TO_INBOX
from services.chassis.relay import MARK, OLDEST
from tests.bench.rows import COLUMNS, outbox_rows

TABLES: Final = """
CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, subject text NOT NULL,
    type text NOT NULL, aggregate text NOT NULL, aggregate_id uuid NOT NULL, version int NOT NULL, body text NOT NULL,
    at timestamptz NOT NULL, stream_seq bigint, UNIQUE (aggregate_id, aggregate, version));
CREATE INDEX ON outbox (id) WHERE stream_seq IS NULL;
CREATE TABLE inbox (consumer text, event_id uuid, said_at timestamptz, PRIMARY KEY (consumer, event_id));
"""
PEOPLE: Final = """
CREATE TABLE person (person_id uuid PRIMARY KEY, age_band text NOT NULL, guardian_id uuid, version int NOT NULL)
"""
UPSERT: Final = """
INSERT INTO person (person_id, age_band, guardian_id, version)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::int[])
ON CONFLICT (person_id) DO UPDATE SET age_band = EXCLUDED.age_band, version = EXCLUDED.version
WHERE person.version < EXCLUDED.version
"""


async def relay(database: Any, connection: Nats) -> None:
    """Windows of 500: one atomic batch each; the last window is marked while the next is stored."""
    stored: tuple[Any, ...] | None = None
    rows = await database.fetch(OLDEST, [], 500)
    while rows or stored:
        storing = asyncio.create_task(store(connection, rows)) if rows else None
        if stored:
            await database.execute(MARK, *stored)
        ids, times = [row["id"] for row in rows], [row["at"] for row in rows]
        following = await database.fetch(OLDEST, ids, 500) if len(rows) == 500 else []
        stored = (ids, times, await storing, min(times), max(times)) if storing else None
        rows = following


async def store(connection: Nats, rows: list[Any]) -> list[int]:
    batch = uuid4().hex
    for place, row in enumerate(rows, 1):
        headers = {"Nats-Msg-Id": row["event_id"], "Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(place)}
        if place < len(rows):
            await connection.publish(row["subject"], row["body"].encode(), headers=headers)
        else:
            headers["Nats-Batch-Commit"] = "1"
            answer = await connection.request(row["subject"], row["body"].encode(), timeout=10, headers=headers)
    end: int = json.loads(answer.data)["seq"]
    return list(range(end - len(rows) + 1, end + 1))


async def consume(database: Any, connection: Nats, count: int) -> None:
    """A standing pull, one transaction a batch, inbox and upsert, an ack a message."""
    waiting: list[Msg] = []
    wake = asyncio.Event()

    async def arrived(message: Msg) -> None:
        if message.data:
            waiting.append(message)
            wake.set()

    inbox = connection.new_inbox()
    await connection.subscribe(inbox, cb=arrived, pending_msgs_limit=-1, pending_bytes_limit=-1)
    ask = json.dumps({"batch": count, "expires": 60 * 10**9}).encode()
    await connection.publish("$JS.API.CONSUMER.MSG.NEXT.BENCH.bare", ask, reply=inbox)
    done = 0
    while done < count:
        while not waiting:
            wake.clear()
            await wake.wait()
        batch, waiting[:] = waiting[:500], waiting[500:]
        await apply(database, batch)
        for message in batch:
            await connection.publish(message.reply, b"+ACK")
        done += len(batch)


async def apply(database: Any, batch: list[Msg]) -> None:
    events = envelope.read_many(PersonRegistered, [message.data for message in batch])
    async with database.transaction():
        rows = await database.fetch(
            ADD_TO_INBOX, "bare", [event.id for event in events], [event.time for event in events]
        )
        new = {row["event_id"] for row in rows}
        await database.execute(UPSERT, *columns_of([event for event in events if event.id in new]))


def columns_of(events: Sequence[CloudEvent[PersonRegistered]]) -> list[list[Any]]:
    """What UPSERT takes."""
    people = [(each.data.person_id, each.data.age_band, each.data.guardian_id, each.aggversion) for each in events]
    return [list(column) for column in zip(*people, strict=True)]


async def main(dsn: str, url: str, count: int) -> None:
    database = await asyncpg.connect(dsn)
    await database.execute(TABLES)
    await database.execute(PEOPLE)
    connection = await nats.connect(url)
    jetstream = connection.jetstream()
    await jetstream.add_stream(StreamConfig("BENCH", subjects=["bench.evt.>"], allow_atomic=True))
    await jetstream.add_consumer("BENCH", ConsumerConfig(durable_name="bare", ack_wait=60, max_ack_pending=5000))
    await database.copy_records_to_table("outbox", records=outbox_rows(count, prefix="bench."), columns=COLUMNS)
    gc.collect()
    gc.freeze()
    found = {}
    for name, work in (("relay", relay(database, connection)), ("consumer", consume(database, connection, count))):
        cpu, start = time.process_time(), time.perf_counter()
        await work
        seconds = time.perf_counter() - start
        found[name] = {"per_second": count / seconds, "cpu_us": (time.process_time() - cpu) / count * 1e6}
    await jetstream.delete_stream("BENCH")
    await connection.close()
    await database.close()
    print(json.dumps(found))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
