"""Which events are new to a consumer: by the inbox for effects, by the order gate for replicas."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from asyncpg import Record

from contracts.envelope import CloudEvent

ADD_TO_INBOX: Final = """
INSERT INTO inbox (consumer, event_id, at)
SELECT $1, id, $3 FROM unnest($2::uuid[]) AS heard (id) ORDER BY id
ON CONFLICT DO NOTHING RETURNING event_id
"""
LOCK_GATES: Final = """
SELECT aggregate, aggregate_id, version FROM order_gate
WHERE consumer = $1 AND aggregate_id = ANY ($2::uuid[]) ORDER BY aggregate_id, aggregate FOR UPDATE
"""
# A new aggregate has no row to lock: of two that begin it at once, the key lets one through and the other tries again.
ADD_GATES: Final = """
INSERT INTO order_gate (consumer, aggregate, aggregate_id, version)
SELECT $1, heard.* FROM unnest($2::text[], $3::uuid[], $4::int[]) AS heard (aggregate, id, version)
ORDER BY id, aggregate
"""
SET_GATES: Final = """
UPDATE order_gate AS gate SET version = heard.version
FROM unnest($2::text[], $3::uuid[], $4::int[]) AS heard (aggregate, id, version)
WHERE gate.consumer = $1 AND gate.aggregate_id = heard.id AND gate.aggregate = heard.aggregate
"""

Key = tuple[str, UUID]


class Database(Protocol):
    async def fetch(self, query: str, *args: Any) -> list[Record]: ...
    async def execute(self, query: str, *args: Any) -> str: ...


def aggregate_of(event: CloudEvent[Any]) -> Key:
    return type(event.data).contract.aggregate, event.aggregate_id


async def take_new(
    database: Database, consumer: str, events: Sequence[CloudEvent[Any]], now: datetime
) -> list[CloudEvent[Any]]:
    """The events this consumer has not had, each once, in the order given; they are entered in the inbox."""
    unique = {event.id: event for event in events}
    rows = await database.fetch(ADD_TO_INBOX, consumer, list(unique), now)
    new = {row["event_id"] for row in rows}
    return [event for event in unique.values() if event.id in new]


def next_steps(
    versions: dict[Key, int], events: Sequence[CloudEvent[Any]]
) -> tuple[list[CloudEvent[Any]], list[CloudEvent[Any]]]:
    """Parts events into those that are the next step of their aggregate and those that came too early.

    `versions` holds the last applied version of each aggregate and is moved on. What was applied before is in
    neither list. Pure: no I/O.
    """
    due: list[CloudEvent[Any]] = []
    early: list[CloudEvent[Any]] = []
    for event in sorted(events, key=lambda each: each.aggversion):
        key = aggregate_of(event)
        last = versions.get(key, 0)
        if event.aggversion == last + 1:
            versions[key] = event.aggversion
            due.append(event)
        elif event.aggversion > last + 1:
            early.append(event)
    return due, early


async def pass_gate(
    database: Database, consumer: str, events: Sequence[CloudEvent[Any]]
) -> tuple[list[CloudEvent[Any]], list[CloudEvent[Any]]]:
    """The events that are the next step of their aggregate, and those to hold back; the gate's rows stay locked."""
    rows = await database.fetch(LOCK_GATES, consumer, list({event.aggregate_id for event in events}))
    known = {(row["aggregate"], row["aggregate_id"]): row["version"] for row in rows}
    versions = dict(known)
    due, early = next_steps(versions, events)
    moved = dict.fromkeys(map(aggregate_of, due))
    begun, gone_on = [key for key in moved if key not in known], [key for key in moved if key in known]
    for sql, keys in (ADD_GATES, begun), (SET_GATES, gone_on):
        if keys:
            columns = map(list, zip(*((*key, versions[key]) for key in keys), strict=True))
            await database.execute(sql, consumer, *columns)
    return due, early
