"""Who may ask about whose data, and until when she is answered. No I/O, no clock.

15 working days are the house's own target, and no law's number: PIPL 50 asks for a convenient way to ask, and names
none. The same number is what regulators take for the longest in which operators of apps handle complaints about
personal data (docs/decisions/0028).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from contracts.refusals import Refusal
from contracts.registry.v1 import (
    AnswerPersonRequest,
    FilePersonRequest,
    PersonRequestKind,
    PersonRequestState,
    PersonRequestStatus,
)
from services.chassis.calendar import Calendar, UnknownYear
from services.chassis.clock import SHANGHAI
from services.registry.rights.rules import Subject

DAYS: Final = 15
DAYS_BEFORE: Final = 3
OLDEST_LETTER: Final = timedelta(days=30)
MORNING: Final = time(9)


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """One request; `counted` is how its last day was found."""

    person_request_id: UUID
    person_id: UUID
    region: str
    kind: PersonRequestKind
    asked_by: UUID
    received_on: date
    due_on: date
    counted: str
    status: PersonRequestStatus
    version: int

    @property
    def state(self) -> PersonRequestState:
        return PersonRequestState(
            person_request_id=self.person_request_id,
            person_id=self.person_id,
            kind=self.kind,
            status=self.status,
            received_on=self.received_on,
            due_on=self.due_on,
            counted=self.counted,
            version=self.version,
        )


def may_file(command: FilePersonRequest, subject: Subject, today: date) -> Refusal | None:
    """The person herself, for a minor the guardian, for the dead a relative (PIPL 31, 49).

    Refusals: not-entitled, received-wrong.
    """
    entitled = subject.guardian_id if subject.age_band.is_minor else subject.person_id
    if (command.asked_by == subject.person_id) if command.deceased else (command.asked_by != entitled):
        return Refusal("not-entitled")
    received = command.received_on or today
    return None if today - OLDEST_LETTER <= received <= today else Refusal("received-wrong")


def due(received: date, calendar: Calendar) -> tuple[date, date, str]:
    """The day on which to remind, the last day, and how they were counted.

    A year without a notice of the State Council is not guessed at: then days of the calendar count, which are never
    later than working days.
    """
    try:
        last = calendar.after_working_days(received, DAYS)
        return calendar.after_working_days(received, DAYS - DAYS_BEFORE), last, "working-days"
    except UnknownYear:
        return received + timedelta(days=DAYS - DAYS_BEFORE), received + timedelta(days=DAYS), "calendar-days"


def remind_at(day: date) -> datetime:
    return datetime.combine(day, MORNING, SHANGHAI)


def overdue_at(due_on: date) -> datetime:
    """The last day is over."""
    return datetime.combine(due_on + timedelta(days=1), time(), SHANGHAI)


def may_answer(command: AnswerPersonRequest, request: PersonRequest) -> Refusal | None:
    """Once; a refusal says why (PIPL 50). Refusals: person-request-answered, reason-needed."""
    if request.status is not PersonRequestStatus.OPEN:
        return Refusal("person-request-answered")
    return Refusal("reason-needed") if not command.fulfilled and command.reason is None else None
