"""JSON Schemas of messages and replies, from their classes."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core import core_schema

from ..catalogue import MESSAGES, REQUESTS
from ..data import DataClass
from ..envelope import CloudEvent
from ..message import Event, Message, Part, data_classes

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
REF: Final = "#/components/schemas/"
LOCAL_TIME: Final = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"
SEVEREST_LAST: Final = tuple(DataClass)
READ_FIRST: Final = ("title", "description", "type", "format", "enum", "const", "items", "properties", "required")


class HouseSchema(GenerateJsonSchema):
    """Pydantic's schemas without titles that repeat the name, with the data class of every leaf field."""

    def field_title_should_be_set(self, _: Any) -> bool:
        return False

    def time_schema(self, _: core_schema.TimeSchema) -> Schema:
        """A local time of day: JSON Schema's own format `time` demands an offset."""
        return {"type": "string", "pattern": LOCAL_TIME}

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        made, kind = super().model_schema(schema), schema["cls"]
        if issubclass(kind, (Message, Part)):
            for name, data_class in _severest(kind):
                made["properties"][name]["x-data-class"] = data_class.value
        return made


def _severest(model: type[BaseModel]) -> Iterator[tuple[str, DataClass]]:
    """The severest class of each field's own leaves; fields of nested parts carry theirs themselves."""
    leaves = [(path.partition(".")[0], data_class) for path, data_class in data_classes(model)]
    for name, field in model.model_fields.items():
        if not any(issubclass(kind, BaseModel) for kind in _classes(field.annotation)):
            yield name, max((found for leaf, found in leaves if leaf == name), key=SEVEREST_LAST.index)


def _classes(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _classes(argument)


@cache
def _definitions() -> tuple[Mapping[type[BaseModel], str], Mapping[str, Schema]]:
    replies = [kind.contract.reply for kind in REQUESTS if kind.contract.reply]
    models: list[type[BaseModel]] = list(dict.fromkeys([*MESSAGES, *replies]))
    keys, made = models_json_schema(
        [(model, "validation") for model in models], ref_template=REF + "{model}", schema_generator=HouseSchema
    )
    names = {model: keys[(model, "validation")]["$ref"].removeprefix(REF) for model in models}
    return names, made["$defs"]


def name_of(model: type[BaseModel]) -> str:
    """The name of a message or reply among the definitions: its class name, unless two services use the same."""
    return _definitions()[0][model]


def reference(model: type[BaseModel]) -> Schema:
    return {"$ref": REF + name_of(model)}


def components() -> dict[str, Schema]:
    """Every message, reply and part by name, for one document. Requests are closed, what is read stays open."""
    return dict(sorted(_definitions()[1].items()))


def reachable(node: Any, named: Mapping[str, Schema] | None = None) -> dict[str, Schema]:
    """The components that a document refers to, directly or through others; `named` are its own beside ours."""
    known, found, left = {**components(), **(named or {})}, dict[str, Schema](), [node]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left += node
        elif isinstance(node, dict):
            left += node.values()
            name = str(node.get("$ref", "")).removeprefix(REF)
            if name in known and name not in found:
                found[name] = known[name]
                left.append(known[name])
    return dict(sorted(found.items()))


def message_schema(kind: type[Message]) -> Schema:
    """The whole schema of a command's or query's body or of an event's data, as writers must keep it."""
    return _file(kind.contract.type, kind)


def reply_schema(kind: type[Message]) -> Schema:
    """The whole schema of the reply to a command or query."""
    reply = kind.contract.reply
    if reply is None:
        raise TypeError(f"{kind.__name__} has no reply")
    return _file(f"{kind.contract.type}.reply", reply)


def envelope_schema() -> Schema:
    """The schema of the envelope around any event; `data` keeps the schema of the event's type."""
    made = CloudEvent[Event].model_json_schema(schema_generator=HouseSchema)
    del made["$defs"]
    made["properties"]["data"] = {"type": "object", "description": "Keeps the schema that `dataschema` names."}
    return {"$schema": DIALECT, "$id": "urn:linli:schema:envelope", **made, "title": "CloudEvent"}


def _file(name: str, model: type[Message] | type[Part]) -> Schema:
    definitions = _definitions()[1]
    return {
        "$schema": DIALECT,
        "$id": f"urn:linli:schema:{name}",
        **_inline(definitions[name_of(model)], definitions, closed=True),
    }


def _inline(schema: Any, definitions: Mapping[str, Schema], closed: bool) -> Any:
    """Puts definitions in place of references, so that a file is read the same under draft-07 and 2020-12."""
    if isinstance(schema, list):
        return [_inline(each, definitions, closed) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(definitions[schema["$ref"].removeprefix(REF)], definitions, closed)
    made = {name: _inline(schema[name], definitions, closed) for name in sorted(schema, key=_reading_order)}
    if "properties" in schema:
        fields = schema["properties"].items()
        made["properties"] = {name: _inline(field, definitions, closed) for name, field in fields}
        if closed:
            made["additionalProperties"] = False
    return made


def _reading_order(keyword: str) -> int:
    return READ_FIRST.index(keyword) if keyword in READ_FIRST else len(READ_FIRST)
