"""The gate: what was released stays readable (promise 9). Compares a released version with what is declared now.

Events: readers of the old version must take what is written now, and today's readers all that was ever written.
Commands and queries: today's service must take what the old version allowed to send. Replies: as events, forward only.
Readers ignore unknown fields and read unknown codes as `unknown`; writers are closed.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jsoncompat import check_compat

from . import files
from .differences import differences
from .inventory import inventory
from .topology import Hearer

Node = dict[str, Any]
Judged = Callable[[Node, Node], Iterator[str]]

OUTSIDE: Final = "integrators"


@dataclass(frozen=True, slots=True)
class Version:
    """The messages and reasons of one version, and a schema for each message and reply."""

    name: str
    inventory: Mapping[str, Any]
    schemas: Mapping[str, Any]

    @property
    def messages(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.inventory["messages"]
        return found


def today() -> Version:
    """What the classes declare now."""
    return Version("today", inventory(), files.schemas())


def released() -> list[Version]:
    """Every frozen version, by name."""
    frozen = sorted(path.parent for path in files.RELEASED.glob("*/inventory.json"))
    return [_load(directory) for directory in frozen]


def _load(directory: Path) -> Version:
    schemas = {path.stem: json.loads(path.read_text("utf-8")) for path in (directory / "schemas").glob("*.json")}
    return Version(directory.name, json.loads((directory / "inventory.json").read_text("utf-8")), schemas)


def breaks(old: Version, new: Version, hearers: Sequence[Hearer]) -> Iterator[str]:
    """Each way in which `new` breaks what `old` promised, with who would break and what to do instead."""
    for type_name, message in old.messages.items():
        for what in _message_breaks(type_name, message, old, new):
            yield (
                f"{type_name}: {what} since {old.name}. This breaks {_who(type_name, message, hearers)}. "
                "Take it back, or declare a new version of the message beside this one."
            )
    for code, reason in old.inventory["reasons"].items():
        now = new.inventory["reasons"].get(code)
        if now is None:
            yield f"the reason code {code} of {old.name} is gone. This breaks {OUTSIDE}. Keep it."
        elif now["status"] != reason["status"]:
            yield f"{code}: status {reason['status']} of {old.name} is {now['status']} now. Use a new code."


def _who(type_name: str, message: Mapping[str, Any], hearers: Sequence[Hearer]) -> str:
    if message["kind"] != "event":
        return f"gateway, {OUTSIDE}"
    hearing = {hearer.service for hearer in hearers for event in hearer.events if event.contract.type == type_name}
    return ", ".join([*sorted(hearing), OUTSIDE])


def _message_breaks(type_name: str, message: Mapping[str, Any], old: Version, new: Version) -> Iterator[str]:
    now = new.messages.get(type_name)
    if now is None:
        yield "the message is removed"
        return
    for what in ("kind", "route", "subject"):
        if message.get(what) != now.get(what):
            yield f"its {what} {message.get(what)!r} is {now.get(what)!r} now"
    yield from _schema_breaks(_told if message["kind"] == "event" else _heard, type_name, old, new)
    if message["kind"] != "event":
        reply = f"{type_name}{files.REPLY}"
        yield from (f"in its reply {what}" for what in _schema_breaks(_answered, reply, old, new))


def _schema_breaks(
    judged: Callable[[Node, Node], Iterator[str]], name: str, old: Version, new: Version
) -> Iterator[str]:
    """A schema that is what it was is not looked into: that is nearly every one."""
    if old.schemas[name] != new.schemas[name]:
        yield from judged(old.schemas[name], new.schemas[name])


def _told(old: Node, new: Node) -> Iterator[str]:
    """An event, both ways."""
    if not (_takes(reader(old), new) and _takes(new, old) and _same_words(old, new)):
        yield from differences(old, new)


def _answered(old: Node, new: Node) -> Iterator[str]:
    """A reply: old callers read what is written now."""
    if not (_takes(reader(old), new) and _same_words(old, new)):
        yield from differences(old, new)


def _heard(old: Node, new: Node) -> Iterator[str]:
    """A command or query: today's service reads what old callers send."""
    if not (_takes(new, old) and _same_words(old, new)):
        yield from differences(old, new)


def _takes(reading: Node, written: Node) -> bool:
    """Whether every document of one schema is valid under the other."""
    return check_compat(_plain(written), _plain(reading), "deserializer")


def _plain(schema: Node) -> str:
    """Without its `$id`, which jsoncompat takes for a reference to somewhere else."""
    return json.dumps({name: value for name, value in schema.items() if not name.startswith("$")})


def reader(schema: Any) -> Any:
    """A writer's closed schema as its reader takes it: other fields are ignored, other codes read as `unknown`."""
    if isinstance(schema, list):
        return [reader(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: value for name, value in schema.items() if name not in ("additionalProperties", "enum")}
    if "properties" in schema:
        kept["properties"] = {name: reader(field) for name, field in schema["properties"].items()}
    return {name: value if name == "properties" else reader(value) for name, value in kept.items()}


def _same_words(old: Any, new: Any) -> bool:
    """Patterns and formats cannot be compared by meaning, so they stay as they are."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return True
    if any(old.get(word) != new.get(word) for word in ("pattern", "format")):
        return False
    inner = [(old.get("items"), new.get("items"))]
    inner += [(field, new.get("properties", {}).get(name)) for name, field in old.get("properties", {}).items()]
    inner += list(zip(old.get("anyOf", []), new.get("anyOf", []), strict=False))
    return all(_same_words(before, after) for before, after in inner)
