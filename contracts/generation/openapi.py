"""The OpenAPI 3.1 document of the gateway: every command and query route, and the event stream."""

import re
import tomllib
from inspect import cleandoc
from pathlib import Path
from typing import Any, Final

from ..catalogue import REQUESTS, SERVICES
from ..message import Command, Request
from ..refusals import GENERAL
from .problems import MEDIA_TYPE, PROBLEM_SCHEMA, common, examples, refused
from .samples import reply_sample, request_sample
from .schemas import REF, components, name_of, reachable, reference

Node = dict[str, Any]

TITLE: Final = "Linli 邻里"
PROJECT: Final = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
VERSION: Final[str] = PROJECT["version"]
JSON: Final = "application/json"
PUBLIC: Final = "public"
EVENT_CODES: Final = ("invalid-message", "unauthenticated", "not-permitted", "unavailable", "internal-error")
NEVER_OVER_HTTP: Final = {"batch-too-large", "unknown-operation"}
COMMANDS_ONLY: Final = {"command-id-reused", "invalid-json", "message-too-large"}
ACCESS_ONLY: Final = {"unauthenticated", "not-permitted"}
ABOUT: Final = """邻里中心里妇联基层工作的一组独立服务。

所有命令可用同一 `Idempotency-Key` 重发：只执行一次，答复相同。拒绝以问题文档（RFC 9457）返回，`code` 是固定的原因代码，
中英文说明由 `Accept-Language` 决定。答复和事件会逐渐增加字段：不认识的请忽略。

Independent services for the grassroots work of women's federations in neighbourhood centres.

Every command may be repeated with the same `Idempotency-Key`: it is done once and answered the same. A refusal is a
problem document (RFC 9457) with a reason `code` of a closed list, in Chinese or English by `Accept-Language`.
Replies and events gain fields in time: ignore what you do not know."""


def document() -> Node:
    """The whole document."""
    paths: Node = {}
    for request in REQUESTS:
        route = request.contract.route
        assert route is not None, "every command and query declares its route"
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(request)
    paths["/v1/events"] = {"get": _events()}
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": ABOUT, "license": LICENSE},
        "servers": [{"url": "/"}],
        "tags": [*({"name": service} for service in SERVICES), {"name": "events"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "parameters": PARAMETERS,
            "headers": {"RetryAfter": {"schema": {"type": "integer"}, "description": "Seconds to wait."}},
            "responses": common([*map(_codes, REQUESTS), EVENT_CODES]),
            "examples": examples(code for request in REQUESTS for code in _codes(request)),
            "schemas": {"Problem": PROBLEM_SCHEMA, **reachable(paths)},
        },
    }


SECRET: Final[Node] = {
    "type": "object",
    "properties": {
        "secret": {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "description": "Told this once: only its hash is kept.",
        }
    },
    "required": ["secret"],
}
LICENSE: Final[Node] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
PARAMETERS: Final[Node] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "format": "uuid"},
        "description": "Your id of this command, to be able to repeat it. Without it the gateway gives one.",
    },
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "schema": {"type": "string", "default": "zh-CN"},
        "description": "`zh` or `en`: the language of a refusal's sentence.",
    },
}


def _operation(request: type[Request[Any]]) -> Node:
    contract = request.contract
    made: Node = {"operationId": contract.name, "tags": [contract.service], **_words(request)}
    made["parameters"] = [*_parameters(request), {"$ref": "#/components/parameters/AcceptLanguage"}]
    if issubclass(request, Command):
        made["parameters"].append({"$ref": "#/components/parameters/IdempotencyKey"})
        if body := _body(request):
            made["requestBody"] = body
    made["responses"] = {"200": _done(request), **refused(_codes(request))}
    made["security"] = [] if contract.permission == PUBLIC else [{"bearer": []}]
    made["x-permission"] = contract.permission
    made["x-refusals"] = list(contract.refusals)
    made["x-nats-subject"] = contract.subject
    return made


def _words(request: type[Request[Any]]) -> Node:
    return {"summary": _sentence(request.__name__), "description": cleandoc(request.__doc__ or "")}


def _sentence(name: str) -> str:
    """`EndAppointment` -> `End appointment`."""
    first, *others = re.findall(r"[A-Z][a-z0-9]*", name)
    return " ".join([first, *(word.lower() for word in others)])


def _fields(request: type[Request[Any]]) -> tuple[Node, list[str]]:
    schema = components()[name_of(request)]
    return schema["properties"], schema.get("required", [])


def _parameters(request: type[Request[Any]]) -> list[Node]:
    """Path parameters; a query's other fields are URL parameters."""
    fields, required = _fields(request)
    route = request.contract.route
    in_path = route.parameters if route else ()
    made = [{"name": name, "in": "path", "required": True, "schema": fields[name]} for name in in_path]
    if issubclass(request, Command):
        return made
    for name in fields.keys() - set(in_path):
        made.append({"name": name, "in": "query", "required": name in required, "schema": _stated(fields[name])})
    return [*made[: len(in_path)], *sorted(made[len(in_path) :], key=lambda each: list(fields).index(each["name"]))]


def _stated(schema: Node) -> Node:
    """A URL parameter is there or not there, never null."""
    branches = [branch for branch in schema.get("anyOf", []) if branch.get("type") != "null"]
    if len(branches) != 1:
        return schema
    return {**branches[0], **{name: value for name, value in schema.items() if name.startswith("x-")}}


def _body(request: type[Request[Any]]) -> Node | None:
    """The fields that are not in the path, nor made by the gateway."""
    fields, required = _fields(request)
    left_out = set(request.contract.route.parameters) if request.contract.route else set()
    left_out |= {request.contract.mints} - {""}
    if not fields.keys() - left_out:
        return None
    sample = {name: value for name, value in request_sample(request).items() if name not in left_out}
    schema = reference(request)
    if left_out:
        schema = {
            "type": "object",
            "properties": {name: field for name, field in fields.items() if name not in left_out},
            "required": [name for name in required if name not in left_out],
            "additionalProperties": False,
        }
    return {"required": True, "content": {JSON: {"schema": schema, "example": sample}}}


def _done(request: type[Request[Any]]) -> Node:
    assert request.contract.reply is not None, "every command and query declares its reply"
    schema, example = reference(request.contract.reply), reply_sample(request)
    if request.contract.mints:
        schema, example = {"allOf": [schema, SECRET]}, {**example, "secret": "lls_3Jc0Yx…"}
    content = {JSON: {"schema": schema, "example": example}}
    return {"description": "Done." if issubclass(request, Command) else "The answer.", "content": content}


def _codes(request: type[Request[Any]]) -> list[str]:
    """The reason codes a caller of this route may meet."""
    left_out = set(NEVER_OVER_HTTP)
    if not issubclass(request, Command):
        left_out |= COMMANDS_ONLY
    if request.contract.permission == PUBLIC:
        left_out |= ACCESS_ONLY
    return [*request.contract.refusals, *(code for code in GENERAL if code not in left_out)]


def _events() -> Node:
    return {
        "operationId": "hear-events",
        "tags": ["events"],
        "summary": "Hear events",
        "description": (
            "Server-sent events: `event` is the CloudEvents type, `data` the CloudEvent, `id` the position to resume "
            "from. Permission `events.read` for the region."
        ),
        "parameters": EVENT_PARAMETERS,
        "responses": {
            "200": {"description": "A stream that stays open.", "content": {"text/event-stream": EVENT_STREAM}},
            **refused(EVENT_CODES),
            "410": {
                "description": "`position-lost`: the events after the position are kept no longer. Ask the owning "
                "service for what holds now, then hear what is new.",
                "content": {MEDIA_TYPE: {"schema": {"$ref": f"{REF}Problem"}}},
            },
        },
        "security": [{"bearer": []}],
        "x-permission": "events.read",
    }


EVENT_PARAMETERS: Final[list[Node]] = [
    {
        "name": "region",
        "in": "query",
        "schema": {"type": "string", "pattern": r"^\d{2,12}$"},
        "description": "2, 4, 6, 9 or 12 digits: the subtree to hear. The caller's own by default.",
    },
    {
        "name": "types",
        "in": "query",
        "schema": {"type": "string"},
        "description": "Prefixes of event types by comma (`linli.activities.,linli.notify.`); all by default.",
    },
    {
        "name": "since",
        "in": "query",
        "schema": {"type": "string"},
        "description": "`all`, or a position to go on after; what comes from now on by default.",
    },
    {
        "name": "Last-Event-ID",
        "in": "header",
        "schema": {"type": "string"},
        "description": "The `id` of the last event that was read; goes before `since`.",
    },
    {"$ref": "#/components/parameters/AcceptLanguage"},
]
EVENT_STREAM: Final[Node] = {"schema": {"type": "string"}}
