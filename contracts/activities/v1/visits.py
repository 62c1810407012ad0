"""Outreach visits (走访, 敲敲门): households visited, by whom, what was found, and what follows by when (A36).

A visit is no session: it adds nothing to 场次 and 人次, and has numbers of its own (`count-visits`). Findings are
codes; what somebody wrote of a household is in no event and no list. Ledgers of assistance and cases are not kept here.
"""

from datetime import date
from uuid import UUID

from pydantic import Field

from ...data import Code, Instant, OpenEnum, PersonId, UnitId, VisitText
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals

__all__ = [
    "CloseFollowUp",
    "CountVisits",
    "FindingCount",
    "FollowUpClosed",
    "FollowUpList",
    "FollowUpOpened",
    "FollowUpOverdue",
    "FollowUpPlan",
    "FollowUpState",
    "FollowUpStatus",
    "ListFollowUps",
    "ListVisits",
    "ReadVisitNote",
    "RecordVisit",
    "VisitCounts",
    "VisitList",
    "VisitMade",
    "VisitNote",
    "VisitOutcome",
    "VisitState",
]


class VisitOutcome(OpenEnum):
    UNKNOWN = "unknown"
    MET = "met"
    NOBODY_HOME = "nobody_home"
    DECLINED = "declined"


class FollowUpStatus(OpenEnum):
    UNKNOWN = "unknown"
    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"
    DROPPED = "dropped"


class FollowUpPlan(Part):
    """What is to be done (a code: `apply-for-aid`, `visit-again`), by whom, and its last day."""

    follow_up_id: UUID
    measure: Code
    assignee_id: PersonId
    due_on: date


class VisitState(Part):
    visit_id: UUID
    unit_id: UnitId
    region: RegionCode
    programme_id: UUID | None
    contact_id: PersonId | None
    visitors: tuple[PersonId, ...]
    visited_at: Instant
    outcome: VisitOutcome
    people_met: int
    findings: tuple[Code, ...]
    follow_ups: tuple[UUID, ...]
    version: int


class RecordVisit(
    Command[VisitState],
    name="record-visit",
    permission="activities.visits.record",
    http="POST /v1/visits",
    refusals=(
        "visit-exists",
        "visit-ahead",
        "household-missing",
        "unknown-person",
        "person-restricted",
        "unknown-programme",
        "follow-up-exists",
        "date-wrong",
    ),
):
    """Writes down a visit that was made; the same visit sent again, by a phone that heard no answer, changes nothing.

    `contact_id` is the member of the household by whom it is known; it is needed where somebody was met. `note` is kept
    until `note_until`, at most a year and by default 90 days, then erased (PIPL 19).
    """

    visit_id: UUID
    unit_id: UnitId
    region: RegionCode
    programme_id: UUID | None = None
    contact_id: PersonId | None = None
    visitors: tuple[PersonId, ...] = Field(min_length=1, max_length=10)
    visited_at: Instant
    outcome: VisitOutcome
    people_met: int = Field(0, ge=0, le=50)
    findings: tuple[Code, ...] = Field((), max_length=20)
    note: VisitText | None = None
    note_until: date | None = None
    follow_ups: tuple[FollowUpPlan, ...] = Field((), max_length=10)


class VisitMade(Event, fact="visit.made"):
    """Without the household: whose hardship was found is nobody else's business (PIPL 28)."""

    visit_id: UUID
    unit_id: UnitId
    programme_id: UUID | None = None
    visitors: tuple[PersonId, ...]
    visited_at: Instant
    outcome: VisitOutcome
    people_met: int
    findings: tuple[Code, ...]
    follow_ups: tuple[UUID, ...] = ()


class FollowUpOpened(Event, fact="follow-up.opened"):
    follow_up_id: UUID
    visit_id: UUID
    measure: Code
    assignee_id: PersonId
    due_on: date


class FollowUpOverdue(Event, fact="follow-up.overdue"):
    """Its last day is over and nobody said what became of it."""

    follow_up_id: UUID
    visit_id: UUID
    unit_id: UnitId
    measure: Code
    assignee_id: PersonId
    due_on: date


class FollowUpClosed(Event, fact="follow-up.closed"):
    follow_up_id: UUID
    visit_id: UUID
    status: FollowUpStatus
    result: Code


class FollowUpState(Part):
    follow_up_id: UUID
    visit_id: UUID
    measure: Code
    assignee_id: PersonId
    due_on: date
    status: FollowUpStatus
    result: Code | None
    version: int


class CloseFollowUp(
    Command[FollowUpState],
    name="close-follow-up",
    permission="activities.visits.record",
    http="POST /v1/follow-ups/{follow_up_id}/close",
    refusals=("unknown-follow-up", "follow-up-closed"),
):
    """What became of a follow-up: done, or dropped, with a code that says how or why. Late is better than never."""

    follow_up_id: UUID
    done: bool = True
    result: Code


class VisitList(Part):
    visits: tuple[VisitState, ...]


class ListVisits(Query[VisitList], name="list-visits", permission="activities.visits.read", http="GET /v1/visits"):
    """The visits of a region's subtree in [since, until), by time; at most `limit`, after the visit `after`."""

    region: RegionCode
    since: Instant
    until: Instant
    contact_id: PersonId | None = None
    after: UUID | None = None
    limit: int = Field(100, ge=1, le=500)


class FollowUpList(Part):
    follow_ups: tuple[FollowUpState, ...]


class ListFollowUps(
    Query[FollowUpList], name="list-follow-ups", permission="activities.visits.read", http="GET /v1/follow-ups"
):
    """What is still to be done in a region's subtree, the most urgent first; at most `limit`, after `after`."""

    region: RegionCode
    assignee_id: PersonId | None = None
    due_until: date | None = None
    after: UUID | None = None
    limit: int = Field(100, ge=1, le=500)


class VisitNote(Part):
    visit_id: UUID
    note: VisitText
    until: date


class ReadVisitNote(
    Query[VisitNote],
    name="read-visit-note",
    permission="activities.visits.read",
    http="GET /v1/visits/{visit_id}/note",
    refusals=("unknown-visit", "no-note", "not-involved"),
):
    """What was written of a household, to who was there, wrote it down, or has a follow-up of it; leaves a row in the
    audit log."""

    visit_id: UUID


class FindingCount(Part):
    """`households` is missing where it would tell of too few."""

    finding: Code
    households: int | None


class VisitCounts(Part):
    """By the rule `visit-count-1`: `visits` are those at which somebody was met, `households` how many different ones,
    `attempts` all the others. None of it is part of 人次."""

    visits: int
    attempts: int
    households: int | None
    people_met: int
    findings: tuple[FindingCount, ...]
    smallest: int
    rule: Code


class CountVisits(
    Query[VisitCounts], name="count-visits", permission="activities.counts.read", http="GET /v1/visits/counts"
):
    """Visits of a region's subtree in [since, until), of one programme or of all."""

    region: RegionCode
    since: Instant
    until: Instant
    programme_id: UUID | None = None
