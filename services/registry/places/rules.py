"""What a written place means. Names are compared without their official endings; nothing is guessed. No I/O."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from contracts.registry.v1 import PlaceMatch, PlaceMatches

ENDINGS: Final = {
    "province": ("省", "市"),
    "city": ("市",),
    "district": ("区", "县", "市"),
    "street": ("街道办事处", "街道", "镇", "乡"),
    "community": (
        "社区居民委员会",
        "社区居委会",
        "居民委员会",
        "居委会",
        "村民委员会",
        "村委会",
        "社区",
        "村",
    ),
}
"""Official endings by level of the division, the longest of a kind first."""

ENDING_CHARACTERS: Final = "".join(sorted(set("".join((*ENDINGS["community"], *ENDINGS["street"])))))
"""What candidates are sought without, here and in SQL, because it is cheap; `means` alone decides."""

# 社区 is no 区; the last part must be more than an ending (竹园社区 is not the 社区 of 竹园).
_TOWN_AND_REST: Final = re.compile(
    f"^(.*(?:街道办事处|街道|镇|乡|县|市|(?<!社)区))(?!(?:{'|'.join(ENDINGS['community'])})$)(.+)$"
)
MOST_CANDIDATES: Final = 5
NAME_WEIGHT: Final = 0.75
"""How much of a likeness is the name when a town is written too; the town is the rest."""


class Named(NamedTuple):
    """A division's official name and level."""

    name: str
    level: str


@dataclass(frozen=True, slots=True)
class Division:
    """A division with those above it, the province first."""

    code: str
    name: str
    level: str
    above: tuple[Named, ...]

    @property
    def full_name(self) -> str:
        """`奉节县永乐镇长凼村村民委员会`: the names from the district down."""
        return "".join(each.name for each in self.above if each.level not in ("province", "city")) + self.name


def normalise(written: str) -> str:
    """Full-width forms folded (NFKC), all white space out."""
    return "".join(unicodedata.normalize("NFKC", written).split())


def stem(name: str, level: str) -> str:
    """A name as it is compared, without its official endings, never empty: 砚瓦村村民委员会 -> 砚瓦."""
    name = normalise(name)
    while ending := next((each for each in ENDINGS.get(level, ()) if name.endswith(each) and name != each), None):
        name = name.removesuffix(ending)
    return name


def bare(text: str) -> str:
    """A text without the characters of low endings at its end: 永乐镇长氹村 -> 永乐镇长氹."""
    return text.rstrip(ENDING_CHARACTERS) or text


def telling(text: str) -> str:
    """The characters of a text that say more than an ending does; all of them where nothing else is left."""
    return "".join(set(bare(text)) - set(ENDING_CHARACTERS)) or bare(text)


def split(written: str) -> tuple[str, str]:
    """The written divisions above and the name itself: 永乐镇长氹村 -> (永乐镇, 长氹村); the first may be empty."""
    found = _TOWN_AND_REST.match(written)
    return (found[1], found[2]) if found else ("", written)


def means(written: str, division: Division) -> bool:
    """True when the written place is this division's name, alone or after names of divisions above it.

    西部新区胡家社区 is not 胡家社区: no division above it is called 西部新区.
    """
    text, own = stem(written, division.level), stem(division.name, division.level)
    return text.endswith(own) and _names(text.removesuffix(own), division.above)


def _names(lead: str, above: Sequence[Named]) -> bool:
    """True when the text is made of names of the divisions above, in their order, some or none of them."""
    return not lead or any(
        lead.startswith(form) and _names(lead.removeprefix(form), above[number + 1 :])
        for number, each in enumerate(above)
        for form in _forms(each)
    )


def _forms(division: Named) -> Sequence[str]:
    """How a division above may be written: 嵩屿街道, 嵩屿街道办事处, 嵩屿."""
    short = stem(division.name, division.level)
    forms = [normalise(division.name), *(short + ending for ending in ENDINGS.get(division.level, ()))]
    return [*forms, short] if len(short) > 1 else forms


def likeness(written: str, division: Division) -> float:
    """0 to 1; 1 is the same name."""
    if means(written, division):
        return 1.0
    own = stem(division.name, division.level)
    lead, name = split(written)
    like = _ratio(stem(written, division.level), own)
    if lead:
        above = "".join(each.name for each in division.above)
        town = 1.0 if _names(lead, division.above) else _ratio(lead, above)
        like = max(like, NAME_WEIGHT * _ratio(stem(name, division.level), own) + (1 - NAME_WEIGHT) * town)
    return min(round(like, 2), 0.99)


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def match(written: str, divisions: Sequence[Division]) -> PlaceMatches:
    """Exact where one division alone has the written name; otherwise the likest, at most five, for a person (R26)."""
    ranked = sorted(
        ((likeness(written, each), each) for each in divisions),
        # Of two that are alike the one whose full name is nearer goes first: 东湖社区 before 东湖村.
        key=lambda pair: (-pair[0], -_ratio(written, pair[1].name), pair[1].code),
    )
    same = [division for like, division in ranked if like == 1]
    offered = tuple(
        PlaceMatch(code=division.code, full_name=division.full_name, likeness=like)
        for like, division in ranked[:MOST_CANDIDATES]
        if like > 0
    )
    return PlaceMatches(exact=same[0].code if len(same) == 1 else None, candidates=offered)
