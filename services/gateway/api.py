"""The routes of all commands and queries, made from the contracts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID, uuid4

from starlette.responses import Response

from contracts import wire
from contracts.catalogue import COMMANDS, QUERIES
from contracts.message import Command, Query
from contracts.refusals import Refusal, Refused
from contracts.registry.v1 import ActAt, LogOut
from contracts.wire import Sending

from .bus import Bus
from .coalescing import Answer, Sender, read_answer
from .identity import Identity
from .minting import mint, told
from .opening import command_id, open_command, open_query, read_body
from .problems import problem
from .routing import Call, Handler, Route


class Api:
    """Turns HTTP requests into commands and queries, and outcomes into HTTP responses."""

    def __init__(self, bus: Bus, identity: Identity, answer_seconds: float) -> None:
        self._bus, self._identity = bus, identity
        self._answer_time = timedelta(seconds=answer_seconds)
        self.senders = {kind: Sender(bus, kind.contract, answer_seconds) for kind in COMMANDS}

    def routes(self) -> Iterator[Route]:
        """One route a command and query: what the contract declares."""
        for command in COMMANDS:
            if command.contract.route is not None:
                yield Route(command.contract.route.method, command.contract.route.path, self._commanding(command))
        for query in QUERIES:
            if query.contract.route is not None:
                yield Route(query.contract.route.method, query.contract.route.path, self._asking(query))

    def sending(
        self, command: Command[Any], raw: bytes, id: UUID, token: str, traceparent: str | None = None
    ) -> Sending:
        """A checked command on its way, good until the caller gets a 503."""
        return Sending(id, command, token, datetime.now(UTC) + self._answer_time, traceparent, raw)

    def _commanding(self, kind: type[Command[Any]]) -> Handler:
        permission, mints, sender = kind.contract.permission, kind.contract.mints, self.senders[kind]

        async def send(call: Call) -> Response:
            _, token = await self._identity.admit(call, permission)
            id = command_id(call)
            body, secret = await read_body(call), None
            if mints:
                secret, body = mint(kind, body)
            command, raw = open_command(kind, call.path, body)
            answer = await sender.send(self.sending(command, raw, id, token, call.traceparent))
            if isinstance(command, ActAt | LogOut):
                self._identity.forget(command.token_hash)
            if secret is not None and not isinstance(answer, Refusal):
                answer = told(answer, secret)
            return _response(call, answer, {"idempotency-key": str(id)})

        return send

    def _asking(self, kind: type[Query[Any]]) -> Handler:
        contract = kind.contract

        async def ask(call: Call) -> Response:
            _, token = await self._identity.admit(call, contract.permission)
            query, raw = open_query(kind, call.path, call.query_string)
            sending = Sending(uuid4(), query, token, datetime.now(UTC) + self._answer_time, call.traceparent)
            try:
                answer = read_answer(await self._bus.exchange(contract, raw, wire.headers_of(sending)))
            except Refused as refused:
                answer = refused.refusal
            return _response(call, answer, {}) if isinstance(answer, Refusal) else _if_changed(call, answer)

        return ask


def _if_changed(call: Call, answer: bytes) -> Response:
    """The answer to a query with its entity tag; whoever has it already is told only that (RFC 9110, 13.1.2)."""
    tag = f'"{blake2b(answer, digest_size=12).hexdigest()}"'
    known = {each.strip().removeprefix("W/") for each in (call.header(b"if-none-match") or "").split(",")}
    if tag in known:
        return Response(status_code=304, headers={"etag": tag})
    return Response(answer, headers={"etag": tag}, media_type="application/json")


def _response(call: Call, answer: Answer, headers: dict[str, str]) -> Response:
    if isinstance(answer, Refusal):
        return problem(answer, call.language, headers=headers)
    return Response(answer, headers=headers, media_type="application/json")
