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
    # A country is 664,000 rows: the scope is read once, and a malformed one covers nothing.
    subtree = prefix(scope) if covers(scope, scope) else "nothing"
    accepted: dict[str, DivisionRow] = {}
    refused: list[RefusedRow] = []
    for number, row in enumerate(rows):
        why = _why_not(row, accepted, known, subtree)
        if why is None:
            accepted[row.code] = row
        else:
            refused.append(RefusedRow(row=number, code=why))
    return SortedRows(
        added=[row for code, row in accepted.items() if code not in known],
        changed=[row for code, row in accepted.items() if code in known and known[code] != row],
        unchanged=[row for code, row in accepted.items() if known.get(code) == row],
        refused=refused,
    )


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
