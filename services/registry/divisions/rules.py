"""Which rows of a division list are taken in. No I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.region import covers, pad
from contracts.registry.v1 import DivisionLevel, DivisionRow, RefusedRow

Divisions = Mapping[str, DivisionRow]

DEPTH: Final = {
    DivisionLevel.PROVINCE: 0,
    DivisionLevel.CITY: 1,
    DivisionLevel.DISTRICT: 2,
    DivisionLevel.STREET: 3,
    DivisionLevel.COMMUNITY: 4,
}


@dataclass(frozen=True, slots=True)
class SortedRows:
    """The rows of one command by what becomes of them."""

    added: Sequence[DivisionRow]
    changed: Sequence[DivisionRow]
    unchanged: Sequence[DivisionRow]
    refused: Sequence[RefusedRow]

    @property
    def all_outside(self) -> bool:
        """True when nothing was taken in because nothing is the importer's to change."""
        return all(row.code == "not-permitted" for row in self.refused) and not self.codes

    @property
    def codes(self) -> list[str]:
        return [row.code for rows in (self.added, self.changed, self.unchanged) for row in rows]


def codes_named(rows: Sequence[DivisionRow]) -> list[str]:
    """Every code that deciding needs to know about: the rows' own and their parents'."""
    return sorted({row.code for row in rows} | {row.parent_code for row in rows} - {""})


def sort_rows(rows: Sequence[DivisionRow], known: Divisions, scope: str) -> SortedRows:
    """Parts the rows of a list, in their order; a bad row is refused alone (R30).

    `known` are the divisions that stand already, `scope` is the region the importer acts in.
    """
    accepted: dict[str, DivisionRow] = {}
    refused: list[RefusedRow] = []
    for number, row in enumerate(rows):
        why = _why_not(row, accepted, known, scope)
        if why is None:
            accepted[row.code] = row
        else:
            refused.append(RefusedRow(row=number, code=why))
    return SortedRows(
        added=[row for code, row in accepted.items() if code not in known],
        changed=[row for code, row in accepted.items() if code in known and known[code] != row],
        unchanged=[row for code, row in accepted.items() if code in known and known[code] == row],
        refused=refused,
    )


def _why_not(row: DivisionRow, accepted: Divisions, known: Divisions, scope: str) -> str | None:
    """A division keeps its level for life, so that no later list can turn the tree upside down."""
    if row.code in accepted:
        return "division-repeated"
    if not covers(scope, row.code):
        return "not-permitted"
    former = known.get(row.code)
    if former is not None and former.level != row.level:
        return "level-mismatch"
    if row.level is DivisionLevel.PROVINCE:
        return "level-mismatch" if row.parent_code else None
    parent = accepted.get(row.parent_code) or known.get(row.parent_code)
    if parent is None:
        return "parent-unknown"
    return None if DEPTH[parent.level] < DEPTH[row.level] else "level-mismatch"


def covering_region(codes: Sequence[str]) -> str:
    """The smallest region whose subtree holds all the codes; one code at least."""
    low, high = min(codes), max(codes)
    return next(pad(low[:digits]) for digits in (12, 9, 6, 4, 2, 0) if low[:digits] == high[:digits])
