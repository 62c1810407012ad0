"""Counts by the published rule: what is asked and the facts stated (A23 to A25, A53; standards.md 2.12)."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import (
    PUBLIC,
    Code,
    Instant,
    PersonId,
    PublicNote,
    SessionId,
    Slug,
    UnitId,
)
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import CountKind
from .figures import CountFacts, FactCursor, Figures, Period, Phrase, TopicKey

__all__ = [
    "Adjustment",
    "CertifiedCount",
    "CertifiedCounts",
    "ClosePeriod",
    "CorrectAttendance",
    "CorrectionMade",
    "CorrectionState",
    "CountAdjusted",
    "CountCertified",
    "CountHistory",
    "GetCount",
    "ListCountFacts",
    "ListCounts",
    "PeriodClosed",
    "PeriodState",
]


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
