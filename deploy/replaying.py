"""Hands events of the archive to one consumer again, and to no other (docs/decisions/0008).

The inbox and the order gate decide as ever what is new to it. Silent, a new event counts as handled and only what the
consumer remembers changes: nothing is said, planned or sent because of it, now or later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import nats

from contracts.envelope import CloudEvent
from deploy.archive import Range, list_pages, open_rows
from services.chassis import quarantine
from services.chassis.bus import tls_of
from services.chassis.consumers import Consumer
from services.chassis.database import OUTAGES, Connection
from services.chassis.handlers import Hearing
from services.chassis.logs import kind_of
from services.chassis.running import Running

# Before that an inbox no longer knows what was handled: with effects, it would be done twice.
REMEMBERED: Final = "SELECT $1::timestamptz - make_interval(days => inbox_days) FROM retention"


@dataclass(slots=True)
class Replayed:
    """How a replay went, by number of events; `early` and `failed` are by the event's id, failures with their reason.

    `taken` were new and are handled now, `had` were handled before, `early` wait for an earlier version of their
    aggregate. `on_the_way` are still to come by the stream, or wait in quarantine for a person: a silent replay leaves
    them and their effects alone.
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


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the stream has brought to a consumer for good: all up to a place, but for what waits in its quarantine."""

    up_to: int
    waiting: frozenset[int] = frozenset()

    def holds(self, place: int | None) -> bool:
        return place is not None and place <= self.up_to and place not in self.waiting


async def replay(
    consumer: Consumer,
    hearing: Hearing,
    archive: Connection,
    chosen: Range,
    *,
    effects: bool,
    arrived: Arrived,
    now: datetime,
    tell: Callable[[int], None],
) -> Replayed:
    """Hands over the chosen events, oldest first; `tell` hears after each page how many are done.

    With effects, what was said before the inbox's time (by `now`) fails: it would be done twice.

    Raises asyncpg errors when a database is away; repeated, it leaves out what was handled.
    """
    done = Replayed()
    remembered = await archive.fetchval(REMEMBERED, now)
    async for rows in list_pages(archive, hearing.events, chosen):
        if effects and not hearing.in_order and remembered is not None:
            done.failed |= {row["event_id"]: "older than the inbox remembers" for row in rows if row["at"] < remembered}
            rows = [row for row in rows if row["at"] >= remembered]
        swallows = hearing.react is not None and not effects
        mine = [row for row in rows if arrived.holds(row["stream_seq"])] if swallows else rows
        done.on_the_way += len(rows) - len(mine)
        await _hand_over(consumer, open_rows(mine), effects, done)
        tell(done.events)
    return done


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


async def find_arrived(running: Running, hearing: Hearing) -> Arrived:
    """Asks the stream, by the service's own key, what the consumer acknowledged, and its database what it buried."""
    settings = running.settings
    connection = await nats.connect(
        settings.nats_url,
        name="linli-replay",
        nkeys_seed=str(settings.nats_seed_file),
        tls=tls_of(settings),
        inbox_prefix=f"_INBOX_{running.service.name}",
        connect_timeout=5,
        max_reconnect_attempts=3,
    )
    try:
        info = await connection.jetstream(timeout=5).consumer_info(hearing.stream, hearing.durable)
    finally:
        await connection.close()
    waiting = await quarantine.list_waiting(running.pool, hearing.durable)
    return Arrived(info.ack_floor.stream_seq if info.ack_floor else 0, frozenset(waiting))
