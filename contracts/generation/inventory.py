"""What exists, as data: every message and every reason code. Frozen with each release."""

from collections import Counter
from collections.abc import Sequence
from importlib import import_module
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
    """What each service is the home of, how much it is asked and says, and whom it hears, as a markdown table."""
    rows = [
        f"| [**{service}**](services/{service}/README.md) | {_home(service)} | {_asked(service)} | {_said(service)} "
        f"| {_heard(service, hearers)} |"
        for service in SERVICES
    ]
    head = "| service | home of | is asked | says | hears, by consumers |"
    return "\n".join([head, "| --- | --- | --- | --- | --- |", *rows])


def _home(service: str) -> str:
    """The docstring of the service's contracts."""
    return " ".join((import_module(f"contracts.{service}").__doc__ or "").split())


def _asked(service: str) -> str:
    kinds = Counter(each.contract.kind for each in REQUESTS if each.contract.service == service)
    return f"[{kinds['command']} commands, {kinds['query']} queries](contracts/{service})"


def _said(service: str) -> str:
    return f"[{len(_events_of(service))} events](contracts/documents/asyncapi/{service}.json)"


def _heard(service: str, hearers: Sequence[Hearer]) -> str:
    """How many of the events of each other service it takes, and by how many durable consumers."""
    own = [hearer for hearer in hearers if hearer.service == service]
    groups = []
    for teller in SERVICES:
        said = set(_events_of(teller))
        taking = [said & set(hearer.events) for hearer in own if said & set(hearer.events)]
        if taking:
            taken = set().union(*taking)
            count = f"all {len(said)}" if taken == said else f"{len(taken)} of {len(said)}"
            groups.append(f"{teller}: {count}, by {len(taking)}")
    return "; ".join(groups) or "–"


def _events_of(service: str) -> list[type[Event]]:
    return [event for event in EVENTS if event.contract.service == service]


def put_map(text: str, hearers: Sequence[Hearer]) -> str:
    """The text with the map between its markers. Raises LookupError where they are missing."""
    before, begin, rest = text.partition(MAP_BEGIN)
    _, end, after = rest.partition(MAP_END)
    if not (begin and end):
        raise LookupError(f"put {MAP_BEGIN} and {MAP_END} into README.md where the map belongs")
    return f"{before}{MAP_BEGIN}\n{NOTE}\n{map_table(hearers)}\n{MAP_END}{after}"
