"""Programmes: frames, brands and themes, as a tree that need not be complete."""

from uuid import UUID

from pydantic import Field

from ...data import Code, Title, UnitId
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import ProgrammeKind

__all__ = [
    "AmendProgramme",
    "CreateProgramme",
    "ListProgrammes",
    "ProgrammeAmended",
    "ProgrammeCreated",
    "ProgrammeList",
    "ProgrammeState",
]


class ProgrammeState(Part):
    """`members` is how many a set says it has (五彩课堂: five), `listed` how many are here: both are shown."""

    programme_id: UUID
    name: Title
    parent_id: UUID | None
    unit_id: UnitId
    kind: ProgrammeKind = ProgrammeKind.BRAND
    year: int | None = None
    theme: Title | None = None
    members: int | None = None
    listed: int = 0
    region: RegionCode | None = None
    project_id: UUID | None = None
    version: int = 1


class CreateProgramme(
    Command[ProgrammeState],
    name="create-programme",
    permission="activities.plan",
    http="POST /v1/programmes",
    refusals=("programme-exists", "unknown-programme"),
):
    """A named line of activities (蓝色成长课堂), maybe under a frame (五彩课堂) that need not be complete (A1, A4).

    `members` is the number in the name of a set; fewer, or more, may be listed. `project_id` is the project of registry
    that pays for its sessions and for those of the programmes below it, unless one is named there (R8).
    """

    programme_id: UUID
    name: Title
    unit_id: UnitId
    region: RegionCode
    parent_id: UUID | None = None
    theme: Title | None = None
    kind: ProgrammeKind = ProgrammeKind.BRAND
    year: int | None = Field(None, ge=2000, le=2100)
    members: int | None = Field(None, ge=1, le=1000)
    project_id: UUID | None = None


class ProgrammeCreated(Event, fact="programme.created"):
    programme_id: UUID
    name: Title
    unit_id: UnitId
    parent_id: UUID | None = None
    theme: Title | None = None
    kind: ProgrammeKind = ProgrammeKind.BRAND
    year: int | None = None
    members: int | None = None
    project_id: UUID | None = None


class AmendProgramme(
    Command[ProgrammeState],
    name="amend-programme",
    permission="activities.plan",
    http="POST /v1/programmes/{programme_id}/amend",
    refusals=("unknown-programme",),
):
    """Corrects a programme, or names the project that pays for it; what is left out stays (A4, R8).

    `no_project` takes its project away. Sessions count for the project that they have when they are closed; what was
    counted stays.
    """

    programme_id: UUID
    name: Title | None = None
    theme: Title | None = None
    year: int | None = Field(None, ge=2000, le=2100)
    members: int | None = Field(None, ge=1, le=1000)
    project_id: UUID | None = None
    no_project: bool = False


class ProgrammeAmended(Event, fact="programme.amended"):
    """Which fields of a programme changed; its whole state after that."""

    programme_id: UUID
    name: Title
    unit_id: UnitId
    parent_id: UUID | None = None
    theme: Title | None = None
    kind: ProgrammeKind = ProgrammeKind.BRAND
    year: int | None = None
    members: int | None = None
    project_id: UUID | None = None
    fields: tuple[Code, ...]


class ProgrammeList(Part):
    programmes: tuple[ProgrammeState, ...]


class ListProgrammes(Query[ProgrammeList], name="list-programmes", permission="public", http="GET /v1/programmes"):
    """The programmes a region may plan with: its own, those of its subtree and of the regions above it, by id.

    `year` also finds programmes of no year; at most `limit`, after the programme `after`.
    """

    region: RegionCode
    parent_id: UUID | None = None
    kind: ProgrammeKind | None = None
    year: int | None = Field(None, ge=2000, le=2100)
    after: UUID | None = None
    limit: int = Field(100, ge=1, le=500)
