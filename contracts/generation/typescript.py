"""TypeScript types of every message, for integrators who write JavaScript."""

import json
from collections.abc import Iterable, Mapping
from inspect import cleandoc
from typing import Any, Final

from ..catalogue import EVENTS, REQUESTS
from ..message import Request
from ..refusals import GENERAL
from .schemas import REF, Schema, components, name_of

HEAD: Final = """\
// Messages of Linli. Made from contracts/ by `./linli contracts generate`: do not edit.
// Replies and events gain fields and codes in time: ignore what you do not know.

/** A problem document (RFC 9457): why nothing was done. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: RefusalCode | (string & {});
  params: Record<string, unknown>;
  errors?: { pointer: string; code: string }[];
}

/** An event as it travels (CloudEvents 1.0). */
export interface CloudEvent<Type extends string, Data> {
  specversion: "1.0";
  id: string;
  source: string;
  type: Type;
  /** Id of the aggregate. */
  subject: string;
  time: string;
  datacontenttype: "application/json";
  dataschema: string;
  /** 12-digit division code. */
  region: string;
  actor: string;
  correlationid: string;
  causationid: string;
  /** Counts the aggregate's events from 1. */
  aggversion: number;
  epoch: number;
  traceparent?: string;
  data: Data;
}
"""
PLAIN: Final[Mapping[str, str]] = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}


def types() -> str:
    """The whole declaration file."""
    sent = {name_of(request) for request in REQUESTS}
    declared = [_declaration(name, schema, name in sent) for name, schema in components().items()]
    return "\n".join([HEAD, *declared, _events(), _requests(), _codes()])


def _declaration(name: str, schema: Schema, sent: bool) -> str:
    comment = _comment(schema.get("description", ""))
    if schema.get("type") != "object":
        return f"{comment}export type {name} = {_type(schema, sent)};\n"
    required = schema.get("required", [])
    fields = schema.get("properties", {}).items()
    lines = [f"  {field}{'' if field in required else '?'}: {_type(inner, sent)};\n" for field, inner in fields]
    return f"{comment}export interface {name} {{\n{''.join(lines)}}}\n" if lines else f"{comment}{EMPTY.format(name)}\n"


EMPTY: Final = "export type {} = Record<string, never>;"


def _type(schema: Mapping[str, Any], sent: bool) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REF)
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(branch, sent) for branch in schema["anyOf"]))
    if "enum" in schema:
        # What is read may hold a code that is newer than this file.
        return " | ".join([*map(json.dumps, schema["enum"]), *([] if sent else ["(string & {})"])])
    if "prefixItems" in schema:
        return f"[{', '.join(_type(item, sent) for item in schema['prefixItems'])}]"
    if schema.get("type") == "array":
        inner = _type(schema["items"], sent)
        return f"({inner})[]" if " " in inner and not inner.startswith("[") else f"{inner}[]"
    return PLAIN[schema["type"]]


def _comment(text: str) -> str:
    first, *others = cleandoc(text).splitlines() or [""]
    if not others:
        return f"/** {first} */\n" if first else ""
    return "\n".join(["/**", *(f" * {line}".rstrip() for line in (first, *others)), " */", ""])


def _events() -> str:
    lines = [f'  | CloudEvent<"{event.contract.type}", {name_of(event)}>' for event in EVENTS]
    return "/** Every event. */\nexport type LinliEvent =\n" + "\n".join(lines) + ";\n"


def _requests() -> str:
    return "/** Every route: what is sent and what is answered. */\nexport interface Routes {\n" + "".join(
        map(_request, REQUESTS)
    ) + "}\n"  # fmt: skip


def _request(request: type[Request[Any]]) -> str:
    contract = request.contract
    assert contract.route is not None, "every command and query declares its route"
    assert contract.reply is not None, "every command and query declares its reply"
    refusals = " | ".join(f'"{code}"' for code in contract.refusals) or "never"
    return (
        f'  "{contract.route.method} {contract.route.path}": '
        f"{{ request: {name_of(request)}; reply: {name_of(contract.reply)}; refusals: {refusals} }};\n"
    )


def _codes() -> str:
    codes = sorted({*GENERAL, *(code for request in REQUESTS for code in request.contract.refusals)})
    return "/** Every reason code. */\nexport type RefusalCode =\n" + _union(codes) + ";\n"


def _union(codes: Iterable[str]) -> str:
    return "\n".join(f'  | "{code}"' for code in codes)
