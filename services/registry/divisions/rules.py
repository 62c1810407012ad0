"""Which rows of a division list are taken in. No I/O, no clock. Divisions travel as the lines that state them."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from contracts.region import covers, pad, prefix
from contracts.registry.v1 import DivisionLevel, DivisionRow, RefusedRow

Lines = Mapping[str, str]
"""Divisions by code, each as its line: most rows of most lists stand already, and two texts are compared at once."""

DEPTHS: Final = {level.value: depth for depth, level in enumerate(DivisionLevel) if level is not DivisionLevel.UNKNOWN}
"""How far below the country a level is: a province 1, a community 5."""


@dataclass(frozen=True, slots=True)
class SortedRows:
    """The rows of one command by what becomes of them, new ones as lines; `codes` are of all that were not refused."""

    added: list[str]
    changed: list[DivisionRow]
    refused: list[RefusedRow]
    codes: Sequence[str]

    @property
    def unchanged(self) -> int:
        return len(self.codes) - len(self.added) - len(self.changed)

    @property
    def all_outside(self) -> bool:
        """True when nothing was taken in because nothing is the importer's to change."""
        return all(row.code == "not-permitted" for row in self.refused) and not self.codes


def lines_in(text: str) -> list[str]:
    """The lines of a list; the last one may end with a line end or not."""
    return text.removesuffix("\n").split("\n")


def codes_named(lines: Sequence[str]) -> list[str]:
    """Every code that deciding needs to know about: the rows' own and their parents'. What is no code is among them."""
    return list(dict.fromkeys([line[:12] for line in lines] + [line[-12:] for line in lines]))


def sort_rows(lines: Sequence[str], known: Lines, scope: str) -> SortedRows:
    """Parts the rows of a list, in their order; a bad row is refused alone (R30).

    `known` are the divisions that stand already, `scope` is the region the importer acts in.
    """
    # A country is 664,000 rows: the scope is read once, and a malformed one covers nothing.
    subtree = prefix(scope) if covers(scope, scope) else "nothing"
    taken: dict[str, str] = {}
    sound = set[str]()
    added, changed, refused = list[str](), list[DivisionRow](), list[RefusedRow]()
    for number, line in enumerate(lines, start=1):
        code = line[:12]
        mine = code not in taken and code.startswith(subtree)
        if mine and known.get(code) == line:
            taken[code] = line
            continue
        if mine and code not in known and _is_like_others(line, sound):
            taken[code] = line
            added.append(line)
            continue
        row = DivisionRow.from_line(line)
        why = "row-unreadable" if row is None else _why_not(row, taken, known, subtree)
        if row is None or why is not None:
            refused.append(RefusedRow(line=number, code=why))
            continue
        taken[code] = line
        if code not in known:
            added.append(row.line)
            sound.add(f"{row.level}\t{row.parent_code}")
        elif known[code] != row.line:
            changed.append(row)
    return SortedRows(added, changed, refused, list(taken))


def _is_like_others(line: str, sound: Set[str]) -> bool:
    """Whether a row that nobody has yet is to stand where another of the list does: most are one of many sisters, and
    of level and parent (`sound` are those of rows taken in) all has been asked. Left are the code and the name.
    """
    code, _, rest = line.partition("\t")
    name, _, place = rest.partition("\t")
    return place in sound and name == name.strip() and DivisionRow.may_be(code, name)


def _why_not(row: DivisionRow, taken: Lines, known: Lines, subtree: str) -> str | None:
    """A division keeps its level for life, so that no later list can turn the tree upside down."""
    if row.code in taken:
        return "division-repeated"
    if not row.code.startswith(subtree):
        return "not-permitted"
    former = known.get(row.code)
    if former is not None and _level_of(former) != row.level:
        return "level-mismatch"
    if row.level is DivisionLevel.PROVINCE:
        return "level-mismatch" if row.parent_code else None
    parent = taken.get(row.parent_code) or known.get(row.parent_code)
    if parent is None:
        return "parent-unknown"
    return None if DEPTHS[_level_of(parent)] < DEPTHS[row.level] else "level-mismatch"


def _level_of(line: str) -> str:
    return line.split("\t")[2]


def covering_region(codes: Sequence[str]) -> str:
    """The smallest region whose subtree holds all the codes; one code at least."""
    low, high = min(codes), max(codes)
    return next(pad(low[:digits]) for digits in (12, 9, 6, 4, 2, 0) if low[:digits] == high[:digits])
