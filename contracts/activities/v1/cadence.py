"""Cadence: whether every site has something on each week and something new each month."""

from datetime import date
from uuid import UUID

from pydantic import Field

from ...data import Code, SiteId, UnitId
from ...message import Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals

__all__ = [
    "CadenceBroken",
    "CadenceList",
    "ListCadence",
    "RuleOutcome",
]


class RuleOutcome(Part):
    """How a site did in a week or month: kept, broken, excused; unjudged until a notice of holidays comes."""

    site_id: SiteId
    rule: Code
    first_day: date
    last_day: date
    outcome: Code


class CadenceList(Part):
    outcomes: tuple[RuleOutcome, ...]


class ListCadence(Query[CadenceList], name="list-cadence", permission="activities.counts.read", http="GET /v1/cadence"):
    """How the sites of a region kept 周周有活动 (`weekly-1`) and 月月有创新 (`monthly-1`), newest first (A35)."""

    region: RegionCode
    since: date
    until: date
    rule: Code | None = None
    outcome: Code | None = None
    limit: int = Field(200, ge=1, le=1000)


class CadenceBroken(Event, fact="cadence.broken"):
    """A site let a week pass without any session (`weekly-1`), or a month without anything new (`monthly-1`)."""

    cadence_id: UUID
    site_id: SiteId
    unit_id: UnitId
    rule: Code
    first_day: date
    last_day: date
