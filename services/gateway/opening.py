"""From an HTTP request to a command or query: path, body and parameters become one JSON object, checked once."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar, get_origin
from urllib.parse import parse_qsl
from uuid import UUID

from pydantic_core import from_json, to_json
from uuid_utils.compat import uuid7

from contracts.message import Command, Query, Request
from contracts.refusals import Refused
from contracts.wire import MAX_BYTES, body_of
from services.chassis.errors import invalid

from .routing import Call

M = TypeVar("M", bound=Request[Any])

MAX_DEPTH: Final = 64
MAX_PARAMETERS: Final = 300
BODY_SECONDS: Final = 20

# The last quotation mark may be missing: a string without an end must not be searched for again and again.
_BESIDE_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[^\[\]{}"]+', re.DOTALL)


class CallerLeft(Exception):
    """The caller closed the connection before the request was whole."""


async def read_body(call: Call) -> bytes:
    """The whole body. Raises Refused `message-too-large`, or `deadline-expired` for a sender that dawdles."""
    declared = call.header(b"content-length") or ""
    if declared.isdigit() and int(declared) > MAX_BYTES:
        raise Refused("message-too-large", limit=MAX_BYTES)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _gather(call)
    except TimeoutError:
        raise Refused("deadline-expired") from None


async def _gather(call: Call) -> bytes:
    body, more = b"", True
    while more:
        message = await call.receive()
        if message["type"] == "http.disconnect":
            raise CallerLeft
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BYTES:
            raise Refused("message-too-large", limit=MAX_BYTES)
    return body


def command_id(call: Call) -> UUID:
    """The caller's `Idempotency-Key`, or a new one. Raises Refused `invalid-message`."""
    given = call.header(b"idempotency-key")
    if given is None:
        return uuid7()
    try:
        return UUID(given.strip('"'))
    except ValueError:
        raise wrong("#/Idempotency-Key", "uuid_parsing") from None


def open_command(kind: type[Command[Any]], path: Mapping[str, str], body: bytes) -> tuple[Command[Any], bytes]:
    """The checked command and its JSON as it goes to the service. Raises Refused."""
    refuse_deep(body)
    raw = _with_path(body.strip() or b"{}", path)
    return _checked(kind, raw), raw


def open_query(kind: type[Query[Any]], path: Mapping[str, str], query_string: bytes) -> tuple[Query[Any], bytes]:
    """The checked query and its JSON. A parameter is repeated for each value of a list. Raises Refused."""
    given: dict[str, str | list[str]] = {}
    for name, value in _parameters(query_string):
        if name in given or _takes_many(kind, name):
            given[name] = [*_listed(given.get(name, [])), value]
        else:
            given[name] = value
    _must_agree(given, path)
    query = _checked(kind, to_json({**given, **path}))
    return query, body_of(query)


def refuse_deep(body: bytes) -> None:
    """Raises Refused `invalid-message` for JSON nested deeper than MAX_DEPTH."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    brackets = _BESIDE_BRACKETS.sub(b"", body)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets and not _is_broken(body):
        raise wrong("#", "too_deep")


def wrong(pointer: str, problem: str) -> Refused:
    """The refusal of one place in a request."""
    return Refused("invalid-message", errors=[{"pointer": pointer, "problem": problem}])


def _checked(kind: type[M], raw: bytes) -> M:
    try:
        return kind.model_validate_json(raw)
    except ValueError as error:
        raise Refused(invalid(error)) from None


def _with_path(body: bytes, path: Mapping[str, str]) -> bytes:
    """Adds the path's values to the object, at its end: of two equal names JSON keeps the last."""
    if not path or body[:1] != b"{" or body[-1:] != b"}":
        return body
    if any(f'"{name}"'.encode() in body for name in path):
        _must_agree(_parsed(body), path)
    inner = body[1:-1].strip()
    added = to_json(path)
    return b"{" + inner + b"," + added[1:] if inner else added


def _is_broken(body: bytes) -> bool:
    """Whether brackets are left over because the text is no JSON at all, not because it is deep."""
    try:
        from_json(body)
    except ValueError as error:
        return "recursion" not in str(error)
    return False


def _parsed(body: bytes) -> Any:
    try:
        return from_json(body)
    except ValueError:
        raise Refused("invalid-json") from None


def _must_agree(given: Mapping[str, Any], path: Mapping[str, str]) -> None:
    for name, value in path.items():
        if name in given and str(given[name]).lower() != value.lower():
            raise wrong(f"#/{name}", "differs_from_path")


def _parameters(query_string: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
        )
    except ValueError:
        raise wrong("#", "query_string") from None


def _takes_many(kind: type[Query[Any]], name: str) -> bool:
    field = kind.model_fields.get(name)
    return field is not None and get_origin(field.annotation) is tuple


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
