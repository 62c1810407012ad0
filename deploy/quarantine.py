"""What a person may do with a quarantined message: look, hand it to its consumer again, or give it up.

Handed over again, it reaches the consumer that failed and nobody else, by that consumer's own code: the inbox or the
order gate leaves it out if it was handled meanwhile. Where every step of an aggregate counts, the aggregate's later
events are held back behind the gate until then: giving one up must move the gate past it, or they would wait for ever.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg
from pydantic_core import from_json

from contracts import catalogue, envelope
from contracts.envelope import CloudEvent
from deploy.local.trouble import Trouble
from deploy.local.words import say
from deploy.nats.topology import service_of
from deploy.postgres.logins import ensure_logins, owner_dsn
from services.chassis.consumers import Consumer
from services.chassis.inbox import ADD_TO_INBOX
from services.chassis.logs import kind_of
from services.chassis.quarantine import END, GET, LIST_OPEN
from services.chassis.running import Running
from services.chassis.scope import UNBOUND

MOST: Final = 500
MOST_STEPS: Final = 2**31 - 1
"""A gate counts no further."""
LOCK: Final = "SELECT * FROM quarantine WHERE id = $1 AND ended_at IS NULL FOR UPDATE"
ADD_GATE: Final = """
INSERT INTO order_gate (consumer, aggregate, aggregate_id, version) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING
"""
# As the gate itself would: the next version, or whatever a higher epoch follows or repeats.
PASS_GATE: Final = """
UPDATE order_gate SET version = $4, epoch = $5
WHERE consumer = $1 AND aggregate = $2 AND aggregate_id = $3
      AND (epoch = $5 AND version = $4 - 1 OR epoch < $5 AND version >= $4 - 1)
RETURNING true
"""
SKIP: Final = "UPDATE quarantine SET skipped_step = true WHERE id = $1"
# The version that the gate waits for, where the step is not the next one but a later one.
WAITS_FOR: Final = """
SELECT version + 1 FROM order_gate
WHERE consumer = $1 AND aggregate = $2 AND aggregate_id = $3 AND version < $4 - 1 AND epoch <= $5
"""


class Step(NamedTuple):
    """Which step of which aggregate an event is."""

    aggregate: str
    aggregate_id: UUID
    version: int
    epoch: int


@asynccontextmanager
async def opened(server_dsn: str, secrets: Path, service: str) -> AsyncIterator[Any]:
    """A connection to the service's database as its owner."""
    dsn = owner_dsn(server_dsn, service, ensure_logins(secrets))
    database = await asyncpg.connect(dsn, timeout=5, command_timeout=15, server_settings=UNBOUND)
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


async def replay(database: Any, running: Running, id: int, why: str) -> None:
    """Hands the stored message to its consumer, then marks the row. Trouble when it is not open, or fails again.

    Repeated after a crash in between, the consumer has had the event and leaves it out.
    """
    async with database.transaction():
        row = await _lock(database, running.service.name, id)
        hearing = next((each for each in running.service.hearings if each.durable == row["consumer"]), None)
        if hearing is None:
            raise _failed_again(f"no consumer {row['consumer']}")
        try:
            event = _open(row["subject"], row["body"])
            _, early = await Consumer(hearing, running).take([event])
        except Exception as error:
            raise _failed_again(kind_of(error)) from error
        if early:
            raise _failed_again(f"version {event.aggversion - 1} is not handled yet")
        await database.execute(END, id, datetime.now(UTC), "replayed", why or None)


async def discard(database: Any, service: str, id: int, why: str) -> None:
    """Marks the row; for its consumer the event counts as handled, whatever brings it once more. Trouble when it is not
    open, and where every step counts and an earlier one is not handled yet: the gate would wait for this one for ever.
    """
    async with database.transaction():
        row = await _lock(database, service, id)
        if _counts_steps(service, row["consumer"]):
            await _pass(database, row)
        else:
            await _enter(database, row)
        await database.execute(END, id, datetime.now(UTC), "discarded", why)


async def _pass(database: Any, row: Any) -> None:
    step = step_of(row["subject"], row["body"])
    if step is None:
        return
    await database.execute(ADD_GATE, row["consumer"], step.aggregate, step.aggregate_id)
    if await database.fetchval(PASS_GATE, row["consumer"], *step):
        await database.execute(SKIP, row["id"])
    elif version := await database.fetchval(WAITS_FOR, row["consumer"], *step):
        raise _too_soon(version)


async def _enter(database: Any, row: Any) -> None:
    """Into the inbox, where it is an event."""
    try:
        event = from_json(row["body"])
        heard = [UUID(event["id"])], [datetime.fromisoformat(event["time"]).astimezone(UTC)]
    except (ValueError, KeyError, TypeError):
        return
    await database.execute(ADD_TO_INBOX, row["consumer"], *heard)


def step_of(subject: str, body: bytes) -> Step | None:
    """The step an event is; None for bytes that are no event, which no gate waits for."""
    try:
        event = from_json(body)
        version, epoch = int(event["aggversion"]), int(event.get("epoch", 1))
        step = Step(subject.split(".")[2], UUID(event["subject"]), version, epoch)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError):
        return None
    return step if 0 < version <= MOST_STEPS and 0 < epoch < 2**63 else None


def _counts_steps(service: str, consumer: str) -> bool:
    return any(hearing.in_order for hearing in service_of(service).hearings if hearing.durable == consumer)


async def _lock(database: Any, service: str, id: int) -> Any:
    try:
        row = await database.fetchrow(LOCK, id)
    except asyncpg.LockNotAvailableError as held:
        raise _held(id) from held
    if row is None:
        raise _unknown(service, id)
    return row


def _open(subject: str, body: bytes) -> CloudEvent[Any]:
    """The event in a stored message. Raises ValueError for what nobody can read."""
    kind = catalogue.event_of_subject(subject)
    if kind is None:
        raise ValueError("unknown type")
    return envelope.read(kind, body)


def _failed_again(reason: str) -> Trouble:
    return Trouble(
        say(
            f"仍然无法处理（{reason}），未作标记。请修复原因后再试，或用 discard 放弃。",
            f"It cannot be handled yet ({reason}); nothing was marked. Mend the cause and try again, or discard it.",
        )
    )


def _too_soon(version: int) -> Trouble:
    return Trouble(
        say(
            f"尚未处理该对象的第 {version} 版，未作标记。请先处理它，否则后面的事件会一直等待。",
            f"Of what it is about, version {version} is not handled yet; nothing was marked. Decide on that one first, "
            "or what comes later would wait for ever.",
        )
    )


def _held(id: int) -> Trouble:
    return Trouble(
        say(
            f"另一个人正在处理编号 {id} 的消息，未作标记。请稍后再看。",
            f"Somebody else decides on message {id} at this moment; nothing was marked. Look again later.",
        )
    )


def _unknown(service: str, id: int) -> Trouble:
    return Trouble(
        say(
            f"{service} 没有编号 {id} 的待处理消息。请看 ./linli dead list {service}。",
            f"{service} has no open message {id}. See ./linli dead list {service}.",
        )
    )
