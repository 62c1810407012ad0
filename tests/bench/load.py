"""Load from one process: commands over NATS, single or in batches, and over HTTP on kept connections."""

import asyncio
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

from nats.aio.client import Client as Nats
from uuid_utils.compat import uuid7

from contracts import wire
from contracts.activities.v1 import Enrol
from contracts.message import Command

TIMEOUT = 60.0
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


async def batched(nats: Nats, subject: str, token: str, requests: Sequence[Enrol], in_flight: int) -> float:
    """Sends batches of 500; returns the seconds until the last answer. Every item must be answered with `ok`."""
    parts = [requests[start : start + wire.MAX_BATCH] for start in range(0, len(requests), wire.MAX_BATCH)]
    bodies = [(len(part), wire.batch_body([wire.Sending(uuid7(), each) for each in part])) for part in parts]
    return await carried(nats, subject, bodies, {wire.AUTHORIZATION: f"Bearer {token}"}, in_flight)


async def carried(
    nats: Nats, subject: str, bodies: Sequence[tuple[int, bytes]], headers: Mapping[str, str], in_flight: int
) -> float:
    """Sends batches as they are, each with its number of items; otherwise as `batched`."""
    todo = iter(bodies)

    async def sender() -> None:
        for size, body in todo:
            answer = await nats.request(subject, body, timeout=TIMEOUT, headers={**headers, wire.BATCH: str(size)})
            assert answer.data.count(b'{"ok":') == size, answer.data[:300]

    start = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(in_flight)))
    return time.perf_counter() - start


async def single(
    nats: Nats, subject: str, token: str, requests: Sequence[Command[Any]], in_flight: int
) -> tuple[float, list[float]]:
    """Sends one command a request; returns the seconds until the last answer and each request's seconds."""
    todo = iter([(each.model_dump_json().encode(), str(uuid7())) for each in requests])
    took: list[float] = []

    async def sender() -> None:
        for body, id in todo:
            begun = time.perf_counter()
            headers = {wire.COMMAND_ID: id, wire.AUTHORIZATION: f"Bearer {token}"}
            answer = await nats.request(subject, body, timeout=TIMEOUT, headers=headers)
            took.append(time.perf_counter() - begun)
            assert answer.data.startswith(b'{"ok":'), answer.data[:300]

    start = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(in_flight)))
    return time.perf_counter() - start, took


def posts(url: str, path: str, token: str, requests: Sequence[Enrol]) -> list[bytes]:
    """The bytes of one POST a request."""
    host = urlsplit(url).netloc

    def post(request: Enrol) -> bytes:
        body = request.model_dump_json(exclude={"session_id"} if "{" in path else None).encode()
        target = path.replace("{session_id}", str(request.session_id))
        head = (
            f"POST {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {uuid7()}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    return [post(each) for each in requests]


async def http(url: str, requests: Sequence[bytes], in_flight: int) -> tuple[float, list[float]]:
    """Sends each POST on one of `in_flight` kept connections; every answer must be a 200 or 201."""
    parts, loop = urlsplit(url), asyncio.get_running_loop()
    todo, took = iter(requests), list[float]()
    callers = [_Caller(todo, took) for _ in range(in_flight)]
    for caller in callers:
        await loop.create_connection(lambda caller=caller: caller, parts.hostname, parts.port)  # type: ignore[misc]
    start = time.perf_counter()
    for caller in callers:
        caller.send()
    await asyncio.gather(*(caller.done for caller in callers))
    return time.perf_counter() - start, took


class _Caller(asyncio.Protocol):
    """One connection: the next request as soon as the last is answered. Streams would cost more than the server."""

    def __init__(self, todo: Iterator[bytes], took: list[float]) -> None:
        self._todo, self._took = todo, took
        self._received = b""
        self._begun = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send(self) -> None:
        request = next(self._todo, None)
        if request is None:
            self._transport.close()
            self.done.set_result(None)
            return
        self._begun = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < int(LENGTH.findall(head)[0]):
            return
        self._took.append(time.perf_counter() - self._begun)
        self._received = b""
        if head[9:11] == b"20":
            self.send()
        else:
            self._fail(f"{head!r} {body[:300]!r}")

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(f"the connection was closed: {error}")

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(AssertionError(why))
