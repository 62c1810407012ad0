"""Hears events: batch pull, one transaction a batch, ack after commit, item by item when a batch fails."""

import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from nats.aio.msg import Msg
from pydantic import ValidationError
from pydantic_core import to_json

from contracts import catalogue, envelope
from contracts.envelope import CloudEvent

from . import quarantine, restored
from .database import CLASHES, OUTAGES, Pooled
from .handlers import Hearing
from .inbox import Steps, pass_gate, take_new
from .limits import HANDLER_SECONDS, bounded
from .logs import kind_of
from .pull import StandingPull
from .running import Running
from .scope import EVERYWHERE, transaction
from .telemetry import EVENT_SECONDS, EVENTS_HEARD, QUARANTINED, continued, log, timed
from .transaction import Cause, Transaction

BATCH: Final = 500
EARLY_SECONDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
ALONE_AFTER: Final = 2
"""Deliveries. What comes more often may be what ended the process before: alone, it takes no good message with it."""
MAX_BEGUN: Final = 2
"""So often a message may be begun and end the process. After this it is its, and not another's, fault."""
MAX_DELIVERIES: Final = 40
QUICK_DELIVERIES: Final = 3
"""A clash is tried again almost at once so often; one that lasts is no clash."""
MAX_REMEMBERED: Final = 10_000

T = TypeVar("T")


@dataclass(slots=True)
class Heard:
    """A delivered message and the event in it."""

    message: Msg
    event: CloudEvent[Any]


class Consumer:
    """One durable of this service."""

    def __init__(self, hearing: Hearing, running: Running) -> None:
        self._hearing = hearing
        self._running = running
        self._durable = hearing.durable
        self.pull = StandingPull(running.nats, hearing.stream, hearing.durable)
        self._seconds = EVENT_SECONDS.labels(self._durable)
        self._applied = EVENTS_HEARD.labels(self._durable, "applied")
        self._failures: dict[int, int] = {}
        self._early: set[int] = set()
        self._epoch = 1

    async def run(self) -> None:
        """Pulls and handles until the service stops; then hands back what it had not begun."""
        while not self._running.stopping.is_set():
            messages = await self.pull.take(BATCH)
            self._running.begin()
            try:
                with timed(self._seconds):
                    together, suspects = apart(messages, self._failures, self._early)
                    if together:
                        await self._take_on(together)
                    for each in suspects:
                        await self._take_on_alone(each)
            finally:
                self._running.end()

    async def hand_back(self) -> None:
        """Gives undone messages back at once, so that a successor need not wait for the ack time-out (promise 6)."""
        for message in await self.pull.give_back():
            await self._respond(message, b"-NAK")

    async def _take_on(self, messages: list[Msg]) -> None:
        if self._running.stopping.is_set():
            for message in messages:
                await self._respond(message, b"-NAK")
        else:
            await self._handle(messages)

    async def _take_on_alone(self, message: Msg) -> None:
        """One that this process outlived; or its handler may have ended the process before: that it is begun is written
        down first, and taken back when it has come to an end, good or bad. One suspect at a time in the whole process,
        or one consumer's would be blamed for what another's did."""
        if quarantine.delivery_of(message)[1] in self._failures:
            await self._take_on([message])
            return
        pool, now = self._running.pool, self._running.clock.now()
        async with self._running.suspecting:
            begun = await self._surely(lambda: quarantine.begin(pool, self._durable, message, now))
            if begun is not None and begun > MAX_BEGUN and not self._running.sabotaged("no-last-try"):
                await self._bury(message, "ended-the-process", begun - 1)
            else:
                await self._take_on([message])
            await self._surely(lambda: quarantine.end(pool, self._durable, message))

    async def _surely(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """Tries until the database is there; None where the service stops before."""
        while True:
            try:
                return await work()
            except OUTAGES as error:
                await self._wait_for_database(error)
                if self._running.stopping.is_set():
                    return None

    async def _wait_for_database(self, error: Exception) -> None:
        log.warning("waiting for the database", durable=self._durable, error=kind_of(error))
        await self._running.pause(1.0)

    async def _handle(self, messages: list[Msg]) -> None:
        heard = await self._open(messages)
        while heard:
            try:
                await self._apply(heard)
                heard = []
            except OUTAGES as error:
                # The messages are good and the database is away: nothing new is pulled until it is back.
                await self._wait_for_database(error)
                if self._running.stopping.is_set():
                    await self._nak(heard, 0.0)
                    heard = []
            except Exception as error:
                await self._one_by_one(heard, error)
                heard = []

    async def _one_by_one(self, heard: list[Heard], error: Exception) -> None:
        """A batch failed: each event on its own, so that a bad one harms only itself."""
        if len(heard) == 1:
            await self._failed(heard[0], error)
            return
        for one in heard:
            await self._handle([one.message])

    async def _open(self, messages: list[Msg]) -> list[Heard]:
        """Reads a batch kind by kind in one pass; only when that fails, message by message."""
        by_kind: dict[str, list[Msg]] = {}
        for message in messages:
            by_kind.setdefault(message.subject.rsplit(".", 4)[0], []).append(message)
        heard: list[Heard] = []
        for group in by_kind.values():
            kind = catalogue.event_of_subject(group[0].subject)
            if kind is None:
                for message in group:
                    await self._bury(message, "unknown-type", 1)
                continue
            try:
                events = envelope.read_many(kind, [message.data for message in group])
                heard += [Heard(message, event) for message, event in zip(group, events, strict=True)]
            except (ValidationError, ValueError):
                heard += await self._open_singly(kind, group)
        return heard

    async def _open_singly(self, kind: Any, group: list[Msg]) -> list[Heard]:
        heard: list[Heard] = []
        for message in group:
            try:
                heard.append(Heard(message, envelope.read(kind, message.data)))
            except (ValidationError, ValueError) as error:
                await self._bury(message, f"unreadable {type(error).__name__}", 1)
        return heard

    async def _apply(self, heard: list[Heard]) -> None:
        if self._running.sabotaged("ack-first"):
            await self._ack(heard)
        early = {event.id for event in await self.apply([each.event for each in heard])}
        await self._ack([each for each in heard if each.event.id not in early])
        if len(self._early) > MAX_REMEMBERED:
            self._early.clear()
        for each in heard:
            if each.event.id in early:
                deliveries, seq = quarantine.delivery_of(each.message)
                self._early.add(seq)
                await self._nak([each], early_delay(deliveries))

    async def apply(self, events: Sequence[CloudEvent[Any]]) -> list[CloudEvent[Any]]:
        """Handles what is new of a batch in one transaction; returns what came too early and must come again."""
        _, early = await self.take(events)
        return early

    async def take(
        self, events: Sequence[CloudEvent[Any]], *, silent: bool = False
    ) -> tuple[list[CloudEvent[Any]], list[CloudEvent[Any]]]:
        """The same, told with what was new. `silent`: it counts as handled, but nothing beyond memory comes of it."""
        events = self._misread(events)
        said = False
        epoch = max(event.epoch for event in events)
        async with self._running.pool.acquire() as connection, transaction(connection, EVERYWHERE):
            if self._hearing.in_order:
                steps = await pass_gate(connection, self._durable, events)
            else:
                steps = Steps(await take_new(connection, self._durable, events), [], [])
            if self._running.sabotaged("no-version-gate" if self._hearing.in_order else "no-inbox"):
                steps = Steps(list(events), [], [])
            if steps.due:
                said = await self._run_handler(connection, steps.due, silent)
            if epoch > self._epoch:
                source = self._hearing.events[0].contract.service
                await restored.note(connection, self._durable, source, epoch, self._running.clock.now())
        self._epoch = max(self._epoch, epoch)
        self._tell_ghosts(steps.ghosts)
        if said:
            self._running.relay_wake.set()
        return steps.due, steps.early

    def _tell_ghosts(self, ghosts: list[CloudEvent[Any]]) -> None:
        for ghost in ghosts:
            log.warning("dropped an event from before a restore", durable=self._durable, event_id=str(ghost.id))
        if ghosts:
            EVENTS_HEARD.labels(self._durable, "ghost").inc(len(ghosts))

    def _misread(self, events: Sequence[CloudEvent[Any]]) -> Sequence[CloudEvent[Any]]:
        """The events as they are, unless a test wants them seen without epoch, or dated by their arrival."""
        if self._running.sabotaged("no-epoch"):
            return [event.model_copy(update={"epoch": 1}) for event in events]
        if self._running.sabotaged("inbox-by-arrival"):
            return [event.model_copy(update={"time": self._running.clock.now()}) for event in events]
        return events

    async def _run_handler(self, connection: Pooled, events: Sequence[CloudEvent[Any]], silent: bool) -> bool:
        running = self._running
        if running.sabotaged("now-in-projection"):
            events = [event.model_copy(update={"time": running.clock.now()}) for event in events]
        scope = running.actor.region
        causes = [Cause(running.actor.id, scope, event.correlationid, event.id, event.traceparent) for event in events]
        with continued(f"process {self._durable}", causes) as inner:
            tx = Transaction(connection, running.clock.now(), running.actor, inner[0])
            tx.causes = {event.id: cause for event, cause in zip(events, inner, strict=True)}
            async with bounded(HANDLER_SECONDS):
                await self._hearing.handle(events, tx, silent=silent)
            return await tx.flush(wake_relay=not running.has_relay)

    async def _ack(self, heard: list[Heard]) -> None:
        for each in heard:
            if self._failures or self._early:
                seq = quarantine.delivery_of(each.message)[1]
                self._failures.pop(seq, None)
                self._early.discard(seq)
            await self._respond(each.message, b"+ACK")
        self._applied.inc(len(heard))

    async def _nak(self, heard: list[Heard], seconds: float) -> None:
        for each in heard:
            await self._respond(each.message, b"-NAK " + to_json({"delay": int(seconds * 1e9)}))

    async def _failed(self, heard: Heard, error: BaseException) -> None:
        if self._running.sabotaged("reject-first"):
            await self._respond(heard.message, b"+TERM")
            return
        if self._running.sabotaged("nak-at-once"):
            await self._nak([heard], 0.0)
            return
        deliveries, seq = quarantine.delivery_of(heard.message)
        if len(self._failures) > MAX_REMEMBERED:  # another instance may have handled them meanwhile
            self._failures.clear()
        failures = self._failures[seq] = self._failures.get(seq, 0) + 1
        log.warning(
            "event failed", durable=self._durable, event_id=str(heard.event.id), failures=failures, error=kind_of(error)
        )
        # At a gate, waiting for the step before is a delivery too: it says nothing against the event.
        too_often = deliveries >= MAX_DELIVERIES and not self._hearing.in_order
        if too_often or quarantine.delay_after(failures) is None:
            await self._bury(heard.message, kind_of(error), failures)
            self._failures.pop(seq, None)
            return
        # The server counts the deliveries to all instances: together they must not hurry either.
        delay = quarantine.DELAYS[min(deliveries, len(quarantine.DELAYS)) - 1]
        at_once = isinstance(error, CLASHES) and deliveries <= QUICK_DELIVERIES
        await self._nak([heard], delay / 10 if at_once else delay)

    async def _bury(self, message: Msg, reason: str, attempts: int) -> None:
        """First the quarantine row, then the end of the message: in between it can only come twice, never get lost."""
        pool, now = self._running.pool, self._running.clock.now()
        if await self._surely(lambda: quarantine.put(pool, self._durable, message, reason, attempts, now)) is None:
            return
        QUARANTINED.labels(self._durable).inc()
        log.error("message quarantined", durable=self._durable, subject=message.subject, reason=reason)
        await self._respond(message, b"+TERM")

    async def _respond(self, message: Msg, word: bytes) -> None:
        await self._running.nats.publish(message.reply, word)


def apart(
    messages: Sequence[Msg], failed: Collection[int] = (), early: Collection[int] = ()
) -> tuple[list[Msg], list[Msg]]:
    """The messages to handle together, and those to handle after them one by one: what came too often, or `failed`
    here before (by stream sequence) and would fail its neighbours again. What was only too `early` is no suspect.

    The suspects in any order: behind one that ends the process each time, the same good ones would never have their
    turn.
    """
    suspects: list[Msg] = []
    together: list[Msg] = []
    for message in messages:
        deliveries, seq = quarantine.delivery_of(message)
        suspect = seq in failed or (deliveries > ALONE_AFTER and seq not in early)
        (suspects if suspect else together).append(message)
    return together, random.sample(suspects, len(suspects))


def early_delay(deliveries: int) -> float:
    """Seconds until a message that came before its turn comes again."""
    return EARLY_SECONDS[min(deliveries, len(EARLY_SECONDS)) - 1]
