"""Counted sessions of a region in a period, parted by one thing, and what is behind each number (A23, A24, A53)."""

from uuid import UUID

from pydantic import Field

from ...data import AgeBand, Code, Instant, SessionId, SiteId, Title
from ...message import Message, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import RegionLevel, StatisticsBy
from .figures import CountFacts, FactCursor, Figures, Period, TopicKey

__all__ = [
    "CountedSession",
    "CountedSessions",
    "GetStatistics",
    "ListCountedSessions",
    "ListStatisticsFacts",
    "Statistics",
    "StatisticsCell",
]


class StatisticsCell(Part):
    """`key` is a month, a region, the id of a programme, project or site, or an age band; programmes and sites have
    their names beside it."""

    key: TopicKey
    name: Title | None = None
    figures: Figures


class Statistics(Part):
    """`smallest`: figures of fewer people are withheld, and with them the next larger of the same table."""

    region: RegionCode
    period: Period
    rule: Code
    smallest: int
    total: Figures
    cells: tuple[StatisticsCell, ...]


class Counted(Message):
    """What a question about counted sessions is of: a region's subtree and a period, and at most one topic in them."""

    region: RegionCode
    period: Period
    programme_id: UUID | None = None
    project_id: UUID | None = None
    site_id: SiteId | None = None


class GetStatistics(
    Counted,
    Query[Statistics],
    name="get-statistics",
    permission="activities.counts.read",
    http="GET /v1/statistics",
    refusals=("region-too-wide", "one-topic-only", "too-many-cells"),
):
    """Counted sessions of a region's subtree in a period, parted by one thing, each session once whoever reports it.

    At most one of the topics narrows it. By region the next lower level is taken unless `level` names another; what
    a unit above that level held itself stands under its own code. By site and by audience 场次 overlap; by audience
    人次 and 人数 add up.
    """

    by: StatisticsBy = StatisticsBy.REGION
    level: RegionLevel | None = None
    audience: AgeBand | None = None


class ListStatisticsFacts(
    Counted,
    Query[CountFacts],
    name="list-statistics-facts",
    permission="activities.roster.read",
    http="GET /v1/statistics/facts",
    refusals=("region-too-wide", "one-topic-only"),
):
    """The attendances behind a number of `get-statistics` as it is now, by session and id."""

    audience: AgeBand | None = None
    after: FactCursor | None = None
    limit: int = Field(500, ge=1, le=2000)


class CountedSession(Part):
    """A counted session with its own figures."""

    session_id: SessionId
    site_id: SiteId
    region: RegionCode
    starts_at: Instant
    person_times: int
    persons: int
    declared_heads: int


class CountedSessions(Part):
    sessions: tuple[CountedSession, ...]
    after: SessionId | None = None


class ListCountedSessions(
    Counted,
    Query[CountedSessions],
    name="list-counted-sessions",
    permission="activities.roster.read",
    http="GET /v1/statistics/sessions",
    refusals=("region-too-wide", "one-topic-only"),
):
    """The sessions behind 场次, 人次 and declared heads of `get-statistics` as they are now, by id."""

    after: SessionId | None = None
    limit: int = Field(500, ge=1, le=2000)
