"""Who may credit which minutes, and take them back. No I/O, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from contracts.refusals import Refusal
from contracts.volunteers.v1 import Grade, HoursByGrade, LedgerEntry, StintStatus
from services.volunteers.stints.rules import RULE, Stint

DAILY_CAP: Final = timedelta(hours=12)
CAP_MINUTES: Final = DAILY_CAP // timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger: `unit_id` recorded the service, `decided_by` approved or reversed it.

    The line of a reversal has the service date of what it takes back, so that the sums of a period come out right.
    """

    entry_id: UUID
    volunteer_id: UUID
    person_id: UUID
    stint_id: UUID
    unit_id: UUID
    region: str
    service_date: date
    minutes: int
    grade: Grade
    rule: str
    reverses: UUID | None
    decided_by: str

    @property
    def line(self) -> LedgerEntry:
        """What a reader of the ledger sees."""
        return LedgerEntry(
            entry_id=self.entry_id,
            volunteer_id=self.volunteer_id,
            stint_id=self.stint_id,
            service_date=self.service_date,
            minutes=self.minutes,
            grade=self.grade,
            rule=self.rule,
            reverses=self.reverses,
        )


def may_decide(stint: Stint, approver: str) -> Refusal | None:
    """A closed stint is decided on once, by somebody who neither served nor recorded it (V18).

    Refusals: stint-not-closed, already-credited, stint-rejected, same-person.
    """
    if stint.status is StintStatus.OPEN:
        return Refusal("stint-not-closed")
    if stint.status is StintStatus.CREDITED:
        return Refusal("already-credited")
    if stint.status is StintStatus.REJECTED:
        return Refusal("stint-rejected")
    if approver in (str(stint.person_id), stint.opened_by, stint.closed_by):
        return Refusal("same-person")
    return None


def may_credit(stint: Stint, approver: str, credited_that_day: int) -> Refusal | None:
    """Whoever may decide on a stint may credit it, as far as the day's cap goes.

    `credited_that_day`: minutes credited less reversed for the person on the service date, in whatever team; with
    this stint they stay within 12 hours (V25). Refusals: daily-cap-exceeded, and those of `may_decide`.
    """
    refusal = may_decide(stint, approver)
    if refusal:
        return refusal
    if credited_that_day + (stint.minutes or 0) > CAP_MINUTES:
        return Refusal("daily-cap-exceeded", cap=CAP_MINUTES)
    return None


def credit(stint: Stint, entry_id: UUID, approver: str) -> Entry:
    """The ledger line of an approved stint."""
    return Entry(
        entry_id=entry_id,
        volunteer_id=stint.volunteer_id,
        person_id=stint.person_id,
        stint_id=stint.stint_id,
        unit_id=stint.unit_id,
        region=stint.region,
        service_date=stint.service_date,
        minutes=stint.minutes or 0,
        grade=stint.grade,
        rule=RULE,
        reverses=None,
        decided_by=approver,
    )


def may_reverse(entry: Entry, reversed_already: bool, actor: str) -> Refusal | None:
    """A credited line is reversed once, and not by whose minutes they are; a reversal itself stays (V16).

    Refusals: unknown-entry, already-reversed, same-person.
    """
    if entry.reverses is not None:
        return Refusal("unknown-entry")
    if reversed_already:
        return Refusal("already-reversed")
    if actor == str(entry.person_id):
        return Refusal("same-person")
    return None


def reversal(entry: Entry, entry_id: UUID, actor: str) -> Entry:
    """The line that takes `entry` back."""
    return replace(entry, entry_id=entry_id, minutes=-entry.minutes, reverses=entry.entry_id, decided_by=actor)


def by_grade(sums: Iterable[tuple[Grade, int]]) -> tuple[HoursByGrade, ...]:
    """Minutes of each grade that has any, the best grade first (V17)."""
    totals: dict[Grade, int] = {}
    for grade, minutes in sums:
        totals[grade] = totals.get(grade, 0) + minutes
    return tuple(HoursByGrade(grade=grade, minutes=totals[grade]) for grade in Grade if totals.get(grade))
