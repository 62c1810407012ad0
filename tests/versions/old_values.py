"""Values that an old schema allows: what was ever written may come back at any time."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from hypothesis import strategies as st

from contracts.generation.values import BY_FIELD

Values = st.SearchStrategy[Any]

CHECKED: Final = {"uscc": BY_FIELD["uscc"]}
"""Fields with a check character, which no schema can say: their sample stands for all."""
PRINTED: Final = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
# Schemas cannot say it, but no version ever took control characters or text of spaces alone.
WORDS: Final = st.characters(categories=("Lu", "Ll", "Lo", "Nd", "Po"))
DAYS: Final = st.dates(date(1900, 1, 1), date(2199, 12, 31))


def values(schema: Mapping[str, Any], name: str = "") -> Values:
    """Everything that a schema of ours allows. Raises KeyError for a word of JSON Schema that we do not use."""
    if name in CHECKED:
        return st.just(CHECKED[name])
    if "anyOf" in schema:
        return st.one_of([values(branch, name) for branch in schema["anyOf"]])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return BY_TYPE[schema["type"]](schema, name)


def _object(schema: Mapping[str, Any], _: str) -> Values:
    fields = {name: values(field, name) for name, field in schema["properties"].items()}
    needed = set(schema.get("required", []))
    return st.fixed_dictionaries(
        {name: field for name, field in fields.items() if name in needed},
        optional={name: field for name, field in fields.items() if name not in needed},
    )


def _array(schema: Mapping[str, Any], name: str) -> Values:
    if "prefixItems" in schema:
        return st.tuples(*(values(item) for item in schema["prefixItems"]))
    least = schema.get("minItems", 0)
    return st.lists(values(schema["items"], name), min_size=least, max_size=min(least + 2, schema.get("maxItems", 99)))


def _string(schema: Mapping[str, Any], _: str) -> Values:
    if schema.get("format", "password") != "password":
        return BY_FORMAT[schema["format"]]
    least, most = schema.get("minLength", 0), schema.get("maxLength", 200)
    if "pattern" in schema:
        pattern = re.compile(schema["pattern"].removeprefix("^").removesuffix("$"), re.ASCII)
        return st.from_regex(pattern, fullmatch=True, alphabet=PRINTED).filter(lambda text: least <= len(text) <= most)
    return st.text(WORDS, min_size=least, max_size=most)


def _number(schema: Mapping[str, Any], _: str) -> Values:
    return st.floats(schema.get("minimum"), schema.get("maximum"), allow_nan=False, allow_infinity=False)


BY_TYPE: Final = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": lambda schema, _: st.integers(schema.get("minimum", -(2**31)), schema.get("maximum", 2**31 - 1)),
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
}
BY_FORMAT: Final[Mapping[str, Values]] = {
    "uuid": st.uuids().map(str),
    "date": DAYS.map(date.isoformat),
    "date-time": st.builds(datetime.combine, DAYS, st.times(timezones=st.just(UTC))).map(datetime.isoformat),
}
