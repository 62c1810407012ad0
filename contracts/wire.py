"""How commands, queries and their outcomes travel over NATS: headers, single and batch bodies, outcomes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter
from pydantic_core import from_json, to_json

from .message import Part, Request, json_of
from .refusals import Refusal

COMMAND_ID: Final = "Linli-Command-Id"
DEADLINE: Final = "Linli-Deadline"
AUTHORIZATION: Final = "Authorization"
TRACEPARENT: Final = "traceparent"
BATCH: Final = "Linli-Batch"

MAX_BATCH: Final = 500
MAX_BYTES: Final = 900_000
"""Bodies stay below the server's 1 MiB so that headers fit; a larger one is refused before it is sent."""

Q = TypeVar("Q", bound=Request[Any])


class Item(BaseModel, Generic[Q]):
    """One command of a batch. Without a token of its own it is sent in the name of the batch's sender."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", hide_input_in_errors=True)

    id: UUID
    data: Q
    token: str | None = None
    deadline: AwareDatetime | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """One command on its way: its idempotency key, and optionally whose token, until when, in which trace."""

    id: UUID
    data: Request[Any]
    token: str | None = None
    deadline: datetime | None = None
    traceparent: str | None = None
    body: bytes = field(default=b"", compare=False)

    def to_json(self, *, names_sender: bool = True) -> bytes:
        """An item of a batch; without its token where the batch has one for all."""
        parts = [
            b'{"id":"',
            str(self.id).encode(),
            b'","data":',
            self.body or body_of(self.data),
        ]
        for name, value in (
            ("token", self.token if names_sender else None),
            ("deadline", self.deadline),
            ("traceparent", self.traceparent),
        ):
            if value is not None:
                parts += [b',"', name.encode(), b'":', to_json(value)]
        return b"".join([*parts, b"}"])


def body_of(request: Request[Any]) -> bytes:
    """What its sender said and no more: a service of the release before refuses fields that it does not know."""
    return json_of(request, exclude_unset=True, exclude_none=True)


def batch_body(items: list[Sending], *, names_senders: bool = True) -> bytes:
    return b"[" + b",".join([item.to_json(names_sender=names_senders) for item in items]) + b"]"


def headers_of(item: Sending) -> dict[str, str]:
    """The headers of a single command."""
    headers = {COMMAND_ID: str(item.id)}
    if item.token:
        headers[AUTHORIZATION] = f"Bearer {item.token}"
    if item.deadline:
        headers[DEADLINE] = item.deadline.astimezone(UTC).isoformat()
    if item.traceparent:
        headers[TRACEPARENT] = item.traceparent
    return headers


def outcome_to_json(outcome: Part | Refusal) -> bytes:
    """`{"ok": {...}}` or `{"refusal": {"code": ..., "params": {...}}}`."""
    if isinstance(outcome, Refusal):
        return b'{"refusal":' + to_json({"code": outcome.code, "params": dict(outcome.params)}) + b"}"
    return b'{"ok":' + json_of(outcome) + b"}"


def read_outcome(reply: type[Part], raw: dict[str, Any]) -> Part | Refusal:
    """Opens one outcome that was parsed from JSON. Replies are read with tolerance, like events."""
    if "refusal" in raw:
        return Refusal(raw["refusal"]["code"], **raw["refusal"].get("params", {}))
    return reply.model_validate(raw["ok"], context={"tolerant": True})


def read_outcomes(reply: type[Part], body: bytes) -> list[Part | Refusal]:
    """Opens the answer to a batch: one outcome an item, in order. A lone refusal stands for the whole batch."""
    raw = from_json(body)
    return [read_outcome(reply, entry) for entry in (raw if isinstance(raw, list) else [raw])]


def reader_of(request: type[Q]) -> TypeAdapter[list[Item[Q]]]:
    """What opens the body of a batch of this command."""
    return TypeAdapter(list[Item[request]])  # type: ignore[valid-type]
