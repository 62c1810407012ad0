"""The script of the story: places, people and what happens, as the files of `data/` say it."""

from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict

from contracts.data import AgeBand, SiteType
from contracts.registry.v1 import PostKind, UnitLevel
from contracts.volunteers.v1 import Grade

DATA: Final = Path(__file__).with_name("data")
DIVISIONS: Final = DATA / "divisions.csv"
STATE_OF_DIVISIONS: Final = date(2023, 6, 30)
SOURCE_OF_DIVISIONS: Final = "china-division 2.7.0"


class Line(BaseModel):
    """One entry of a data file. A misspelt field is an error, not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Federation(Line):
    key: str
    name: str
    level: UnitLevel
    region: str
    staff: str
    parent: str | None = None


class Centre(Line):
    name: str
    unit: str
    region: str


class Room(Line):
    name: str
    capacity: int


class CentreSite(Line):
    key: str
    name: str
    type: SiteType
    rooms: tuple[Room, ...]


class WrittenSite(Line):
    """A site of a list. `decided` is the division a person chooses where the written place is not certain."""

    key: str
    name: str
    type: SiteType
    unit: str
    place: str
    decided: str | None = None


class SiteListing(Line):
    within: str
    staff: str
    capacity: int
    rows: tuple[WrittenSite, ...]


class ProgrammeLine(Line):
    key: str
    name: str
    unit: str
    staff: str
    parent: str | None = None
    theme: str | None = None


class Staff(Line):
    """One who asks: her roles, and the region whose subtree she acts in. A machine is no person in registry."""

    name: str
    roles: tuple[str, ...]
    region: str
    machine: bool = False


class Officer(Line):
    """A person in office; `staff` where she is one of the staff too."""

    key: str
    post: PostKind
    name: str | None = None
    staff: str | None = None


class Family(Line):
    """A guardian and the children she brings, each with her age band; `lives` is their division."""

    key: str
    guardian: str
    lives: str
    children: dict[str, AgeBand]
    language: str = "zh"


class Helper(Line):
    """A volunteer; `guardian` is the family's key where she is a minor."""

    key: str
    name: str
    age: AgeBand
    skills: tuple[str, ...]
    guardian: str | None = None


class SeriesLine(Line):
    key: str
    title: str
    programme: str
    site: str
    first_day: int
    last_day: int
    weekdays: tuple[int, ...]
    begins: time
    ends: time
    capacity: int
    audience: tuple[AgeBand, ...]
    staff: str


class ClassLine(Line):
    """One session: of the series (`of_series` is its day), or planned by itself. Days count from the Wednesday."""

    enrols: tuple[str, ...]
    comes: tuple[str, ...] = ()
    leaves_early: tuple[str, ...] = ()
    by_mistake: str | None = None
    withdraws: str | None = None
    accepts: str | None = None
    cancelled: str | None = None
    guardian: bool = False
    of_series: int | None = None
    title: str = ""
    programme: str = ""
    site: str = ""
    day: int = 0
    begins: time = time()
    ends: time = time()
    capacity: int = 0
    audience: tuple[AgeBand, ...] = ()
    staff: str = ""


class TeamLine(Line):
    key: str
    name: str
    site: str
    unit: str


class ShiftLine(Line):
    key: str
    title: str
    session: str
    begins: time
    ends: time
    needed: int
    risk_notice: str


class StintLine(Line):
    volunteer: str
    grade: Grade
    begins: time
    ends: time


class ServiceLine(Line):
    team: TeamLine
    shift: ShiftLine
    stints: tuple[StintLine, ...]


class Script(Line):
    """All of it."""

    federations: tuple[Federation, ...]
    centre: Centre
    centre_sites: tuple[CentreSite, ...]
    site_lists: tuple[SiteListing, ...]
    programmes: tuple[ProgrammeLine, ...]
    staff: dict[str, Staff]
    officers: tuple[Officer, ...]
    families: tuple[Family, ...]
    volunteers: tuple[Helper, ...]
    series: SeriesLine
    classes: dict[str, ClassLine]
    service: ServiceLine

    def family(self, key: str) -> Family:
        """The family of that key."""
        return next(family for family in self.families if family.key == key)

    def helper(self, key: str) -> Helper:
        """The volunteer of that key."""
        return next(helper for helper in self.volunteers if helper.key == key)

    def party(self, session: ClassLine, family: str) -> tuple[str, ...]:
        """Whom the family enrols in a session: the children, and the guardian where she takes a seat too."""
        told = self.family(family)
        return (*([told.guardian] if session.guardian else []), *told.children)


@cache
def read_script() -> Script:
    """The files of `data/` as one script. Raises pydantic's ValidationError for a slip in them."""
    told: dict[str, Any] = {}
    for name in ("places", "people", "afternoon"):
        told |= yaml.safe_load((DATA / f"{name}.yaml").read_text("utf-8"))
    return Script.model_validate(told)
