"""Many commands of one kind in one HTTP request: offline uploads and imports."""

import asyncio
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json, to_json
from starlette.responses import Response

from contracts.catalogue import COMMANDS
from contracts.message import Command
from contracts.refusals import Refusal, Refused
from contracts.wire import MAX_BATCH
from services.chassis.errors import invalid

from .api import Api
from .coalescing import Answer
from .identity import Identity
from .opening import open_command, read_body, refuse_deep
from .problems import Language, describe
from .routing import Call, Route

PATH: Final = "/v1/batches/{service}/{operation}"
OPERATIONS: Final = {
    (kind.contract.service, kind.contract.name): kind for kind in COMMANDS if kind.contract.permission != "public"
}
"""Without those that anybody may do, such as logging in: five hundred guesses in a request would escape the limits."""


class Line(BaseModel):
    """One command of a batch: its idempotency key, and all its fields, also those of its own path."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: UUID
    data: Any


class Batches:
    """`POST /v1/batches/<service>/<operation>` with 1 to 500 items `{"id": …, "data": {…}}`.

    The answer names an outcome an item, in order: `{"ok": …}` or `{"refusal": …}`. A bad item leaves its
    neighbours done. Refused as a whole: no such operation, no permission, no list, too many, service away.
    """

    def __init__(self, api: Api, identity: Identity) -> None:
        self._api, self._identity = api, identity

    def route(self) -> Route:
        return Route("POST", PATH, self._take)

    async def _take(self, call: Call) -> Response:
        kind = OPERATIONS.get((call.path["service"], call.path["operation"]))
        if kind is None:
            raise Refused("unknown-operation")
        _, token = await self._identity.admit(call, kind.contract.permission)
        entries = _entries(await read_body(call))
        answers = await asyncio.gather(*(self._one(kind, entry, token, call.traceparent) for entry in entries))
        if all(isinstance(answer, Refusal) and answer.code == "unavailable" for answer in answers):
            raise Refused("unavailable", service=kind.contract.service)
        body = b"[" + b",".join([_outcome(answer, call.language) for answer in answers]) + b"]"
        return Response(body, media_type="application/json")

    async def _one(self, kind: type[Command[Any]], entry: Any, token: str, traceparent: str | None) -> Answer:
        try:
            line = Line.model_validate(entry)
            command, raw = open_command(kind, {}, to_json(line.data))
        except ValidationError as error:
            return invalid(error)
        except Refused as refused:
            return refused.refusal
        return await self._api.senders[kind].send(self._api.sending(command, raw, line.id, token, traceparent))


def _entries(body: bytes) -> list[Any]:
    refuse_deep(body)
    try:
        entries = from_json(body)
    except ValueError:
        raise Refused("invalid-json") from None
    if not isinstance(entries, list):
        raise Refused("invalid-message", errors=[{"pointer": "#", "problem": "list_type"}])
    if not 1 <= len(entries) <= MAX_BATCH:
        raise Refused("batch-too-large", limit=MAX_BATCH)
    return entries


def _outcome(answer: Answer, language: Language) -> bytes:
    if isinstance(answer, Refusal):
        return b'{"refusal":' + to_json(describe(answer, language)) + b"}"
    return b'{"ok":' + answer + b"}"
