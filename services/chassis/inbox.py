"""Which events are new to a consumer: by the inbox for effects, by the order gate for replicas."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

from asyncpg import Record

from contracts.envelope import CloudEvent

ADD_TO_INBOX: Final = """
INSERT INTO inbox (consumer, event_id, said_at)
SELECT $1, id, said_at FROM unnest($2::uuid[], $3::timestamptz[]) AS heard (id, said_at) ORDER BY id
ON CONFLICT DO NOTHING RETURNING event_id
"""
LOCK_GATES: Final = """
SELECT aggregate, aggregate_id, epoch, version FROM order_gate
WHERE consumer = $1 AND aggregate_id = ANY ($2::uuid[]) ORDER BY aggregate_id, aggregate FOR UPDATE
"""
# A new aggregate has no row to lock: of two that begin it at once, the key lets one through and the other tries again.
ADD_GATES: Final = """
INSERT INTO order_gate (consumer, aggregate, aggregate_id, epoch, version)
SELECT $1, heard.* FROM unnest($2::text[], $3::uuid[], $4::bigint[], $5::int[]) AS heard (aggregate, id, epoch, version)
ORDER BY id, aggregate
"""
SET_GATES: Final = """
UPDATE order_gate AS gate SET epoch = heard.epoch, version = heard.version
FROM unnest($2::text[], $3::uuid[], $4::bigint[], $5::int[]) AS heard (aggregate, id, epoch, version)
WHERE gate.consumer = $1 AND gate.aggregate_id = heard.id AND gate.aggregate = heard.aggregate
"""

Key = tuple[str, UUID]


class Position(NamedTuple):
    """The last applied step of an aggregate: the epoch of its owner's database, and the version."""

    epoch: int = 1
    version: int = 0


class Steps(NamedTuple):
    """Events parted by the gate: the next steps in order, those that came too early, and those of a lost future."""

    due: list[CloudEvent[Any]]
    early: list[CloudEvent[Any]]
    ghosts: list[CloudEvent[Any]]


class Database(Protocol):
    async def fetch(self, query: str, *args: Any) -> list[Record]: ...
    async def execute(self, query: str, *args: Any) -> str: ...


def aggregate_of(event: CloudEvent[Any]) -> Key:
    return type(event.data).contract.aggregate, event.aggregate_id


async def take_new(database: Database, consumer: str, events: Sequence[CloudEvent[Any]]) -> list[CloudEvent[Any]]:
    """The events this consumer has not had, each once, in the order given; they are entered in the inbox."""
    unique = {event.id: event for event in events}
    rows = await database.fetch(ADD_TO_INBOX, consumer, list(unique), [event.time for event in unique.values()])
    new = {row["event_id"] for row in rows}
    return [event for event in unique.values() if event.id in new]


def next_steps(positions: dict[Key, Position], events: Sequence[CloudEvent[Any]]) -> Steps:
    """Parts events by the last applied step of their aggregate; `positions` is moved on. Pure: no I/O.

    A higher epoch takes over from any version that it follows or repeats: what was applied beyond it was undone by a
    restore. A lower epoch is a ghost of the future that was undone. What was applied before is in none of the lists.
    """
    steps = Steps([], [], [])
    for event in sorted(events, key=lambda each: (each.epoch, each.aggversion)):
        key = aggregate_of(event)
        last = positions.get(key, Position())
        if event.epoch < last.epoch:
            steps.ghosts.append(event)
        elif event.aggversion > last.version + 1:
            steps.early.append(event)
        elif event.aggversion == last.version + 1 or event.epoch > last.epoch:
            positions[key] = Position(event.epoch, event.aggversion)
            steps.due.append(event)
    return steps


async def pass_gate(database: Database, consumer: str, events: Sequence[CloudEvent[Any]]) -> Steps:
    """Parts events by the gates of their aggregates and moves the gates, whose rows stay locked."""
    rows = await database.fetch(LOCK_GATES, consumer, list({event.aggregate_id for event in events}))
    known = {(row["aggregate"], row["aggregate_id"]): Position(row["epoch"], row["version"]) for row in rows}
    positions = dict(known)
    steps = next_steps(positions, events)
    moved = [key for key, position in positions.items() if position is not known.get(key)]
    begun, gone_on = [key for key in moved if key not in known], [key for key in moved if key in known]
    for sql, keys in (ADD_GATES, begun), (SET_GATES, gone_on):
        if keys:
            columns = map(list, zip(*((*key, *positions[key]) for key in keys), strict=True))
            await database.execute(sql, consumer, *columns)
    return steps
