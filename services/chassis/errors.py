"""From what pydantic found to what a caller may be told: places and kinds, never the values."""

import re
from typing import Any, Final

from pydantic import ValidationError

from contracts.refusals import Refusal, Refused

OURS: Final = re.compile(r"[a-z][a-z_]{0,39}|\d{1,4}")
"""A name that a caller made up may itself be a value (a number as a field name): only the like of ours is shown."""


def invalid(error: Exception) -> Refusal:
    """The refusal of a message that could not be read."""
    if isinstance(error, Refused):
        return error.refusal
    if not isinstance(error, ValidationError):
        return Refusal("invalid-json")
    found = error.errors(include_input=False, include_url=False, include_context=False)
    kinds = {each["type"] for each in found}
    if "id-number-not-accepted" in kinds:
        return Refusal("id-number-not-accepted")
    if kinds == {"json_invalid"}:
        return Refusal("invalid-json")
    return Refusal("invalid-message", errors=[_place(each) for each in found[:20]])


def _place(found: Any) -> dict[str, str]:
    """`{"pointer": "#/people/0", "problem": "uuid_parsing"}` (RFC 6901, RFC 9457)."""
    parts = [str(part) for part in found["loc"]]
    shown = "/".join(part if OURS.fullmatch(part) else "?" for part in parts)
    return {"pointer": f"#/{shown}", "problem": str(found["type"])}
