"""What exists, as data: every message and every reason code. Frozen with each release."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from ..catalogue import EVENTS, MESSAGES, REQUESTS, SERVICES
from ..message import Event, Message
from ..refusals import GENERAL, reason_of
from .schemas import name_of
from .topology import Hearer

Node = dict[str, Any]

MAP_BEGIN, MAP_END = "<!-- map:begin -->", "<!-- map:end -->"
NOTE: Final = "<!-- made by ./linli contracts generate -->"


def inventory() -> Node:
    """Messages by type, reasons by code."""
    return {
        "messages": {kind.contract.type: _message(kind) for kind in MESSAGES},
        "reasons": {code: _reason(code) for code in codes()},
    }


def codes() -> list[str]:
    """The reason codes of the contracts."""
    return sorted({*GENERAL, *(code for request in REQUESTS for code in request.contract.refusals)})


def _message(kind: type[Message]) -> Node:
    contract = kind.contract
    made: Node = {"kind": contract.kind, "name": name_of(kind), "subject": contract.subject}
    if contract.route and contract.reply:
        made["route"] = f"{contract.route.method} {contract.route.path}"
        made["permission"] = contract.permission
        made["reply"] = name_of(contract.reply)
        made["refusals"] = list(contract.refusals)
    return made


def _reason(code: str) -> Node:
    reason = reason_of(code)
    return {"status": reason.status, "retryable": reason.retryable, "zh": reason.zh, "en": reason.en}


def map_table(hearers: Sequence[Hearer]) -> str:
    """Who answers, says and hears what, as a markdown table."""
    rows = [
        f"| **{service}** | {_names(each for each in REQUESTS if each.contract.service == service)} "
        f"| {_names(each for each in EVENTS if each.contract.service == service)} | {_heard(service, hearers)} |"
        for service in SERVICES
    ]
    return "\n".join(["| service | answers | says | hears |", "| --- | --- | --- | --- |", *rows])


def _heard(service: str, hearers: Sequence[Hearer]) -> str:
    """The events by the service that says them."""
    heard = {event for hearer in hearers if hearer.service == service for event in hearer.events}
    groups = []
    for teller in SERVICES:
        said = [event for event in EVENTS if event.contract.service == teller]
        taken = [event for event in said if event in heard]
        if taken:
            groups.append(f"{teller}: {'everything' if taken == said else _names(taken)}")
    return "; ".join(groups) or "–"


def _names(kinds: Iterable[type[Message] | type[Event]]) -> str:
    return ", ".join(f"`{name_of(kind)}`" for kind in kinds)


def put_map(text: str, hearers: Sequence[Hearer]) -> str:
    """The text with the map between its markers. Raises LookupError where they are missing."""
    before, begin, rest = text.partition(MAP_BEGIN)
    _, end, after = rest.partition(MAP_END)
    if not (begin and end):
        raise LookupError(f"put {MAP_BEGIN} and {MAP_END} into README.md where the map belongs")
    return f"{before}{MAP_BEGIN}\n{NOTE}\n{map_table(hearers)}\n{MAP_END}{after}"
