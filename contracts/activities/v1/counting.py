"""Counts by the published rule: what is asked and the facts stated (A23 to A25, A53; standards.md 2.12)."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import Field, StringConstraints

from ...data import (
    INTERNAL,
    PUBLIC,
    AgeBand,
    Code,
    Instant,
    PersonId,
    PublicNote,
    SessionId,
    SiteId,
    Slug,
    Title,
    UnitId,
)
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import CountKind, RegionLevel, StatisticsBy

Period = Annotated[str, StringConstraints(pattern=r"^20\d{2}(-(0[1-9]|1[0-2])|Q[1-4]|H[12])?$"), PUBLIC]
"""A reporting period by the calendar of China: `2026-05`, `2026Q2`, `2026H1` or `2026`."""

Phrase = Title
"""The official wording of a count of 人次: `4万多人次`."""

_ID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
FactCursor = Annotated[str, StringConstraints(pattern=rf"^{_ID}:{_ID}$"), INTERNAL]
"""Where a page of facts ended: session and attendance."""


TopicKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-z+-]{1,40}$"), INTERNAL]
"""A month, a region, an id or an age band."""


class Figures(Part):
    """场次, 人次 and 人数 of identified people; beside them, never added, what was declared without names (A23).

    `sessions_held` had somebody identified, `sessions_declared` declared heads alone. `person_times`, `persons` and
    `phrase` are None where they are withheld, because they tell of too few people (A53).
    """

    sessions_held: int
    person_times: int | None
    persons: int | None
    sessions_declared: int
    declared_heads: int
    phrase: Phrase | None


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


class GetStatistics(
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

    region: RegionCode
    period: Period
    by: StatisticsBy = StatisticsBy.REGION
    level: RegionLevel | None = None
    programme_id: UUID | None = None
    project_id: UUID | None = None
    site_id: SiteId | None = None
    audience: AgeBand | None = None


class CountFact(Part):
    """One attendance that a number counts."""

    attendance_id: UUID
    session_id: SessionId
    person_id: PersonId


class CountFacts(Part):
    """`after` asks for the next page; None on the last one."""

    facts: tuple[CountFact, ...]
    after: FactCursor | None = None


class ListStatisticsFacts(
    Query[CountFacts],
    name="list-statistics-facts",
    permission="activities.roster.read",
    http="GET /v1/statistics/facts",
    refusals=("region-too-wide", "one-topic-only"),
):
    """The attendances behind a number of `get-statistics` as it is now, by session and id."""

    region: RegionCode
    period: Period
    programme_id: UUID | None = None
    project_id: UUID | None = None
    site_id: SiteId | None = None
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
    Query[CountedSessions],
    name="list-counted-sessions",
    permission="activities.roster.read",
    http="GET /v1/statistics/sessions",
    refusals=("region-too-wide", "one-topic-only"),
):
    """The sessions behind 场次, 人次 and declared heads of `get-statistics` as they are now, by id."""

    region: RegionCode
    period: Period
    programme_id: UUID | None = None
    project_id: UUID | None = None
    site_id: SiteId | None = None
    after: SessionId | None = None
    limit: int = Field(500, ge=1, le=2000)


class CertifiedCount(Part):
    """A frozen number: `frozen` never changes, `adjusted` is what later corrections made of it."""

    count_id: UUID
    period_id: UUID
    region: RegionCode
    period: Period
    kind: CountKind
    topic: TopicKey | None
    rule: Code
    closed_at: Instant
    frozen: Figures
    adjusted: Figures
    adjustments: int


class Adjustment(Part):
    """What one later change of a session added to a frozen number, or took away."""

    change_id: UUID
    session_id: SessionId
    at: Instant
    reason: Annotated[str, PUBLIC]
    sessions_held: int
    person_times: int
    persons: int
    sessions_declared: int
    declared_heads: int


class CountHistory(Part):
    count: CertifiedCount
    adjustments: tuple[Adjustment, ...]


class GetCount(
    Query[CountHistory],
    name="get-count",
    permission="activities.counts.read",
    http="GET /v1/counts/{count_id}",
    refusals=("unknown-count",),
):
    """A frozen number with its rule, closing date and adjustments, oldest first (at most 500)."""

    count_id: UUID


class CertifiedCounts(Part):
    counts: tuple[CertifiedCount, ...]


class ListCounts(
    Query[CertifiedCounts],
    name="list-counts",
    permission="activities.counts.read",
    http="GET /v1/regions/{region}/counts/{period}",
    refusals=("period-open", "too-many-cells"),
):
    """The frozen numbers of one region and period: the total, or one of each `kind`."""

    region: RegionCode
    period: Period
    kind: CountKind = CountKind.ALL


class ListCountFacts(
    Query[CountFacts],
    name="list-count-facts",
    permission="activities.roster.read",
    http="GET /v1/counts/{count_id}/facts",
    refusals=("unknown-count",),
):
    """The attendances that a frozen number counts, exactly those, whatever was corrected since; by session and id."""

    count_id: UUID
    after: FactCursor | None = None
    limit: int = Field(500, ge=1, le=2000)


class PeriodState(Part):
    period_id: UUID
    region: RegionCode
    period: Period
    rule: Code
    closed_at: Instant
    total: CertifiedCount


class ClosePeriod(
    Command[PeriodState],
    name="close-period",
    permission="activities.periods.close",
    http="POST /v1/periods",
    refusals=("period-not-over", "period-closed", "sessions-uncounted", "region-too-wide", "period-exists"),
):
    """Freezes the numbers of a region's subtree for a period that is over (A25). What is counted or corrected later
    is an adjustment. Every level closes its own; a session is in each of them once.

    Sessions of the period that nobody closed yet hold it up, unless `leave_uncounted` lets them come as adjustments.
    """

    period_id: UUID
    region: RegionCode
    period: Period
    leave_uncounted: bool = False


class PeriodClosed(Event, fact="period.closed"):
    period_id: UUID
    period: Period
    rule: Code
    sessions_held: int
    sessions_declared: int


class CountCertified(Event, fact="count.certified"):
    """A frozen number: exact value and official phrase of 人次, None where they are withheld (A24, A53)."""

    count_id: UUID
    period_id: UUID
    period: Period
    kind: CountKind
    topic: UUID | None = None
    rule_version: Code
    sessions_held: int
    exact: int | None = None
    persons: int | None = None
    phrase: Phrase | None = None


class CountAdjusted(Event, fact="count.adjusted"):
    """A later change of a session touched a frozen number; the number itself stays. Differences, None if withheld."""

    count_id: UUID
    period_id: UUID
    change_id: UUID
    session_id: SessionId
    sessions_held: int
    person_times: int | None = None
    persons: int | None = None
    declared_heads: int


class CorrectionState(Part):
    """The session's figures after the correction."""

    correction_id: UUID
    session_id: SessionId
    person_times: int
    persons: int
    declared_heads: int


class CorrectAttendance(
    Command[CorrectionState],
    name="correct-attendance",
    permission="activities.counts.correct",
    http="POST /v1/sessions/{session_id}/corrections",
    refusals=(
        "unknown-session",
        "session-not-counted",
        "correction-exists",
        "nothing-to-correct",
        "evidence-missing",
        "unknown-person",
        "unknown-attendance",
        "already-counted",
    ),
):
    """Mends a counted session (A21, A22, A25): `came` are people of a paper sheet that came in late, `not_came` are
    attendances that were a mistake. People are added on evidence alone, a reference to the photo of the sheet.
    """

    correction_id: UUID
    session_id: SessionId
    came: tuple[PersonId, ...] = Field((), max_length=500)
    not_came: tuple[UUID, ...] = Field((), max_length=500)
    reason: PublicNote
    evidence: Slug | None = None


class CorrectionMade(Event, fact="correction.made"):
    """A counted session was corrected; differences."""

    correction_id: UUID
    session_id: SessionId
    unit_id: UnitId
    person_times: int
    persons: int
    rule: Code
