"""Which rows of a division list are taken in. No I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.region import covers, pad, prefix
from contracts.registry.v1 import DivisionLevel, DivisionRow, RefusedRow

Divisions = Mapping[str, DivisionRow]

LEVELS: Final = (
    DivisionLevel.PROVINCE,
    DivisionLevel.CITY,
    DivisionLevel.DISTRICT,
    DivisionLevel.STREET,
    DivisionLevel.COMMUNITY,
)


@dataclass(frozen=True, slots=True)
class SortedRows:
    """The rows of one command by what becomes of them."""

    added: list[DivisionRow]
    changed: list[DivisionRow]
    unchanged: list[DivisionRow]
    refused: list[RefusedRow]

    @property
    def all_outside(self) -> bool:
        """True when nothing was taken in because nothing is the importer's to change."""
        return all(row.code == "not-permitted" for row in self.refused) and not self.codes

    @property
    def codes(self) -> list[str]:
        return [row.code for rows in (self.added, self.changed, self.unchanged) for row in rows]


def read_rows(lines: str) -> list[DivisionRow | None]:
    """The rows of a list, one a line; None for a line that cannot be read. The last line may end with a line end."""
    return [DivisionRow.from_line(line) for line in lines.removesuffix("\n").split("\n")]


def codes_named(rows: Sequence[DivisionRow | None]) -> list[str]:
    """Every code that deciding needs to know about: the rows' own and their parents'."""
    named = {code for row in rows if row is not None for code in (row.code, row.parent_code)}
    return sorted(named - {""})


def sort_rows(rows: Sequence[DivisionRow | None], known: Divisions, scope: str) -> SortedRows:
    """Parts the rows of a list, in their order; a bad row is refused alone (R30).

    `known` are the divisions that stand already, `scope` is the region the importer acts in.
    """
    # A country is 664,000 rows: the scope is read once, and a malformed one covers nothing.
    subtree = prefix(scope) if covers(scope, scope) else "nothing"
    accepted: dict[str, DivisionRow] = {}
    sorted_rows = SortedRows([], [], [], [])
    for number, row in enumerate(rows, start=1):
        why = "row-unreadable" if row is None else _why_not(row, accepted, known, subtree)
        if row is None or why is not None:
            sorted_rows.refused.append(RefusedRow(line=number, code=why))
            continue
        accepted[row.code] = row
        former = known.get(row.code)
        kind = sorted_rows.added if former is None else sorted_rows.unchanged if former == row else sorted_rows.changed
        kind.append(row)
    return sorted_rows


def _why_not(row: DivisionRow, accepted: Divisions, known: Divisions, subtree: str) -> str | None:
    """A division keeps its level for life, so that no later list can turn the tree upside down."""
    if row.code in accepted:
        return "division-repeated"
    if not row.code.startswith(subtree):
        return "not-permitted"
    former = known.get(row.code)
    if former is not None and former.level != row.level:
        return "level-mismatch"
    if row.level is DivisionLevel.PROVINCE:
        return "level-mismatch" if row.parent_code else None
    parent = accepted.get(row.parent_code) or known.get(row.parent_code)
    if parent is None:
        return "parent-unknown"
    return None if LEVELS.index(parent.level) < LEVELS.index(row.level) else "level-mismatch"


def covering_region(codes: Sequence[str]) -> str:
    """The smallest region whose subtree holds all the codes; one code at least."""
    low, high = min(codes), max(codes)
    return next(pad(low[:digits]) for digits in (12, 9, 6, 4, 2, 0) if low[:digits] == high[:digits])
