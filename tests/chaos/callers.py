"""Who sends commands: over HTTP and over NATS, again and again under the same id until there is an answer."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import UUID, uuid4

import httpx2
from nats.aio.client import Client as Nats
from pydantic_core import from_json

from contracts import wire
from contracts.client import Client
from contracts.message import Command
from contracts.refusals import Refused, reason_of
from contracts.wire import Sending

ATTEMPT_SECONDS: Final = 4.0
SLOWEST_RETRY_SECONDS: Final = 1.0

Outcome = dict[str, Any]


@dataclass(slots=True)
class Asked:
    """One command that was sent. `outcome` is what was answered at last; None when nobody ever did."""

    id: UUID
    command: Command[Any]
    outcome: Outcome | None = None
    attempts: int = 0

    @property
    def ok(self) -> bool:
        return self.outcome is not None and "ok" in self.outcome

    @property
    def code(self) -> str:
        """The reason code of a refusal, else nothing."""
        return self.outcome["refusal"]["code"] if self.outcome and "refusal" in self.outcome else ""


class Way(Protocol):
    """A way to the services: one outcome a command in order, None where the outcome is not known."""

    async def carry(self, asked: Sequence[Asked]) -> list[Outcome | None]: ...


class OverNats:
    """As a program inside the house does."""

    def __init__(self, connection: Nats, token: str) -> None:
        self._client = Client(connection, token, timeout=ATTEMPT_SECONDS)
        self._token = token

    async def carry(self, asked: Sequence[Asked]) -> list[Outcome | None]:
        contract = type(asked[0].command).contract
        sendings = [Sending(each.id, each.command, self._token) for each in asked]
        try:
            if len(asked) == 1:
                body = wire.body_of(asked[0].command)
                return [from_json(await self._client.exchange(contract, body, wire.headers_of(sendings[0])))]
            headers = {wire.BATCH: str(len(asked))}
            found = from_json(await self._client.exchange(contract, wire.batch_body(sendings), headers))
        except Refused:
            return [None] * len(asked)
        return found if isinstance(found, list) else [found] * len(asked)


class OverHttp:
    """As a centre's system does: any gateway, the command's own route, or the route for batches."""

    def __init__(self, client: httpx2.AsyncClient, gateways: Callable[[], list[str]], token: str, seed: int) -> None:
        self._client, self._gateways = client, gateways
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        self._random = random.Random(seed)

    async def carry(self, asked: Sequence[Asked]) -> list[Outcome | None]:
        gateway = self._random.choice(self._gateways())
        try:
            if len(asked) == 1:
                return [await self._single(gateway, asked[0])]
            return await self._batch(gateway, asked)
        except (httpx2.HTTPError, ValueError):
            return [None] * len(asked)

    async def _single(self, gateway: str, asked: Asked) -> Outcome | None:
        command = asked.command
        route = type(command).contract.route
        assert route is not None, f"{type(command).__name__} has no route"
        path = route.path.format(**command.model_dump(mode="json"))
        headers = {**self._headers, "idempotency-key": str(asked.id)}
        answer = await self._client.request(
            route.method, f"{gateway}{path}", content=wire.body_of(command), headers=headers
        )
        return _outcome(answer.status_code, answer.json())

    async def _batch(self, gateway: str, asked: Sequence[Asked]) -> list[Outcome | None]:
        contract = type(asked[0].command).contract
        lines = [{"id": str(each.id), "data": from_json(wire.body_of(each.command))} for each in asked]
        url = f"{gateway}/v1/batches/{contract.service}/{contract.name}"
        answer = await self._client.post(url, json=lines, headers=self._headers)
        if answer.status_code != 200:
            return [_outcome(answer.status_code, answer.json())] * len(asked)
        return [each if "ok" in each else _outcome(422, each["refusal"]) for each in answer.json()]


def _outcome(status: int, told: Outcome) -> Outcome:
    if status < 300:
        return {"ok": told}
    return {"refusal": {"code": told["code"], "params": told.get("params", {})}}


@dataclass(slots=True)
class Desk:
    """Sends commands by one of the ways and keeps a record of all of them. Repeats what may be repeated."""

    ways: Sequence[Way]
    random: random.Random
    gives_up_at: float = float("inf")
    record: list[Asked] = field(default_factory=list)
    retried: dict[str, int] = field(default_factory=dict)

    async def send(self, command: Command[Any]) -> Asked:
        [asked] = await self.send_all([command])
        return asked

    async def send_all(self, commands: Sequence[Command[Any]]) -> list[Asked]:
        """Commands of one kind, together; those without an answer again together, until each has one."""
        asked = [Asked(uuid4(), command) for command in commands]
        self.record += asked
        waiting, pause = asked, 0.05
        while waiting:
            for each, outcome in zip(waiting, await self.random.choice(self.ways).carry(waiting), strict=True):
                each.attempts += 1
                each.outcome = self.final(outcome)
            waiting = [each for each in waiting if each.outcome is None]
            if not waiting or time.monotonic() > self.gives_up_at:
                break
            await asyncio.sleep(pause * self.random.uniform(0.5, 1.5))
            pause = min(pause * 2, SLOWEST_RETRY_SECONDS)
        return asked

    def final(self, outcome: Outcome | None) -> Outcome | None:
        """An answer that stands; None for one that asks to be repeated."""
        code = outcome["refusal"]["code"] if outcome and "refusal" in outcome else ""
        if outcome is not None and not (code and (reason_of(code).retryable or code == "internal-error")):
            return outcome
        self.retried[code or "no-answer"] = self.retried.get(code or "no-answer", 0) + 1
        return None
