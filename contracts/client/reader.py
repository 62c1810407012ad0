"""Reads one stream through a consumer that may vanish at any time, and goes on behind the last event it gave."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple, TypeVar
from uuid import uuid4

from nats.aio.client import Client as Connection
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import ConnectionClosedError
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

T = TypeVar("T")

PULL: Final = 500
PULL_BYTES: Final = 8 * 1024 * 1024
PULL_SECONDS = 30.0
HEARTBEAT_SECONDS = 2.0
SILENCE_SECONDS = 5.0
GLANCE_SECONDS: Final = 0.5
PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 4.0
FORGET_SECONDS = 60.0
CREATE_SECONDS: Final = 5.0

log = logging.getLogger("linli.client")


class PositionLost(Exception):
    """The stream no longer holds what follows a position: removed by age, or the stream was set up anew.

    Ask the owning service by a query for what holds now, then hear `new`; or hear `all` and leave out known ids.
    """


class _Lost(Exception):
    """The way to the stream is gone; a new one is made."""


class Told(NamedTuple):
    """One event as the stream holds it."""

    sequence: int
    subject: str
    body: bytes


class StreamReader:
    """Reads one stream through a consumer of its own that may vanish at any time."""

    def __init__(self, connection: Connection, service: str, filters: list[str], start: int | None) -> None:
        self._connection = connection
        self._jetstream = connection.jetstream(timeout=CREATE_SECONDS)
        self._stream, self._filters = f"EVT_{service.upper()}", filters
        self._start = start
        self.passed = 0
        """Up to here all was told, or is none of ours."""
        self._consumer = ""
        self._subscription: Subscription | None = None
        self._inbox: asyncio.Queue[Msg] = asyncio.Queue()
        self._delivered = 0
        self._asked = 0
        self._reconnects = 0
        self._heard_at = 0.0
        self._pause = PAUSE_SECONDS

    @property
    def position(self) -> int:
        return self._start or 0

    async def settle(self) -> None:
        """Fixes where `new` begins, before the first event of any stream is told. Waits for the server."""
        while self._start is None:
            await self._heal(self._attach)

    async def take(self) -> list[Told]:
        """The next events, at least one, as soon as there are any. Raises PositionLost."""
        while True:
            if not self._consumer:
                await self._heal(self._attach)
            elif told := await self._heal(self._receive):
                return told

    async def close(self) -> None:
        """Lets the server forget the consumer; when it cannot be reached, it forgets by itself."""
        await self._detach()

    async def _heal(self, step: Callable[[], Awaitable[T]]) -> T | None:
        """Does a step; when the way to the stream is lost, clears it away and gives None."""
        try:
            return await step()
        except (NatsError, TimeoutError, _Lost) as trouble:
            if self._connection.is_closed:
                raise ConnectionClosedError from trouble
            log.warning("hearing anew", extra={"stream": self._stream, "why": f"{type(trouble).__name__}: {trouble}"})
            await self._detach()
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
            return None

    async def _attach(self) -> None:
        """Makes a consumer that begins after the position."""
        while not self._connection.is_connected:  # what is sent now would be kept and sent many times later
            if self._connection.is_closed:
                raise ConnectionClosedError
            await asyncio.sleep(GLANCE_SECONDS)
        self._reconnects = self._connection.stats["reconnects"]
        self._start = await self._checked_start()
        inbox, self._inbox = self._connection.new_inbox(), asyncio.Queue()
        self._subscription = await self._connection.subscribe(inbox, cb=self._inbox.put)
        config = ConsumerConfig(
            name=f"hear-{uuid4().hex}",
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self._start + 1,
            ack_policy=AckPolicy.NONE,
            filter_subjects=self._filters,
            inactive_threshold=FORGET_SECONDS,
            mem_storage=True,
            num_replicas=1,
        )
        made = await self._jetstream.add_consumer(self._stream, config, timeout=CREATE_SECONDS)
        self._consumer, self._delivered, self._asked = made.name, 0, 0
        self._heard_at = time.monotonic()

    async def _checked_start(self) -> int:
        try:
            state = (await self._jetstream.stream_info(self._stream)).state
        except NotFoundError:
            self._start = self._start or 0  # a stream that is made later is new from its first event
            raise
        start = state.last_seq if self._start is None else self._start
        if start > state.last_seq or 0 < start < state.first_seq - 1:
            held = f"{state.first_seq} to {state.last_seq}"
            raise PositionLost(f"position {start} of {self._stream}: it holds {held}")
        return start

    async def _detach(self) -> None:
        consumer, subscription = self._consumer, self._subscription
        self._consumer, self._subscription = "", None
        try:
            if subscription:
                await subscription.unsubscribe()
            if consumer and self._connection.is_connected:
                await self._connection.publish(f"$JS.API.CONSUMER.DELETE.{self._stream}.{consumer}")
        except NatsError:
            log.debug("left a consumer to be forgotten", extra={"consumer": consumer})

    async def _receive(self) -> list[Told]:
        """What arrived, in order; nothing when only signs of life did. Raises _Lost."""
        if self._asked <= 0:
            await self._ask()
        try:
            arrived = [await asyncio.wait_for(self._inbox.get(), GLANCE_SECONDS)]
        except TimeoutError:
            self._check_alive()
            return []
        self._heard_at, self._pause = time.monotonic(), PAUSE_SECONDS
        while not self._inbox.empty():
            arrived.append(self._inbox.get_nowait())
        told: list[Told] = []
        for message in arrived:
            try:
                self._accept(message, told)
                if not told:
                    self.passed = self.position
            except _Lost:
                if not told:
                    raise
                await self._detach()  # after what was told; the next round makes it anew
                break
        return told

    def _accept(self, message: Msg, told: list[Told]) -> None:
        """Takes one message of the inbox: an event, or a status of the server. Raises _Lost."""
        headers = message.headers or {}
        if "Status" in headers:
            self._note(headers)
            return
        sequence = message.metadata.sequence
        if sequence.consumer != self._delivered + 1:
            raise _Lost(f"delivery {sequence.consumer} follows {self._delivered}")
        self._delivered, self._start = sequence.consumer, sequence.stream
        self._asked -= 1
        told.append(Told(sequence.stream, message.subject, message.data))

    def _note(self, headers: Mapping[str, str]) -> None:
        status, why = headers["Status"], headers.get("Description", "")
        if status == "100" and headers.get("Nats-Last-Consumer") == str(self._delivered):
            # Nothing of ours is on its way, so the position may pass what the filters leave out.
            self._start = max(self.position, int(headers["Nats-Last-Stream"]))
        elif status == "408" or why.startswith(("Message Size", "Batch Completed")):
            self._asked = 0
        else:
            raise _Lost(f"{status} {why.strip()}")

    async def _ask(self) -> None:
        self._asked = PULL
        request = {
            "batch": PULL,
            "max_bytes": PULL_BYTES,
            "expires": int(PULL_SECONDS * 1e9),
            "idle_heartbeat": int(HEARTBEAT_SECONDS * 1e9),
        }
        assert self._subscription is not None
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}"
        await self._connection.publish(subject, json.dumps(request).encode(), reply=self._subscription.subject)

    def _check_alive(self) -> None:
        if self._connection.stats["reconnects"] != self._reconnects:
            raise _Lost("the connection was made anew")
        if time.monotonic() - self._heard_at > SILENCE_SECONDS:
            raise _Lost("no sign of life")
