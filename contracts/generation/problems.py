"""Refusals as HTTP shows them: the problem document (RFC 9457) and its examples in both languages."""

import re
from collections.abc import Iterable
from typing import Any, Final

from ..refusals import GENERAL, reason_of
from .samples import NoSample, value_of
from .schemas import REF

Node = dict[str, Any]

MEDIA_TYPE: Final = "application/problem+json"
LANGUAGES: Final = ("zh", "en")
RESPONSES: Final = "#/components/responses/"
PROBLEM_SCHEMA: Final[Node] = {
    "title": "Problem",
    "description": "Why nothing was done (RFC 9457). `params` hold ids, numbers and codes.",
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "params": {"type": "object"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "code": {"type": "string"}},
                "required": ["pointer", "code"],
            },
        },
    },
    "required": ["type", "status", "detail", "code", "params"],
}
SPOKEN: Final = {
    "seconds": 30,
    "functions": "editor",
    "errors": "#/seats extra-forbidden",
    "limit": 900_000,
    "permission": "activities.plan",
    "service": "activities",
    "incident": "019f4ed0-75d9-7000-8000-000000000001",
    "cap": 720,
    "from_time": "2026-07-11T00:30:00Z",
    "columns": "日期, 阵地",
    "column": "日期",
    "example": "2026-09-01",
    "until_time": "2026-07-11T03:30:00Z",
    "day": "2026-07-11",
    "why": "clearance_missing",
}
"""Parameters of sentences that are no fields of a message."""


def refused(codes: Iterable[str]) -> Node:
    """The responses of reason codes, by status."""
    return {
        str(status): {"$ref": f"{RESPONSES}{_name(found)}"} if _is_common(found) else _problem(status, found)
        for status, found in _by_status(codes)
    }


def common(groups: Iterable[Iterable[str]]) -> Node:
    """The responses that routes share, by the name they are referred to: those of general codes alone."""
    found = [(status, codes) for group in groups for status, codes in _by_status(group) if _is_common(codes)]
    return {_name(codes): _problem(status, codes) for status, codes in sorted(found)}


def _by_status(codes: Iterable[str]) -> list[tuple[int, list[str]]]:
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(reason_of(code).status, []).append(code)
    return sorted(by_status.items())


def _is_common(codes: Iterable[str]) -> bool:
    return all(code in GENERAL for code in codes)


def _name(codes: Iterable[str]) -> str:
    return ".".join(codes)


def _problem(status: int, codes: list[str]) -> Node:
    names = [f"{code}.{language}" for code in codes for language in LANGUAGES]
    made: Node = {
        "description": ", ".join(f"`{code}`" for code in codes),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": f"{REF}Problem"},
                "examples": {name: {"$ref": f"#/components/examples/{name}"} for name in names},
            }
        },
    }
    if status == 503:
        made["headers"] = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
    return made


def examples(codes: Iterable[str]) -> Node:
    """An example of each problem in both languages, by `<code>.<language>`."""
    return {f"{code}.{language}": _example(code, language) for code in sorted(set(codes)) for language in LANGUAGES}


def _example(code: str, language: str) -> Node:
    reason = reason_of(code)
    params = {name: _parameter_value(name) for name in sorted(set(re.findall(r"\{(\w+)\}", reason.en)))}
    value: Node = {
        "type": f"urn:linli:problem:{code}",
        "status": reason.status,
        "detail": reason.sentence(language, params),
        "code": code,
        "params": {name: given for name, given in params.items() if name != "errors"},
    }
    if "errors" in params:
        value["errors"] = [{"pointer": "#/seats", "code": "extra-forbidden"}]
    return {"value": value}


def _parameter_value(name: str) -> Any:
    if name in SPOKEN:
        return SPOKEN[name]
    try:
        return value_of(name, {"type": "string", "format": "uuid"} if name.endswith("_id") else {})
    except NoSample as unknown:
        raise NoSample(f"add the parameter {name} of a refusal to SPOKEN in openapi.py") from unknown
