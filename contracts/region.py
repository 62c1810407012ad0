"""Regions: the 12-digit division code, its subject tokens and its subtree (architecture section 2, standards 1.8)."""

from functools import lru_cache
from typing import Annotated

from pydantic import StringConstraints

from .data import PUBLIC

RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$"), PUBLIC]
"""A 12-digit division code, right-padded with zeros."""

NOWHERE = "000000000000"
"""The region of what belongs to no division. As a scope it covers everything."""

_CUTS = (2, 4, 6, 9, 12)
_TOKENS = ((0, 4), (4, 6), (6, 9), (9, 12))


def pad(digits: str) -> str:
    """`3505` -> `350500000000`. Raises ValueError for anything that is not 0, 2, 4, 6, 9 or 12 digits."""
    if not (digits == "" or (digits.isascii() and digits.isdigit())) or len(digits) not in (0, *_CUTS):
        raise ValueError(f"a region has 2, 4, 6, 9 or 12 digits, not {digits!r}")
    return digits.ljust(12, "0")


@lru_cache(maxsize=65_536)
def prefix(region: str) -> str:
    """The digits that all codes of the subtree begin with: `350503000000` -> `350503`, NOWHERE -> ``."""
    return next((region[:cut] for cut in (0, *_CUTS) if not region[cut:].strip("0")), region)


def covers(scope: str, region: str) -> bool:
    """True when `region` lies in the subtree of `scope`. Malformed input covers nothing."""
    return is_code(scope) and is_code(region) and region.startswith(prefix(scope))


def above(region: str) -> list[str]:
    """The regions that a region lies in, from the whole country down to itself: `350503000000` -> NOWHERE, 35…, 3505…,
    itself."""
    own = prefix(region)
    return [pad(own[:cut]) for cut in (0, *_CUTS) if cut <= len(own)]


def is_code(text: str) -> bool:
    """True for twelve digits 0 to 9; other scripts have digits of their own."""
    return len(text) == 12 and text.isascii() and text.isdigit()


def named_by(subject: str) -> str:
    """What stands in the place of the region in an event's subject; no code where the subject names none."""
    return "".join(subject.split(".")[-4:])


def bounds(region: str) -> tuple[str, str]:
    """Lower (inclusive) and upper (exclusive) end of the subtree for a range on a C-collated code column."""
    start = prefix(region)
    return start, start + "~"


@lru_cache(maxsize=65_536)
def tokens(region: str) -> str:
    """`350503001001` -> `3505.03.001.001`, the last four tokens of an event's subject."""
    return ".".join(region[start:end] for start, end in _TOKENS)


def subject_filter(region: str) -> str:
    """The tokens that match a subtree: a city `3505.>`, a street `3505.03.001.*`, everything `>`.

    A province cannot be said in tokens: each of its cities is subscribed on its own.
    """
    parts = tokens(region).split(".")
    digits = len(prefix(region))
    if digits == 2:
        raise ValueError("a province cannot be filtered by subject: subscribe to its cities")
    if digits == 0:
        return ">"
    kept = parts[: (4, 6, 9, 12).index(digits) + 1]
    return ".".join([*kept, *((">",) if len(kept) < 3 else ("*",) * (4 - len(kept)))])
