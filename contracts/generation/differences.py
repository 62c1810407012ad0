"""Says in words how two schemas differ, for the person who has to mend it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

LIMITS: Final = ("pattern", "format", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "const")


def differences(old: Schema, new: Schema) -> Iterator[str]:
    """Each difference that may break somebody, or one sentence where none can be named."""
    found = list(_fields(old, new, ""))
    yield from found or ["its values no longer fit"]


def _fields(old: Schema, new: Schema, path: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before.keys() - after.keys():
        yield f"the field {path}{name} is removed"
    for name in after.keys() - before.keys():
        if name in new.get("required", []):
            yield f"the new field {path}{name} is required"
    for name in [name for name in before if name in after]:
        if (name in old.get("required", [])) != (name in new.get("required", [])):
            yield f"the field {path}{name} is {'required' if name in new.get('required', []) else 'optional'} now"
        yield from _values(_bare(before[name]), _bare(after[name]), f"{path}{name}")


def _values(old: Schema, new: Schema, path: str) -> Iterator[str]:
    if _kind(old) != _kind(new):
        yield f"the field {path} was {_kind(old)} and is {_kind(new)} now"
        return
    gone = [code for code in old.get("enum", []) if code not in new.get("enum", [])]
    if gone and "enum" in new:
        yield f"the field {path} lost the codes {', '.join(gone)}"
    for limit in LIMITS:
        if old.get(limit) != new.get(limit):
            yield f"the field {path} had {limit} {old.get(limit)!r} and has {new.get(limit)!r} now"
    if old.get("type") == "object":
        yield from _fields(old, new, f"{path}.")
    if old.get("type") == "array" and "items" in old and "items" in new:
        yield from _values(_bare(old["items"]), _bare(new["items"]), f"{path}[]")


def _bare(schema: Schema) -> Schema:
    """The value of a field that may be null, with the mark that it may."""
    branches = [branch for branch in schema.get("anyOf", []) if branch.get("type") != "null"]
    return {**branches[0], "nullable": True} if len(branches) == 1 else schema


def _kind(schema: Schema) -> str:
    """A word for the type: `string`, `string (one of a list)`, `integer or null`."""
    word = str(schema.get("type", "anything"))
    listed = " (one of a list)" if "enum" in schema else ""
    return f"{word}{listed}{' or null' if schema.get('nullable') else ''}"
