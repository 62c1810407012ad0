"""AsyncAPI 3.0.0 documents: what each service answers, says and hears."""

from collections.abc import Iterable, Sequence
from inspect import cleandoc
from typing import Any, Final

from ..catalogue import EVENTS, REQUESTS, SERVICES
from ..envelope import CONTENT_TYPE
from ..message import Event, Request
from .openapi import TITLE, VERSION
from .schemas import REF, envelope_schema, name_of, reachable, reference
from .topology import Hearer

Node = dict[str, Any]

REGION: Final = "{city}.{district}.{street}.{community}"
REGION_PARAMETERS: Final[Node] = {
    "city": {"description": "First four digits of the region's division code (3505)."},
    "district": {"description": "Next two digits (03), 00 where the region is wider."},
    "street": {"description": "Next three digits (001), 000 where the region is wider."},
    "community": {"description": "Last three digits (007), 000 where the region is wider."},
}
SERVER: Final[Node] = {
    "host": "localhost:4222",
    "protocol": "nats",
    "description": "The bus. `./linli status` prints the address of this installation.",
}
REFUSAL: Final[Node] = {
    "type": "object",
    "description": "Why nothing was done: a reason code and its parameters.",
    "properties": {"code": {"type": "string"}, "params": {"type": "object"}},
    "required": ["code", "params"],
}


def service_document(service: str, hearers: Sequence[Hearer]) -> Node:
    """What one service answers, says and hears."""
    requests = [each for each in REQUESTS if each.contract.service == service]
    said = [each for each in EVENTS if each.contract.service == service]
    heard = [hearer for hearer in hearers if hearer.service == service]
    return _document(f"{TITLE}: {service}", requests, said, heard)


def merged_document(hearers: Sequence[Hearer]) -> Node:
    """The whole system in one document."""
    return _document(TITLE, REQUESTS, EVENTS, hearers)


def documents(hearers: Sequence[Hearer]) -> dict[str, Node]:
    """Each service's document by the service's name."""
    return {service: service_document(service, hearers) for service in SERVICES}


def _document(
    title: str, requests: Iterable[type[Request[Any]]], said: Iterable[type[Event]], heard: Iterable[Hearer]
) -> Node:
    requests, said, heard = list(requests), list(said), list(heard)
    events = list(dict.fromkeys([*said, *(event for hearer in heard for event in hearer.events)]))
    channels: Node = {name_of(each): _request_channel(each) for each in requests}
    channels |= {f"{name_of(each)}Reply": _reply_channel(each) for each in requests}
    channels |= {name_of(each): _event_channel(each) for each in events}
    operations: Node = {f"answer{name_of(each)}": _answering(each) for each in requests}
    operations |= {f"say{name_of(each)}": _saying(each) for each in said}
    operations |= {f"{_camel(hearer.durable)}On{name_of(event)}": _hearing(hearer, event)
                   for hearer in heard for event in hearer.events}  # fmt: skip
    messages = {name_of(each): _request_message(each) for each in requests}
    messages |= {f"{name_of(each)}Reply": _reply_message(each) for each in requests}
    messages |= {name_of(each): _event_message(each) for each in events}
    own = {"Refusal": REFUSAL, "CloudEvent": _cloud_event()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": VERSION, "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/json",
        "servers": {"nats": SERVER},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": reachable(messages, own)},
    }


def _request_channel(request: type[Request[Any]]) -> Node:
    name = name_of(request)
    return {"address": request.contract.subject, "messages": {name: _message(name)}}


def _reply_channel(request: type[Request[Any]]) -> Node:
    name = f"{name_of(request)}Reply"
    return {"address": None, "messages": {name: _message(name)}}


def _event_channel(event: type[Event]) -> Node:
    name = name_of(event)
    return {
        "address": f"{event.contract.subject}.{REGION}",
        "messages": {name: _message(name)},
        "parameters": REGION_PARAMETERS,
        "x-jetstream": {"stream": event.contract.stream},
    }


def _answering(request: type[Request[Any]]) -> Node:
    contract, name = request.contract, name_of(request)
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
        "reply": {
            "address": {"location": "$message.header#/reply", "description": "The NATS reply subject."},
            "channel": {"$ref": f"#/channels/{name}Reply"},
            "messages": [{"$ref": f"#/channels/{name}Reply/messages/{name}Reply"}],
        },
        "tags": [{"name": contract.service}, {"name": contract.kind}],
        "bindings": {"nats": {"queue": contract.service}},
        "x-permission": contract.permission,
        "x-refusals": list(contract.refusals),
    }


def _saying(event: type[Event]) -> Node:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{name_of(event)}"},
        "tags": [{"name": event.contract.service}, {"name": "event"}],
        "x-jetstream": {"stream": event.contract.stream},
    }


def _hearing(hearer: Hearer, event: type[Event]) -> Node:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{name_of(event)}"},
        "tags": [{"name": hearer.service}, {"name": "event"}],
        "x-jetstream": {"stream": event.contract.stream, "durable": hearer.durable},
    }


def _message(name: str) -> Node:
    return {"$ref": f"#/components/messages/{name}"}


def _request_message(request: type[Request[Any]]) -> Node:
    command = request.contract.kind == "command"
    headers: Node = {
        "Authorization": {"type": "string", "description": "Bearer and the access token."},
        "Linli-Deadline": {"type": "string", "format": "date-time", "description": "Not done after it."},
        "traceparent": {"type": "string"},
    }
    if command:
        headers["Linli-Command-Id"] = {"type": "string", "format": "uuid", "description": "Idempotency key."}
        headers["Linli-Batch"] = {"type": "integer", "description": "Items, when the body is a list of 1 to 500."}
    return {
        "name": request.contract.type,
        "title": name_of(request),
        **_summary(request),
        "contentType": "application/json",
        "headers": {"type": "object", "properties": headers},
        "payload": reference(request),
    }


def _reply_message(request: type[Request[Any]]) -> Node:
    assert request.contract.reply is not None, "every command and query declares its reply"
    done = {"type": "object", "properties": {"ok": reference(request.contract.reply)}, "required": ["ok"]}
    refused = {"type": "object", "properties": {"refusal": {"$ref": f"{REF}Refusal"}}, "required": ["refusal"]}
    return {
        "name": f"{request.contract.type}.reply",
        "title": f"Reply to {name_of(request)}",
        "contentType": "application/json",
        "payload": {"oneOf": [done, refused]},
    }


def _event_message(event: type[Event]) -> Node:
    data = {"type": "object", "properties": {"type": {"const": event.contract.type}, "data": reference(event)}}
    return {
        "name": event.contract.type,
        "title": name_of(event),
        **_summary(event),
        "contentType": CONTENT_TYPE,
        "headers": {"type": "object", "properties": {"Nats-Msg-Id": {"type": "string", "format": "uuid"}}},
        "payload": {"allOf": [{"$ref": f"{REF}CloudEvent"}, data]},
    }


def _summary(kind: type[Event] | type[Request[Any]]) -> Node:
    return {"summary": cleandoc(kind.__doc__).splitlines()[0]} if kind.__doc__ else {}


def _cloud_event() -> Node:
    return {name: value for name, value in envelope_schema().items() if not name.startswith("$")}


def _camel(durable: str) -> str:
    first, *others = durable.split("-")
    return first + "".join(part.capitalize() for part in others)
