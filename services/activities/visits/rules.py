"""When a visit may be written down, and how visits are counted (A36). No I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from contracts.activities.v1 import (
    CloseFollowUp,
    FollowUpState,
    FollowUpStatus,
    RecordVisit,
    VisitOutcome,
    VisitState,
)
from contracts.refusals import Refusal
from services.activities.enrolment.eligibility import Person
from services.activities.sessions.rules import SHANGHAI

RULE: Final = "visit-count-1"
"""Version 1 of the rule: a visit counts once when somebody was met, whoever and how many went; a household once in the
period. 人次 are attendances at sessions (attendance-count-1), and none of them."""
NOTE_DAYS: Final = timedelta(days=90)
LONGEST_NOTE: Final = timedelta(days=366)
LATEST: Final = timedelta(days=366)
TOLD_FROM: Final = time(8)
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
OPEN: Final = (FollowUpStatus.OPEN, FollowUpStatus.OVERDUE)


@dataclass(frozen=True, slots=True)
class FollowUp:
    state: FollowUpState
    unit_id: UUID
    region: str


def may_record(visit: RecordVisit, known: Mapping[UUID, Person], now: datetime) -> Refusal | None:
    """Refusals: visit-ahead, household-missing, unknown-person, person-restricted (PIPL 44), date-wrong."""
    if visit.visited_at > now + CLOCK_TOLERANCE:
        return Refusal("visit-ahead")
    met = visit.outcome is VisitOutcome.MET
    if met != (visit.people_met > 0) or (met and visit.contact_id is None):
        return Refusal("household-missing")
    people = [*visit.visitors, *(each.assignee_id for each in visit.follow_ups), *filter(None, [visit.contact_id])]
    for person_id in people:
        person = known.get(person_id)
        if person is None:
            return Refusal("unknown-person", person_id=str(person_id))
    if visit.contact_id and known[visit.contact_id].restricted:
        return Refusal("person-restricted", person_id=str(visit.contact_id))
    return _may_last(visit, now.astimezone(SHANGHAI).date())


def _may_last(visit: RecordVisit, today: date) -> Refusal | None:
    """A note ends within a year, and a follow-up is due in the year after today. Refusal: date-wrong."""
    kept = not visit.note_until or today <= visit.note_until <= today + LONGEST_NOTE
    due = all(today <= each.due_on <= today + LATEST for each in visit.follow_ups)
    return None if kept and due else Refusal("date-wrong")


def note_until(visit: RecordVisit, today: date) -> date:
    return visit.note_until or today + NOTE_DAYS


def overdue_at(due_on: date) -> datetime:
    """When nobody has said what became of a follow-up: told in the morning after its last day, not at midnight."""
    return datetime.combine(due_on + timedelta(days=1), TOLD_FROM, SHANGHAI)


def state_of(visit: RecordVisit) -> VisitState:
    """A visit as it is told, without its note."""
    values = visit.model_dump(exclude={"note", "note_until", "follow_ups"})
    values["findings"] = tuple(sorted(set(visit.findings)))
    values["follow_ups"] = tuple(sorted(each.follow_up_id for each in visit.follow_ups))
    return VisitState(**values, version=1)


def may_close(known: FollowUp) -> Refusal | None:
    """Refusal: follow-up-closed."""
    if known.state.status in OPEN:
        return None
    return Refusal("follow-up-closed", result=known.state.result or "-")


def closed(known: FollowUpState, command: CloseFollowUp) -> FollowUpState:
    status = FollowUpStatus.DONE if command.done else FollowUpStatus.DROPPED
    return known.model_copy(update={"status": status, "result": command.result, "version": known.version + 1})
