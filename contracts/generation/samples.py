"""Plausible samples of every message: made once from the schema, then kept as golden files."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from .. import envelope
from ..message import Event, Message, Part
from .own_values import BY_MESSAGE
from .schemas import Schema, message_schema, reply_schema
from .values import BY_FIELD

SAID_AT: Final = datetime(2026, 7, 11, 1, 35, 12, 345000, tzinfo=UTC)
STREET: Final = "350503001000"


class NoSample(ValueError):
    """The sampler found no value that fits a field; name one in values.py."""


def sample_id(name: str) -> UUID:
    """A UUIDv7 of 2026 that is the same wherever the same field is named: samples tell one story."""
    digest = sha256(name.encode()).digest()
    made = bytearray(int(SAID_AT.timestamp() * 1000).to_bytes(6, "big") + digest[:10])
    made[6], made[8] = 0x70 | made[6] & 0x0F, 0x80 | made[8] & 0x3F
    return UUID(bytes=bytes(made))


def request_sample(kind: type[Message]) -> Any:
    """A body that the command or query takes."""
    made = _fields(kind.__name__, message_schema(kind))
    kind.model_validate(made)
    return made


def reply_sample(kind: type[Message]) -> Any:
    """A reply that the command or query may give."""
    reply = kind.contract.reply
    if reply is None:
        raise NoSample(f"{kind.__name__} has no reply")
    return _kept(reply, _fields(reply.__name__, reply_schema(kind)))


def event_sample(kind: type[Event]) -> Any:
    """The whole envelope of an event."""
    data = kind.model_validate(_fields(kind.__name__, message_schema(kind)))
    sealed = envelope.seal(
        data,
        id=sample_id(kind.contract.type),
        time=SAID_AT,
        region=STREET,
        version=1,
        actor=str(sample_id("person_id")),
        correlation=sample_id("correlation"),
        causation=sample_id("causation"),
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
    envelope.read(kind, sealed)
    return json.loads(sealed)


def _kept(reply: type[Part], made: dict[str, Any]) -> Any:
    """As the service writes it."""
    return json.loads(reply.model_validate(made).model_dump_json())


def _fields(model: str, schema: Schema) -> dict[str, Any]:
    special = BY_MESSAGE.get(model, {})
    return {
        name: special[name] if name in special else value_of(name, field)
        for name, field in schema["properties"].items()
    }


def value_of(name: str, schema: Mapping[str, Any]) -> Any:
    """A value for one field: from the table by name if it fits, else the first that the schema allows."""
    if "anyOf" in schema:
        return value_of(name, next(branch for branch in schema["anyOf"] if branch.get("type") != "null"))
    if schema.get("type") == "array":
        return _array(name, schema)
    if schema.get("type") == "object":
        return _fields(schema.get("title", ""), dict(schema))
    if "enum" in schema:
        return BY_FIELD[name] if BY_FIELD.get(name) in schema["enum"] else schema["enum"][0]
    if schema.get("format") == "uuid":
        return str(sample_id(name))
    if name not in BY_FIELD:
        raise NoSample(f"no sample for the field {name} ({json.dumps(schema, ensure_ascii=False)})")
    return BY_FIELD[name]


def _array(name: str, schema: Mapping[str, Any]) -> list[Any]:
    if name in BY_FIELD:
        return list(BY_FIELD[name])
    if "prefixItems" in schema:
        raise NoSample(f"name a whole row for {name}")
    return [value_of(name, schema["items"])]
