"""Hears events from JetStream: in order per stream, each once, none left out, healing alone."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from nats.aio.client import Client as Connection
from pydantic import ValidationError

from .. import envelope
from ..envelope import CloudEvent
from ..message import Event
from .reader import PositionLost as PositionLost
from .reader import StreamReader, Told

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Heard(Generic[E]):
    """An event, and the position after it: `hear(..., since=position)` goes on with the next one."""

    event: CloudEvent[E]
    position: str


class RawEvent(NamedTuple):
    """An unopened event: the position after it, its envelope's bytes, its CloudEvents type, its subject."""

    position: str
    body: bytes
    type: str
    subject: str


class UnreadableEvent(Exception):
    """An event breaks its contract. `position` is the one after it, to go on from there."""

    def __init__(self, position: str, subject: str) -> None:
        super().__init__(f"the event at {position} on {subject} breaks its contract")
        self.position, self.subject = position, subject


async def typed(events: AsyncGenerator[RawEvent, None], kinds: Iterable[type[E]]) -> AsyncGenerator[Heard[E], None]:
    """Opens the envelopes. Raises UnreadableEvent."""
    known = {kind.contract.type: kind for kind in kinds}
    async with aclosing(events):
        async for event in events:
            try:
                opened = envelope.read(known[event.type], event.body)
            except (ValidationError, KeyError) as why:
                raise UnreadableEvent(event.position, event.subject) from why
            yield Heard(opened, event.position)


async def raw(connection: Connection, filters: Mapping[str, list[str]], since: str) -> AsyncGenerator[RawEvent, None]:
    """Merges the streams of the services in `filters` (subject filters by service), each from its own position."""
    starts = _starts(since, filters)
    readers = {service: StreamReader(connection, service, filters[service], starts[service]) for service in filters}
    waiting: dict[asyncio.Task[list[Told]], str] = {}
    try:
        await asyncio.gather(*(reader.settle() for reader in readers.values()))
        position = {service: reader.position for service, reader in readers.items()}
        waiting = {asyncio.create_task(reader.take()): service for service, reader in readers.items()}
        while True:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                service = waiting.pop(task)
                for told in task.result():
                    position[service] = told.sequence
                    _let_pass(position, readers)
                    yield RawEvent(_written(position), told.body, _type_of(told.subject), told.subject)
                waiting[asyncio.create_task(readers[service].take())] = service
    finally:
        # nats-py may swallow a cancellation while it flushes: a task is cancelled until it has really ended.
        while pending := {task for task in waiting if not task.done()}:
            for task in pending:
                task.cancel()
            await asyncio.wait(pending, timeout=0.2)
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.gather(*(reader.close() for reader in readers.values()))


def _let_pass(position: dict[str, int], readers: Mapping[str, StreamReader]) -> None:
    """What a service said to others may be gone when somebody comes back: her position need not lie before it."""
    for service, reader in readers.items():
        position[service] = max(position[service], reader.passed)


def _type_of(subject: str) -> str:
    _, service, aggregate, fact, version, *_ = subject.split(".")
    return f"linli.{service}.{aggregate}.{fact}.{version}"


def _written(position: Mapping[str, int]) -> str:
    return ",".join(f"{service}:{sequence}" for service, sequence in position.items())


def _starts(since: str, services: Iterable[str]) -> dict[str, int | None]:
    """The sequence to go on after, by service; None is what comes from now on.

    A service that a position does not name is heard from its beginning: it joined after the position was taken.
    """
    if since in ("new", "all"):
        return dict.fromkeys(services, None if since == "new" else 0)
    named: dict[str, int] = {}
    for part in since.split(","):
        service, _, sequence = part.partition(":")
        if not (sequence.isascii() and sequence.isdigit()):
            raise ValueError(f"since is 'new', 'all' or a position like 'activities:12,registry:5', not {since!r}")
        named[service.strip()] = int(sequence)
    return {service: named.get(service, 0) for service in services}
