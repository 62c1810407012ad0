"""Commands that arrive together travel together: one NATS request for all that wait, none of them waits for more."""

import asyncio
from collections import deque
from typing import Any, Final

from pydantic_core import from_json, to_json

from contracts import wire
from contracts.message import Contract
from contracts.refusals import Refusal, Refused
from contracts.wire import Sending
from services.chassis.logs import kind_of
from services.chassis.telemetry import log

from .bus import Bus
from .metrics import BATCH_ITEMS

ITEM_OVERHEAD: Final = 256
"""Bytes around the fields and the token of an item at most: id, deadline, trace, names."""

IN_FLIGHT: Final = 2
"""Batches of one command under way at once: one is decided while the next is read."""

Answer = bytes | Refusal
"""The JSON of a reply as the service wrote it, or why there is none."""


class Sender:
    """Sends the commands of one kind. Each is answered, or refused as `unavailable` after `answer_seconds`."""

    def __init__(self, bus: Bus, contract: Contract, answer_seconds: float) -> None:
        self._bus, self._contract = bus, contract
        self._answer_seconds = answer_seconds
        self._waiting: deque[tuple[Sending, asyncio.Future[Answer]]] = deque()
        self._in_flight = 0
        self._woken = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, sending: Sending) -> Answer:
        """The service's answer to one command, whose `body` is set."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((sending, answer))
        if not self._woken and self._in_flight < IN_FLIGHT:
            self._woken = True
            loop.call_soon(self._wake)  # after what else this round of the event loop brings
        expiry = loop.call_later(self._answer_seconds, self._expire, answer)
        try:
            return await answer
        finally:
            expiry.cancel()

    def _expire(self, answer: asyncio.Future[Answer]) -> None:
        if not answer.done():
            answer.set_result(Refusal("unavailable", service=self._contract.service))

    def _wake(self) -> None:
        self._woken = False
        while self._in_flight < IN_FLIGHT and (batch := self._take()):
            self._in_flight += 1
            task = asyncio.create_task(self._carry(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _take(self) -> list[tuple[Sending, asyncio.Future[Answer]]]:
        """All that waits, as far as one message holds it. Whoever gave up meanwhile stays behind."""
        batch: list[tuple[Sending, asyncio.Future[Answer]]] = []
        size = 0
        while self._waiting and len(batch) < wire.MAX_BATCH:
            sending, answer = self._waiting[0]
            size += len(sending.body) + len(sending.token or "") + ITEM_OVERHEAD
            if batch and size > wire.MAX_BYTES:
                break
            self._waiting.popleft()
            if not answer.done():
                batch.append((sending, answer))
        return batch

    async def _carry(self, batch: list[tuple[Sending, asyncio.Future[Answer]]]) -> None:
        BATCH_ITEMS.labels(self._contract.name).observe(len(batch))
        try:
            answers = await self._ask([sending for sending, _ in batch])
        except Refused as refused:
            answers = [refused.refusal] * len(batch)
        except Exception as error:
            log.error("an answer cannot be read", command=self._contract.name, error=kind_of(error))
            answers = [Refusal("unavailable", service=self._contract.service)] * len(batch)
        finally:
            self._in_flight -= 1
            self._wake()
        for (_, waiting), answer in zip(batch, answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)

    async def _ask(self, sendings: list[Sending]) -> list[Answer]:
        if len(sendings) == 1:
            [only] = sendings
            return [read_answer(await self._bus.exchange(self._contract, only.body, wire.headers_of(only)))]
        headers = {wire.BATCH: str(len(sendings))}
        tokens = {sending.token for sending in sendings}
        if len(tokens) == 1:  # one sender: the token is said once
            headers[wire.AUTHORIZATION] = f"Bearer {tokens.pop()}"
        body = wire.batch_body(sendings, names_senders=wire.AUTHORIZATION not in headers)
        return _read_answers(await self._bus.exchange(self._contract, body, headers), len(sendings))


def read_answer(body: bytes) -> Answer:
    """Opens the answer to a single command or query. Raises ValueError."""
    return _opened(from_json(body))


def _read_answers(body: bytes, count: int) -> list[Answer]:
    raw = from_json(body)
    if not isinstance(raw, list):
        return [_opened(raw)] * count  # one refusal for the whole batch
    if len(raw) != count:
        raise ValueError(f"{len(raw)} answers to {count} commands")
    return [_opened(each) for each in raw]


def _opened(raw: dict[str, Any]) -> Answer:
    if "ok" in raw:
        return to_json(raw["ok"])
    return Refusal(raw["refusal"]["code"], **raw["refusal"].get("params", {}))
