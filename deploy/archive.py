"""The archive: what a service ever said, read from its outbox (docs/decisions/0002)."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from asyncpg import Record

from contracts import catalogue, envelope
from contracts.envelope import CloudEvent
from contracts.message import Event
from deploy.local.trouble import Trouble
from deploy.local.words import say
from services.chassis.database import Connection
from services.chassis.inbox import Key

PAGE: Final = 500
LIST_STEPS: Final = """
SELECT outbox.type, outbox.body
FROM unnest($1::text[], $2::uuid[], $3::int[], $4::int[]) AS step (aggregate, id, after, upto)
JOIN outbox ON outbox.aggregate_id = step.id AND outbox.aggregate = step.aggregate
    AND outbox.version > step.after AND outbox.version <= step.upto
"""
LIST_RANGE: Final = """
SELECT id, event_id, type, body, at, stream_seq FROM outbox
WHERE type = ANY ($1::text[]) AND id > $2 AND ($3::uuid[] IS NULL OR event_id = ANY ($3::uuid[]))
    AND ($4::timestamptz IS NULL OR at >= $4) AND ($5::timestamptz IS NULL OR at < $5)
ORDER BY id LIMIT $6
"""


class Steps(NamedTuple):
    """The steps of one aggregate after one version, up to another."""

    aggregate: str
    aggregate_id: UUID
    after: int
    upto: int

    @property
    def key(self) -> Key:
        return self.aggregate, self.aggregate_id


@dataclass(frozen=True, slots=True)
class Range:
    """Which events: said at or after `begins` and before `ends`, or those with these ids; None leaves a side open."""

    begins: datetime | None = None
    ends: datetime | None = None
    ids: tuple[UUID, ...] | None = None


async def list_steps(archive: Connection, steps: Sequence[Steps]) -> list[CloudEvent[Any]]:
    """The events of these steps, in no order; those that the archive does not hold are missing."""
    return open_rows(await archive.fetch(LIST_STEPS, *map(list, zip(*steps, strict=True))))


async def list_pages(archive: Connection, kinds: Collection[type[Event]], chosen: Range) -> AsyncIterator[list[Record]]:
    """Rows of the events of these kinds, oldest first, at most 500 at a time."""
    types = [kind.contract.type for kind in kinds]
    ids = None if chosen.ids is None else list(chosen.ids)
    after = 0
    while rows := await archive.fetch(LIST_RANGE, types, after, ids, chosen.begins, chosen.ends, PAGE):
        yield rows
        after = rows[-1]["id"]


def open_rows(rows: Sequence[Record]) -> list[CloudEvent[Any]]:
    """The events of archive rows, kind by kind, so in another order. Trouble for an unknown type."""
    bodies: dict[str, list[bytes]] = {}
    for row in rows:
        bodies.setdefault(row["type"], []).append(row["body"].encode())
    return [event for type_name, found in bodies.items() for event in envelope.read_many(_kind_of(type_name), found)]


def _kind_of(type_name: str) -> type[Event]:
    kind = catalogue.event_by_type(type_name)
    if kind is None:
        raise Trouble(
            say(
                f"归档中有未知类型的事件 {type_name}。请使用与系统相同的版本。",
                f"The archive holds events of the unknown type {type_name}. Use the release that runs.",
            )
        )
    return kind
