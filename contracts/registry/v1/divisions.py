"""Divisions: what is asked and the facts stated."""

from datetime import date
from typing import Annotated, NamedTuple
from uuid import UUID

from pydantic import Field

from ...data import (
    PUBLIC,
    Code,
    PlaceText,
    Title,
)
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import DivisionLevel


class DivisionRow(NamedTuple):
    """One row of an import: 12-digit code, official name, level, code of the division above or an empty string."""

    code: RegionCode
    name: Title
    level: DivisionLevel
    parent_code: Annotated[str, Field(pattern=r"^(\d{12})?$"), PUBLIC]


class RefusedRow(Part):
    """A row that was left out: its place in the command (from 0) and the reason code."""

    row: int
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
    refusals=("parent-unknown", "level-mismatch", "division-repeated"),
):
    """Adds or changes administrative divisions, parents before children; the same rows again change nothing (R30).

    A parent is named by code, never guessed from the digits (standards decision 12). A bad row is reported by
    its number and never spoils the others.
    """

    source: Title
    valid_from: date
    rows: tuple[DivisionRow, ...] = Field(min_length=1, max_length=5000)


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
