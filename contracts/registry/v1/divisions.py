"""Divisions: what is asked and the facts stated."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, NamedTuple
from uuid import UUID

from ...data import (
    PUBLIC,
    Code,
    Lines,
    PlaceText,
    Title,
)
from ...message import Command, Event, Part, Query
from ...region import RegionCode, is_code
from .. import refusals as refusals
from .codes import DivisionLevel

__all__ = [
    "DivisionRow",
    "DivisionState",
    "DivisionsImported",
    "FindDivision",
    "GetDivision",
    "ImportDivisions",
    "ImportSummary",
    "PlaceMatch",
    "PlaceMatches",
    "RefusedRow",
    "lines_of",
]

_LEVELS = {level.value: level for level in DivisionLevel if level is not DivisionLevel.UNKNOWN}


class DivisionRow(NamedTuple):
    """One division of a list: 12-digit code, official name, level, code of the division above or an empty string.

    As a line the four stand in this order, parted by TAB: `350503000000 丰泽区 district 350500000000`.
    """

    code: str
    name: str
    level: DivisionLevel
    parent_code: str

    @classmethod
    def from_line(cls, line: str) -> "DivisionRow | None":
        """The row a line states; None where it is none: other fields, no code of 12 digits, no name, no known level."""
        fields = line.split("\t")
        if len(fields) != 4:
            return None
        code, name, level, parent = fields[0], fields[1].strip(), _LEVELS.get(fields[2]), fields[3]
        sound = cls.may_be(code, name) and (not parent or is_code(parent))
        return cls(code, name, level, parent) if sound and level is not None else None

    @staticmethod
    def may_be(code: str, name: str) -> bool:
        """Whether a division may have this code and this name, without space around it."""
        return is_code(code) and 0 < len(name) <= 80

    @property
    def line(self) -> str:
        return "\t".join(self)


def lines_of(rows: Iterable[DivisionRow]) -> str:
    """The text of an import."""
    return "\n".join(row.line for row in rows)


class RefusedRow(Part):
    """A line that was left out: its number in the command (from 1) and the reason code."""

    line: int
    code: Code


class ImportSummary(Part):
    added: int
    changed: int
    unchanged: int
    refused: tuple[RefusedRow, ...]


class ImportDivisions(
    Command[ImportSummary],
    name="import-divisions",
    permission="registry.divisions.import",
    http="POST /v1/divisions/import",
    refusals=("row-unreadable", "parent-unknown", "level-mismatch", "division-repeated"),
):
    """Adds or changes administrative divisions, parents before children; the same rows again change nothing (R30).

    `rows` is text, one division a line, its four fields parted by TAB: code, name, level, code of the parent (empty
    for a province). A whole country, 664,000 of them, is so read in seconds. A parent is named by code, never guessed
    from the digits (standards decision 12). A bad row is reported by its line and never spoils the others.
    """

    source: Title
    valid_from: date
    rows: Lines


class DivisionsImported(Event, fact="division-import.applied"):
    """A part of a division list was taken in; counts of rows."""

    division_import_id: UUID
    added: int
    changed: int
    unchanged: int
    refused: int


class DivisionState(Part):
    code: RegionCode
    name: Title
    level: DivisionLevel
    parent_code: RegionCode | None


class PlaceMatch(Part):
    """A division that a written place may mean. `likeness` is 0 to 1; 1 alone counts as the same name."""

    code: RegionCode
    full_name: Annotated[str, PUBLIC]
    likeness: float


class PlaceMatches(Part):
    """`exact` is set when exactly one division of that name exists; otherwise a person must choose."""

    exact: RegionCode | None
    candidates: tuple[PlaceMatch, ...]


class FindDivision(
    Query[PlaceMatches],
    name="find-division",
    permission="registry.read",
    http="GET /v1/divisions/find",
    refusals=("division-code-unknown",),
):
    """Which division does a written place mean (长氹村)? Never guesses: offers up to five candidates (R26, R27)."""

    written: PlaceText
    within: RegionCode


class GetDivision(
    Query[DivisionState],
    name="get-division",
    permission="registry.read",
    http="GET /v1/divisions/{code}",
    refusals=("division-code-unknown",),
):
    """One division by its 12-digit code; old codes resolve for ever (R30)."""

    code: RegionCode
