"""One open stream of server-sent events: frames, heartbeat, and an end in every case."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from starlette.types import Receive, Scope, Send

from contracts.client.hearing import PositionLost, RawEvent
from contracts.refusals import Refused
from contracts.region import covers, named_by
from services.chassis.client_tokens import STALE_SECONDS
from services.chassis.logs import kind_of
from services.chassis.telemetry import log

from .metrics import HELD_BACK

RETRY_MILLISECONDS: Final = 1000
CANCEL_SECONDS: Final = 0.2
HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """An ASGI response that lasts until the reader leaves, stalls, loses position or permission, or the gateway stops.

    `wanted` chooses events; `permit`, asked again once a heartbeat, tells the region that the reader acts in and raises
    Refused when the token has run out. What does not lie in that region is never written, whatever was asked of the bus
    and wanted: it ends the stream, because a filter has failed (docs/decisions/0022).
    Nothing is buffered here beyond one event: while the reader does not take it, no more is fetched.
    """

    status_code = 200

    def __init__(
        self,
        events: AsyncGenerator[RawEvent, None],
        position: str,
        wanted: Callable[[RawEvent], bool],
        permit: Callable[[], Awaitable[str]],
        scope: str,
        stopping: asyncio.Event,
        heartbeat: float,
        stall: float,
    ) -> None:
        self._events, self._position = events, position
        self._wanted, self._permit, self._scope = wanted, permit, scope
        self._asked_at = self._confirmed_at = time.monotonic()
        self._stopping, self._heartbeat, self._stall = stopping, heartbeat, stall
        self._following: asyncio.Task[RawEvent] = asyncio.create_task(_next(events))
        self.ended: Callable[[], None] = lambda: None

    async def settled(self, seconds: float) -> None:
        """Waits so long for a first sign that the position is lost. Raises PositionLost."""
        done, _ = await asyncio.wait({self._following}, timeout=seconds)
        if done and isinstance(lost := self._following.exception(), PositionLost):
            await self._close()
            raise lost

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ends = [asyncio.create_task(_gone(receive)), asyncio.create_task(_set(self._stopping))]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            # An id without data: the reader knows its position before the first event.
            await self._write(send, f"retry: {RETRY_MILLISECONDS}\nid: {self._position}\n\n".encode())
            if scope["method"] != "HEAD":
                await self._flow(send, set(ends))
            async with asyncio.timeout(self._stall):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.warning("a reader of events stalled and was dropped")
        except PositionLost:
            log.info("the position of a reader of events was lost")
        except Exception as error:
            log.error("an event stream broke", error=kind_of(error))
        finally:
            for task in ends:
                task.cancel()
            await self._close()

    async def _flow(self, send: Send, ends: set[asyncio.Task[None]]) -> None:
        while True:
            done, _ = await asyncio.wait(
                {self._following, *ends}, timeout=self._heartbeat, return_when=asyncio.FIRST_COMPLETED
            )
            if done & ends or not await self._is_permitted():
                return
            if not done:
                await self._write(send, b": still here\n\n")
                continue
            event = self._following.result()
            self._following = asyncio.create_task(_next(self._events))
            if not self._wanted(event):
                continue
            if not covers(self._scope, named_by(event.subject)):
                HELD_BACK.inc()
                log.error("an event of elsewhere was held back: a filter has failed", type=event.type)
                return
            await self._write(send, _frame(event))

    async def _is_permitted(self) -> bool:
        now = time.monotonic()
        if now - self._asked_at < self._heartbeat:
            return True
        self._asked_at = now
        try:
            self._scope = await self._permit()
        except Refused as refused:
            # Who asks cannot be told now: asked again at the next beat, but not for ever.
            return refused.refusal.code == "unavailable" and now - self._confirmed_at < STALE_SECONDS
        self._confirmed_at = now
        return True

    async def _write(self, send: Send, text: bytes) -> None:
        """Raises TimeoutError for a reader that takes nothing."""
        async with asyncio.timeout(self._stall):
            await send({"type": "http.response.body", "body": text, "more_body": True})

    async def _close(self) -> None:
        while not self._following.done():
            # More than once: nats-py swallows a cancellation that comes while it flushes.
            self._following.cancel()
            await asyncio.wait({self._following}, timeout=CANCEL_SECONDS)
        if not self._following.cancelled():
            self._following.exception()  # told already
        await self._events.aclose()
        self.ended()


def _frame(event: RawEvent) -> bytes:
    data = event.body.replace(b"\r", b"").replace(b"\n", b"\ndata: ")
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (event.position.encode(), event.type.encode(), data)


async def _next(events: AsyncGenerator[RawEvent, None]) -> RawEvent:
    return await anext(events)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _set(event: asyncio.Event) -> None:
    await event.wait()
