"""Organisations: what is asked and the facts stated."""

from pydantic import Field

from ...data import (
    Title,
    UnitId,
    Uscc,
)
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import UnitKind, UnitLevel

__all__ = [
    "ListUnits",
    "RegisterUnit",
    "UnitList",
    "UnitRegistered",
    "UnitState",
]


class UnitState(Part):
    unit_id: UnitId
    name: Title
    kind: UnitKind
    level: UnitLevel
    region: RegionCode
    parent_id: UnitId | None
    version: int


class RegisterUnit(
    Command[UnitState],
    name="register-unit",
    permission="registry.units.register",
    http="POST /v1/units",
    refusals=("division-code-unknown", "unknown-unit", "unit-exists", "level-mismatch"),
):
    """Registers an organisation at a level of the tree under an explicit parent (R1)."""

    unit_id: UnitId
    name: Title
    kind: UnitKind
    level: UnitLevel
    region: RegionCode
    parent_id: UnitId | None = None
    uscc: Uscc | None = None


class UnitRegistered(Event, fact="unit.registered"):
    unit_id: UnitId
    name: Title
    kind: UnitKind
    level: UnitLevel
    parent_id: UnitId | None = None


class UnitList(Part):
    units: tuple[UnitState, ...]


class ListUnits(Query[UnitList], name="list-units", permission="registry.read", http="GET /v1/units"):
    """The organisations of a region's subtree, by code and name; at most `limit`, after the unit `after`."""

    region: RegionCode
    after: UnitId | None = None
    limit: int = Field(100, ge=1, le=500)
