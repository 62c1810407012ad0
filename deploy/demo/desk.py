"""A desk at the public HTTP interface: somebody asks there as herself, repeats safely, and never waits for ever."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid5

import httpx2
from pydantic_core import from_json, to_json

from contracts.message import Command, Part, Query, Request
from contracts.refusals import Refusal, Refused

R = TypeVar("R", bound=Part)

ANSWER_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 120.0
FIRST_PAUSE_SECONDS: Final = 0.05
LONGEST_PAUSE_SECONDS: Final = 1.0
AT_ONCE: Final = 8
RETRYABLE: Final = frozenset({408, 429, 500, 502, 503, 504})
ON_ITS_WAY: Final = frozenset(
    {"unknown-person", "unknown-site", "unknown-room", "unknown-session", "guardian-consent-missing"}
)
"""Refusals that may only mean that an event has not reached the service that was asked."""


class NoAnswer(Exception):
    """Nothing but outages for PATIENCE_SECONDS."""


class Desk:
    """One member of staff at the interface. `home` tells where the gateway is now; `ids` is what command ids follow
    from: the same command of the same person has the same id, so that it is done once however often it is sent.
    """

    def __init__(self, client: httpx2.AsyncClient, home: Callable[[], str], subject: str, token: str, ids: UUID):
        self._client, self._home = client, home
        self._subject, self._token, self._ids = subject, token, ids

    async def send(self, command: Command[R], wait_for: Collection[str] = ON_ITS_WAY) -> R:
        """Sends a command until it is answered. Raises Refused, after some patience where the refusal is in `wait_for`.

        An answer is kept under its command id, a refusal too: to ask again after one is a new command.
        """
        deadline, attempt = time.monotonic() + PATIENCE_SECONDS, 0
        while True:
            try:
                return await self._settle(command, self._id(command, attempt))
            except Refused as refused:
                if refused.refusal.code not in wait_for or time.monotonic() > deadline:
                    raise
            attempt += 1
            await asyncio.sleep(_pause(attempt))

    async def send_all(
        self, commands: Iterable[Command[R]], told: Callable[[R], None] = lambda _: None, at_once: int = AT_ONCE
    ) -> list[R]:
        """Sends commands that do not depend on each other, several at once; replies in order, each `told` at once.

        A command is taken from `commands` when there is room for it.
        """
        waiting, replies = enumerate(commands), dict[int, R]()

        async def carry() -> None:
            for number, command in waiting:
                replies[number] = await self.send(command)
                told(replies[number])

        await asyncio.gather(*(carry() for _ in range(at_once)))
        return [replies[number] for number in sorted(replies)]

    async def ask(self, query: Query[R]) -> R:
        """Asks a query until it is answered. Raises Refused."""
        return await self._settle(query, None)

    def _id(self, command: Command[Any], attempt: int) -> UUID:
        content = f"{self._subject} {command.contract.type} {command.model_dump_json()}"
        return uuid5(self._ids, f"{content} {attempt}" if attempt else content)

    async def _settle(self, request: Request[R], id: UUID | None) -> R:
        """Repeats the same request, under the same id, until something else than an outage is the answer."""
        deadline, failures = time.monotonic() + PATIENCE_SECONDS, 0
        while True:
            try:
                response = await self._exchange(request, id)
                if response.status_code not in RETRYABLE:
                    return _reply(request, response)
                trouble = f"{response.status_code} {response.text[:200]}"
            except httpx2.TransportError as error:
                trouble = type(error).__name__
            if time.monotonic() > deadline:
                raise NoAnswer(f"{request.contract.subject}: {trouble}")
            failures += 1
            await asyncio.sleep(_pause(failures))

    async def _exchange(self, request: Request[Any], id: UUID | None) -> httpx2.Response:
        route = request.contract.route
        assert route is not None, "every command and query has a route"
        told = request.model_dump(mode="json", exclude_none=True)
        path = route.path.format_map({name: quote(str(told[name]), safe="") for name in route.parameters})
        rest = {name: value for name, value in told.items() if name not in route.parameters}
        headers = {"idempotency-key": str(id)} if id else {}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        if route.method == "GET":
            content: dict[str, Any] = {"params": rest}
        else:
            content, headers["content-type"] = {"content": to_json(rest)}, "application/json"
        return await self._client.request(
            route.method, f"{self._home()}{path}", headers=headers, timeout=ANSWER_SECONDS, **content
        )


def _pause(failures: int) -> float:
    return float(min(FIRST_PAUSE_SECONDS * 1.5**failures, LONGEST_PAUSE_SECONDS))


def _reply(request: Request[R], response: httpx2.Response) -> R:
    if response.status_code >= 400:
        problem = from_json(response.content)
        raise Refused(Refusal(problem["code"], **problem.get("params", {})))
    reply: Any = request.contract.reply
    answered: R = reply.model_validate_json(response.content, context={"tolerant": True})
    return answered
