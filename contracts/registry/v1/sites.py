"""Sites: what is asked and the facts stated."""

from datetime import time
from uuid import UUID

from pydantic import Field

from ...data import (
    Code,
    PlaceText,
    RoomId,
    Seats,
    SiteId,
    SiteType,
    Title,
    UnitId,
)
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .divisions import PlaceMatch

__all__ = [
    "CentreOpened",
    "CentreState",
    "CloseSite",
    "DecidePlace",
    "ImportSites",
    "ListSites",
    "OpenCentre",
    "OpenSite",
    "OpeningHours",
    "PlaceUndecided",
    "RoomPlan",
    "SiteClosed",
    "SiteImportState",
    "SiteList",
    "SiteOpened",
    "SiteRow",
    "SiteRowOutcome",
    "SiteState",
]


class OpeningHours(Part):
    """One weekly opening: ISO weekday 1 (Monday) to 7, local times of Asia/Shanghai."""

    weekday: int = Field(ge=1, le=7)
    opens: time
    closes: time


class RoomPlan(Part):
    room_id: RoomId
    name: Title
    capacity: Seats


class SiteState(Part):
    site_id: SiteId
    name: Title
    site_type: SiteType
    unit_id: UnitId
    centre_id: UUID | None
    region: RegionCode
    status: Code
    rooms: tuple[RoomPlan, ...]
    hours: tuple[OpeningHours, ...]
    version: int


class CentreState(Part):
    centre_id: UUID
    name: Title
    region: RegionCode


class OpenCentre(
    Command[CentreState],
    name="open-centre",
    permission="registry.sites.open",
    http="POST /v1/centres",
    refusals=("division-code-unknown", "unknown-unit", "centre-exists"),
):
    """Opens a neighbourhood centre (邻里中心), the building that hosts sites."""

    centre_id: UUID
    name: Title
    unit_id: UnitId
    region: RegionCode


class CentreOpened(Event, fact="centre.opened"):
    centre_id: UUID
    name: Title
    unit_id: UnitId


class OpenSite(
    Command[SiteState],
    name="open-site",
    permission="registry.sites.open",
    http="POST /v1/sites",
    refusals=(
        "division-code-unknown",
        "unknown-unit",
        "unknown-centre",
        "site-exists",
        "hours-reversed",
        "room-exists",
    ),
):
    """Opens a site (阵地) of a unit, with its rooms and opening hours (R2, R3)."""

    site_id: SiteId
    name: Title
    site_type: SiteType
    unit_id: UnitId
    centre_id: UUID | None = None
    region: RegionCode
    rooms: tuple[RoomPlan, ...] = Field(min_length=1, max_length=40)
    hours: tuple[OpeningHours, ...] = Field(min_length=1, max_length=28)


class SiteOpened(Event, fact="site.opened"):
    """A site is open to the public; its whole public state."""

    site_id: SiteId
    name: Title
    site_type: SiteType
    unit_id: UnitId
    centre_id: UUID | None = None
    rooms: tuple[RoomPlan, ...]
    hours: tuple[OpeningHours, ...]


class CloseSite(
    Command[SiteState],
    name="close-site",
    permission="registry.sites.open",
    http="POST /v1/sites/{site_id}/close",
    refusals=("unknown-site", "site-closed"),
):
    """Closes a site for good; what was held there stays on record."""

    site_id: SiteId


class SiteClosed(Event, fact="site.closed"):
    site_id: SiteId


class SiteList(Part):
    sites: tuple[SiteState, ...]


class ListSites(Query[SiteList], name="list-sites", permission="public", http="GET /v1/sites"):
    """The open sites of a region's subtree; at most `limit`, after the site `after`."""

    region: RegionCode
    site_type: SiteType | None = None
    after: SiteId | None = None
    limit: int = Field(100, ge=1, le=500)


class SiteRow(Part):
    """A site as a list names it: the place is kept as written until a division is certain."""

    site_id: SiteId
    name: Title
    site_type: SiteType
    unit_id: UnitId
    place: PlaceText


class SiteRowOutcome(Part):
    """`opened`, or `undecided` with the divisions the place may mean."""

    site_id: SiteId
    state: Code
    region: RegionCode | None
    candidates: tuple[PlaceMatch, ...]


class SiteImportState(Part):
    outcomes: tuple[SiteRowOutcome, ...]


class ImportSites(
    Command[SiteImportState],
    name="import-sites",
    permission="registry.sites.open",
    http="POST /v1/sites/import",
    refusals=("division-code-unknown", "unknown-unit", "site-exists", "hours-reversed"),
):
    """Opens sites from a list whose places are written by hand: neither guesses nor drops (R26, R27).

    A place that is one division's name opens the site; every other row waits as `undecided` with candidates
    until DecidePlace. All sites get one room of `capacity` seats and the same `hours`.
    """

    within: RegionCode
    capacity: Seats
    hours: tuple[OpeningHours, ...] = Field(min_length=1, max_length=28)
    rows: tuple[SiteRow, ...] = Field(min_length=1, max_length=200)


class DecidePlace(
    Command[SiteState],
    name="decide-place",
    permission="registry.sites.open",
    http="POST /v1/sites/{site_id}/place",
    refusals=("unknown-site", "division-code-unknown", "already-decided"),
):
    """A person says which division an undecided row means: the site opens, and the spelling is remembered."""

    site_id: SiteId
    region: RegionCode


class PlaceUndecided(Event, fact="site-draft.undecided"):
    """A row of a site list waits for a person's decision; `candidates` counts the divisions offered."""

    site_draft_id: SiteId
    candidates: int
