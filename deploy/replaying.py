"""Hands events of the archive to one consumer again, and to no other (docs/decisions/0008).

The inbox and the order gate decide as ever what is new to it. Silent, a new event counts as handled and only what the
consumer remembers changes: nothing is said, planned or sent because of it, now or later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import nats
from asyncpg import Record

from contracts.envelope import CloudEvent
from deploy.archive import Range, list_pages, open_rows
from services.chassis.consumers import Consumer
from services.chassis.database import OUTAGES, Connection
from services.chassis.handlers import Hearing
from services.chassis.logs import kind_of


@dataclass(slots=True)
class Replayed:
    """How a replay went, by number of events; `early` and `failed` are by the event's id, failures with their reason.

    `taken` were new and are handled now, `had` were handled before, `early` wait for an earlier version of their
    aggregate. `on_the_way` are still to come by the stream: a silent replay leaves them to it, with their effects.
    """

    taken: int = 0
    had: int = 0
    on_the_way: int = 0
    early: list[UUID] = field(default_factory=list)
    failed: dict[UUID, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return not self.early and not self.failed

    @property
    def events(self) -> int:
        return self.taken + self.had + self.on_the_way + len(self.early) + len(self.failed)


async def replay(
    consumer: Consumer,
    hearing: Hearing,
    archive: Connection,
    chosen: Range,
    *,
    effects: bool,
    heard_up_to: int,
    tell: Callable[[int], None],
) -> Replayed:
    """Hands over the chosen events, oldest first. `heard_up_to` is the place in the stream up to which the consumer
    has acknowledged everything; `tell` hears after each page how many are done. Raises when the database is away."""
    done = Replayed()
    async for rows in list_pages(archive, hearing.events, chosen):
        mine = rows if effects or hearing.react is None else [row for row in rows if _has_come(row, heard_up_to)]
        done.on_the_way += len(rows) - len(mine)
        await _hand_over(consumer, open_rows(mine), effects, done)
        tell(done.events)
    return done


def _has_come(row: Record, heard_up_to: int) -> bool:
    return row["stream_seq"] is not None and row["stream_seq"] <= heard_up_to


async def _hand_over(consumer: Consumer, events: Sequence[CloudEvent[Any]], effects: bool, done: Replayed) -> None:
    """All in one transaction; when that fails one by one, so that a bad event harms only itself."""
    if not events:
        return
    try:
        taken, early = await consumer.take(events, silent=not effects)
    except OUTAGES:
        raise
    except Exception as error:
        if len(events) == 1:
            done.failed[events[0].id] = kind_of(error)
            return
        for event in sorted(events, key=lambda each: each.aggversion):
            await _hand_over(consumer, [event], effects, done)
        return
    done.taken += len(taken)
    done.early += [event.id for event in early]
    done.had += len(events) - len(taken) - len(early)


async def find_heard_up_to(nats_url: str, hearing: Hearing) -> int:
    """The place in the stream up to which the consumer has acknowledged everything."""
    connection = await nats.connect(nats_url, name="linli-replay", connect_timeout=5, max_reconnect_attempts=3)
    try:
        info = await connection.jetstream(timeout=5).consumer_info(hearing.stream, hearing.durable)
        return info.ack_floor.stream_seq if info.ack_floor else 0
    finally:
        await connection.close()
