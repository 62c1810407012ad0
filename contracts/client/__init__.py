"""The typed client: sends commands, asks queries, hears events. Needs nats-py: `linli-contracts[client]`."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from ssl import SSLContext
from typing import Any, Final, Self, TypeVar, cast
from uuid import UUID, uuid4

import nats
from nats.aio.client import Client as Connection
from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError
from pydantic_core import from_json

from .. import envelope, wire
from ..catalogue import EVENTS
from ..message import Command, Contract, Event, Part, Query, Request
from ..refusals import Refusal, Refused
from ..region import NOWHERE, pad, subject_filter
from ..wire import Sending
from . import hearing
from .hearing import Heard, RawEvent

R = TypeVar("R", bound=Part)
E = TypeVar("E", bound=Event)
Token = str | Callable[[], str]

RECONNECT_SECONDS: Final = 1
PING_SECONDS: Final = 10
PENDING_BYTES: Final = 8 * 1024 * 1024

log = logging.getLogger("linli.client")


class Client:
    """What a program needs of Linli. `token` is the caller's access token, or a function that gives a fresh one.

    `timeout` (seconds) is how long an answer is waited for; after it the outcome is unknown, and the same command
    may be sent again with the same id.
    """

    def __init__(self, connection: Connection, token: Token, timeout: float = 5.0) -> None:
        self.connection = connection
        self._token = token if callable(token) else lambda: token
        self._timeout = timeout

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Sends what is buffered and closes the connection."""
        await self.connection.drain()

    async def send(
        self,
        command: Command[R],
        *,
        id: UUID | None = None,
        deadline: datetime | None = None,
        traceparent: str | None = None,
        token: str | None = None,
    ) -> R:
        """Sends one command and returns its reply. Raises Refused, also `unavailable` when nobody answers in time.

        Give an `id` of your own to be able to repeat the command: the same id is done once and answered the same.
        """
        return await self._one(command, Sending(id or uuid4(), command, token, deadline, traceparent))

    async def ask(
        self,
        query: Query[R],
        *,
        deadline: datetime | None = None,
        traceparent: str | None = None,
        token: str | None = None,
    ) -> R:
        """Asks one query and returns its reply. Raises Refused, also `unavailable` when nobody answers in time."""
        return await self._one(query, Sending(uuid4(), query, token, deadline, traceparent))

    async def send_many(
        self, commands: Iterable[Command[R] | Sending], *, token: str | None = None
    ) -> list[R | Refusal]:
        """Sends many commands of one kind in order, at most 500 or 900 kB a request; one outcome each, in order.

        Outcomes are items of their own: one refused command leaves the others done. Commands given as `Sending`
        keep their id, token, deadline, trace and raw body. Raises TypeError for commands of several kinds.
        """
        sendings = [each if isinstance(each, Sending) else Sending(uuid4(), each) for each in commands]
        outcomes: list[Part | Refusal] = []
        for batch in _batches(sendings):
            outcomes += await self._batch(_one_kind(sendings), batch, token or self._token())
        return cast("list[R | Refusal]", outcomes)

    async def exchange(self, contract: Contract, body: bytes, headers: dict[str, str]) -> bytes:
        """One raw request: the answer's bytes as they came. Raises Refused `unavailable` or `message-too-large`."""
        if len(body) > wire.MAX_BYTES:
            raise Refused("message-too-large", limit=wire.MAX_BYTES)
        try:
            answer = await self.connection.request(contract.subject, body, timeout=self._timeout, headers=headers)
        except MaxPayloadError:
            raise Refused("message-too-large", limit=self.connection.max_payload) from None
        except NatsError as trouble:
            log.info("no answer", extra={"subject": contract.subject, "why": type(trouble).__name__})
            raise Refused("unavailable", service=contract.service) from trouble
        return answer.data

    def hear(self, *kinds: type[E], region: str = NOWHERE, since: str = "new") -> AsyncGenerator[Heard[E], None]:
        """Hears events of these kinds in a region's subtree (`3505` or 12 digits; all by default), for ever.

        `since` is `new`, `all` or a position: after `activities:12` only what follows is heard. In order per service,
        each once and none left out, across reconnects and restarts of the server. Raises PositionLost, UnreadableEvent,
        and ValueError for a province, which is heard city by city.
        """
        filters: dict[str, list[str]] = {}
        for kind in kinds or _nothing_to_hear():
            filters.setdefault(kind.contract.service, []).append(envelope.subject_filter(kind, pad(region)))
        return hearing.typed(hearing.raw(self.connection, filters, since), kinds)

    def hear_all(
        self, region: str = NOWHERE, types: Sequence[str] = (), since: str = "new"
    ) -> AsyncGenerator[RawEvent, None]:
        """Hears unopened events whose type begins with one of `types` (none: all, also those newer than this program).

        `since` and what is raised: as in `hear`.
        """
        return hearing.raw(self.connection, _filters(pad(region), types), since)

    async def _one(self, request: Request[R], sending: Sending) -> R:
        contract, reply = _contract(type(request))
        headers = wire.headers_of(sending if sending.token else replace(sending, token=self._token()))
        try:
            body = await self.exchange(contract, wire.body_of(request), headers)
        except Refused as refused:
            raise Refused(refused.refusal.code, **refused.refusal.params, command_id=str(sending.id)) from refused
        outcome = wire.read_outcome(reply, from_json(body))
        if isinstance(outcome, Refusal):
            raise Refused(outcome)
        return cast(R, outcome)

    async def _batch(self, kind: type[Request[Any]], batch: list[bytes], token: str) -> list[Part | Refusal]:
        contract, reply = _contract(kind)
        headers = {wire.AUTHORIZATION: f"Bearer {token}", wire.BATCH: str(len(batch))}
        try:
            body = await self.exchange(contract, b"[" + b",".join(batch) + b"]", headers)
        except Refused as refused:
            return [refused.refusal] * len(batch)
        outcomes = wire.read_outcomes(reply, body)
        if len(outcomes) == 1 and isinstance(outcomes[0], Refusal):
            return outcomes * len(batch)
        if len(outcomes) != len(batch):
            raise ValueError(f"{contract.service} answered {len(outcomes)} outcomes to {len(batch)} items")
        return outcomes


async def connect(
    url: str | list[str],
    *,
    token: Token,
    timeout: float = 5.0,
    name: str = "linli-client",
    user: str | None = None,
    password: str | None = None,
    credentials: Path | None = None,
    nkey_seed: Path | None = None,
    tls: SSLContext | None = None,
    inbox_prefix: str = "_INBOX",
    on_trouble: Callable[[Exception], Awaitable[None]] | None = None,
    on_reconnect: Callable[[], Awaitable[None]] | None = None,
) -> Client:
    """Connects to NATS and keeps connected for ever; waits while no server is there (bound it by asyncio.timeout).

    With `nkey_seed`, a file, the bus grants its holder one inbox prefix, which begins with `_INBOX`: give it as
    `inbox_prefix`. `on_trouble` gets what goes wrong later, such as a refused subject; by default it is logged.
    """
    connection = await nats.connect(
        url,
        name=name,
        user=user,
        password=password,
        user_credentials=credentials,
        nkeys_seed=str(nkey_seed) if nkey_seed else None,
        inbox_prefix=inbox_prefix,
        tls=tls,
        error_cb=on_trouble or _log_trouble,
        reconnected_cb=on_reconnect,
        allow_reconnect=True,
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_SECONDS,
        ping_interval=PING_SECONDS,
        max_outstanding_pings=2,
        connect_timeout=5,
        drain_timeout=5,
        pending_size=PENDING_BYTES,
    )
    return Client(connection, token, timeout)


async def _log_trouble(trouble: Exception) -> None:
    log.warning("trouble with NATS", extra={"why": f"{type(trouble).__name__}: {trouble}"})


def _contract(kind: type[Request[Any]]) -> tuple[Contract, type[Part]]:
    assert kind.contract.reply is not None, "every command and query declares its reply"
    return kind.contract, kind.contract.reply


def _one_kind(sendings: Sequence[Sending]) -> type[Request[Any]]:
    kind, *others = dict.fromkeys(type(sending.data) for sending in sendings)
    if others:
        raise TypeError(f"one kind of command at a time: {kind.__name__} or {others[0].__name__}")
    return kind


def _batches(sendings: Sequence[Sending]) -> Iterable[list[bytes]]:
    """Writes the items and cuts them into requests that keep both limits."""
    batch: list[bytes] = []
    size = 0
    for sending in sendings:
        item = sending.to_json()
        if batch and (len(batch) == wire.MAX_BATCH or size + len(item) + 2 > wire.MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item) + 1
    if batch:
        yield batch


def _filters(region: str, types: Sequence[str]) -> dict[str, list[str]]:
    filters: dict[str, list[str]] = {}
    for kind in EVENTS:
        wanted = filters.setdefault(kind.contract.service, [])
        if any(kind.contract.type.startswith(prefix) for prefix in types):
            wanted.append(envelope.subject_filter(kind, region))
    if not types:
        return {service: [f"evt.{service}.*.*.*.{subject_filter(region)}"] for service in filters}
    return {service: wanted for service, wanted in filters.items() if wanted} or _nothing_to_hear()


def _nothing_to_hear() -> Any:
    raise ValueError("nothing to hear: name at least one event that exists")
