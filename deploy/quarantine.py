"""What a person may do with a quarantined message: look, publish it again, or give it up.

Published again, the event reaches every consumer of its subject. Those that had it leave it out, effects by the inbox
(`event_id`) and replicas by the order gate (`aggversion`); the consumer that failed has neither, because its
transaction was undone, so it alone handles it. Where every step of an aggregate counts, the aggregate's later events
are held back behind the gate until then: giving one up must move the gate past it, or they would wait for ever.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg
import nats
from pydantic_core import from_json

from contracts.envelope import CONTENT_TYPE
from deploy.local.trouble import Trouble
from deploy.local.words import say
from deploy.nats.topology import service_of
from deploy.postgres.logins import ensure_logins, owner_dsn
from services.chassis.quarantine import END, GET, LIST_OPEN

MOST: Final = 500
PUBLISH_SECONDS: Final = 10.0
LOCK: Final = "SELECT * FROM quarantine WHERE id = $1 AND ended_at IS NULL FOR UPDATE"
ADD_GATE: Final = """
INSERT INTO order_gate (consumer, aggregate, aggregate_id, version) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING
"""
PASS_GATE: Final = """
UPDATE order_gate SET version = $4
WHERE consumer = $1 AND aggregate = $2 AND aggregate_id = $3 AND version = $4 - 1
"""


class Step(NamedTuple):
    """Which step of which aggregate an event is."""

    aggregate: str
    aggregate_id: UUID
    version: int


@asynccontextmanager
async def opened(server_dsn: str, secrets: Path, service: str) -> AsyncIterator[Any]:
    """A connection to the service's database as its owner."""
    dsn = owner_dsn(server_dsn, service, ensure_logins(secrets))
    database = await asyncpg.connect(dsn, timeout=5, command_timeout=15)
    try:
        yield database
    finally:
        await database.close(timeout=2)


async def list_open(database: Any) -> list[dict[str, Any]]:
    """What waits for a decision, oldest first, at most MOST."""
    return [dict(row) for row in await database.fetch(LIST_OPEN, MOST)]


async def get(database: Any, service: str, id: int) -> dict[str, Any]:
    """One message, also one that was decided on. Trouble when there is none."""
    row = await database.fetchrow(GET, id)
    if row is None:
        raise _unknown(service, id)
    return dict(row)


async def replay(database: Any, nats_url: str, service: str, id: int, why: str, seed: Path | None = None) -> None:
    """Publishes the stored bytes, then marks the row. Trouble when it is not open, or the stream does not confirm.

    `seed` is the operator's key; without one, her login is in `nats_url`. Repeated after a crash in between, the
    stream drops the second copy: the message id follows from the row.
    """
    async with database.transaction():
        row = await _lock(database, service, id)
        await _publish(nats_url, seed, service, row)
        await database.execute(END, id, datetime.now(UTC), "replayed", why or None)


async def discard(database: Any, service: str, id: int, why: str) -> None:
    """Marks the row; where its consumer counts every step, the step counts as done. Trouble when it is not open."""
    async with database.transaction():
        row = await _lock(database, service, id)
        step = step_of(row["subject"], row["body"])
        if step is not None and _counts_steps(service, row["consumer"]):
            await database.execute(ADD_GATE, row["consumer"], step.aggregate, step.aggregate_id)
            await database.execute(PASS_GATE, row["consumer"], *step)
        await database.execute(END, id, datetime.now(UTC), "discarded", why)


def step_of(subject: str, body: bytes) -> Step | None:
    """The step an event is; None for bytes that are no event, which no gate waits for."""
    try:
        event = from_json(body)
        return Step(subject.split(".")[2], UUID(event["subject"]), int(event["aggversion"]))
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _counts_steps(service: str, consumer: str) -> bool:
    return any(hearing.in_order for hearing in service_of(service).hearings if hearing.durable == consumer)


async def _lock(database: Any, service: str, id: int) -> Any:
    row = await database.fetchrow(LOCK, id)
    if row is None:
        raise _unknown(service, id)
    return row


async def _publish(nats_url: str, seed: Path | None, service: str, row: Any) -> None:
    stream = f"EVT_{row['subject'].split('.')[1].upper()}"
    content = blake2b(row["body"], digest_size=8).hexdigest()
    headers = {"Nats-Msg-Id": f"replay.{service}.{row['id']}.{content}", "Content-Type": CONTENT_TYPE}
    try:
        connection = await nats.connect(
            nats_url,
            name="linli-dead",
            nkeys_seed=str(seed) if seed else None,
            inbox_prefix="_INBOX_operator",
            connect_timeout=5,
            max_reconnect_attempts=3,
        )
        try:
            jetstream = connection.jetstream(timeout=PUBLISH_SECONDS)
            await jetstream.publish(row["subject"], row["body"], stream=stream, headers=headers)
        finally:
            await connection.close()
    except (nats.errors.Error, OSError) as failure:
        raise Trouble(
            say(
                f"消息流没有确认（{type(failure).__name__}），未作标记。请稍后重试。",
                f"The stream did not confirm ({type(failure).__name__}); nothing was marked. Try again in a moment.",
            )
        ) from failure


def _unknown(service: str, id: int) -> Trouble:
    return Trouble(
        say(
            f"{service} 没有编号 {id} 的待处理消息。请看 ./linli dead list {service}。",
            f"{service} has no open message {id}. See ./linli dead list {service}.",
        )
    )
