"""What the judge reads after the last fault: every database and every stream, once all is quiet."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
import nats
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError
from pydantic_core import from_json

from services.chassis.scope import UNBOUND
from tests.chaos.house import consumers

QUIET_SECONDS: Final = 60.0
LATE_SECONDS: Final = 40.0
OUTBOX: Final = "SELECT subject, aggregate, aggregate_id, version, body, stream_seq, at FROM outbox ORDER BY id"
UNPUBLISHED: Final = "SELECT count(*) FROM outbox WHERE stream_seq IS NULL"
TABLES: Final = {
    "command_log": "SELECT command_id, outcome FROM command_log",
    "inbox": "SELECT consumer, event_id FROM inbox",
    "order_gate": "SELECT consumer, aggregate, aggregate_id, version FROM order_gate",
    "quarantine": "SELECT consumer, body, reason FROM quarantine",
}
OWN_TABLES: Final = {
    "registry": {"person": "SELECT person_id FROM person"},
    "activities": {
        "session": "SELECT session_id, capacity, seats_taken, waiting FROM session",
        "enrolment": "SELECT enrolment_id, session_id, people, seats, status FROM enrolment",
        "participant": "SELECT session_id, person_id, enrolment_id FROM participant",
        "scan": "SELECT client_id FROM scan",
    },
    "notify": {
        "notice": "SELECT cause_id, recipient, template, channel FROM notice",
        "webhook_delivery": "SELECT endpoint_id, event_id FROM webhook_delivery",
    },
    "witness": {"effect": "SELECT consumer, event_id, aggregate, aggregate_id, version FROM effect ORDER BY id"},
}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One row of an outbox, opened."""

    id: str
    subject: str
    aggregate: str
    aggregate_id: Any
    version: int
    cause: str
    at: Any
    published: bool

    @property
    def fact(self) -> str:
        return ".".join(self.subject.split(".")[2:4])


@dataclass(slots=True)
class Evidence:
    """Rows by service and table, event ids by stream, and how long it took after the last fault until all was quiet."""

    said: dict[str, list[Said]] = field(default_factory=dict)
    rows: dict[str, dict[str, list[Row]]] = field(default_factory=dict)
    streams: dict[str, list[str]] = field(default_factory=dict)
    quiet_after: float | None = None
    restless: list[str] = field(default_factory=list)


async def gather(dsns: Mapping[str, str], nats_url: str, last_fault_at: float) -> Evidence:
    """Waits until nothing moves. Outboxes are read first, and what others made of them when all is quiet again.

    What moves at the deadline is late, and the run has failed; it is waited for, so that it is not taken for lost.
    """
    evidence = Evidence()
    evidence.restless = await _wait_until_quiet(dsns, nats_url, last_fault_at + QUIET_SECONDS)
    still = evidence.restless and await _wait_until_quiet(dsns, nats_url, time.monotonic() + LATE_SECONDS)
    if not still:
        evidence.quiet_after = round(time.monotonic() - last_fault_at, 1)
    for service, dsn in dsns.items():
        evidence.said[service] = [_said(row) for row in await _fetch(dsn, OUTBOX)]
    # A timer may have spoken since; what it said has its own minute to arrive.
    evidence.restless = evidence.restless or await _wait_until_quiet(dsns, nats_url, time.monotonic() + QUIET_SECONDS)
    for service, dsn in dsns.items():
        tables = TABLES | OWN_TABLES.get(service, {})
        evidence.rows[service] = {name: await _fetch(dsn, sql) for name, sql in tables.items()}
    connection = await nats.connect(nats_url)
    for stream in sorted({consumer["stream"] for consumer in consumers()} | {"EVT_NOTIFY"}):
        evidence.streams[stream] = await _ids_in(connection.jetstream(timeout=10), stream)
    await connection.close()
    return evidence


def _said(row: Row) -> Said:
    body = from_json(row["body"])
    return Said(
        body["id"], row["subject"], row["aggregate"], row["aggregate_id"], row["version"], body["causationid"],
        row["at"], row["stream_seq"] is not None,
    )  # fmt: skip


async def _fetch(dsn: str, sql: str) -> list[Row]:
    database = await asyncpg.connect(dsn, timeout=10, server_settings=UNBOUND)
    try:
        return [dict(row) for row in await database.fetch(sql)]
    finally:
        await database.close()


async def _wait_until_quiet(dsns: Mapping[str, str], nats_url: str, deadline: float) -> list[str]:
    """What still moves at the deadline; empty when every outbox is published and every consumer drained."""
    connection = await nats.connect(nats_url)
    try:
        restless = ["not looked yet"]
        while restless and time.monotonic() < deadline:
            await asyncio.sleep(0.5)
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, nats.errors.Error, APIError):
                restless = await _restless(dsns, connection.jetstream(timeout=5))
        return restless
    finally:
        await connection.close()


async def _restless(dsns: Mapping[str, str], jetstream: Any) -> list[str]:
    found: list[str] = []
    for service, dsn in dsns.items():
        [row] = await _fetch(dsn, UNPUBLISHED)
        if row["count"]:
            found.append(f"{service}: {row['count']} events unpublished")
    for consumer in consumers():
        info = await jetstream.consumer_info(consumer["stream"], consumer["durable"])
        if info.num_pending or info.num_ack_pending:
            found.append(f"{consumer['durable']}: {info.num_pending} pending, {info.num_ack_pending} unacknowledged")
    return found


async def _ids_in(jetstream: Any, stream: str) -> list[str]:
    """The id of every event of a stream, in order, by its body: headers may be what is wrong."""
    config = ConsumerConfig(deliver_policy=DeliverPolicy.ALL, ack_policy=AckPolicy.NONE, inactive_threshold=30)
    subscription = await jetstream.pull_subscribe("", stream=stream, config=config)
    ids: list[str] = []
    left = (await subscription.consumer_info()).num_pending or 0
    while left > 0:
        batch = await subscription.fetch(min(left, 1000), timeout=10)
        ids += [from_json(message.data)["id"] for message in batch]
        left -= len(batch)
    await subscription.unsubscribe()
    return ids
