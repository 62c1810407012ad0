"""What calendar data may say, and what school terms say of a day. No I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from contracts.activities.v1 import AnnounceHolidays
from contracts.refusals import Refusal
from services.activities.sessions.rules import SHANGHAI

LONGEST_BREAK: Final = timedelta(days=100)
"""School holidays are shorter; a longer stretch between two known terms means that one in between is not known."""


@dataclass(frozen=True, slots=True)
class Term:
    """A school term, first and last day included."""

    name: str
    first_day: date
    last_day: date


def term_on(terms: Sequence[Term], day: date) -> Term | None:
    """The term a day lies in, None for a day of the holidays between two terms.

    Raises LookupError for a day of which the known terms say nothing: before the first, after the last, or in a
    stretch too long for holidays. `terms` are by first day.
    """
    before = [term for term in terms if term.first_day <= day]
    if before and day <= before[-1].last_day:
        return before[-1]
    after = [term for term in terms if term.first_day > day]
    if before and after and after[0].first_day - before[-1].last_day <= LONGEST_BREAK:
        return None
    raise LookupError(day.isoformat())


def may_announce(notice: AnnounceHolidays) -> Refusal | None:
    """Every day lies in the year and is said once; only weekends are worked in exchange. Refusal: invalid-message."""
    off = [day.day for day in notice.days_off]
    problems = {
        "#/days_off": "days_repeated" if len(set(off)) < len(off) else "",
        "#/worked": "not_a_weekend" if any(day.isoweekday() <= 5 for day in notice.worked) else "",
        "#/year": "days_of_other_years" if any(day.year != notice.year for day in (*off, *notice.worked)) else "",
        "#": "off_and_worked" if set(off) & set(notice.worked) else "",
    }
    errors = [{"pointer": pointer, "problem": problem} for pointer, problem in problems.items() if problem]
    return Refusal("invalid-message", errors=errors) if errors else None


def midnight(day: date) -> datetime:
    """When a day begins in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def over_at(last_day: date) -> datetime:
    """When a last day is over: midnight in Shanghai."""
    return midnight(last_day + timedelta(days=1))


def month_of(month: str) -> tuple[datetime, datetime]:
    """Beginning and end of a month: `2026-07`."""
    year, number = int(month[:4]), int(month[5:])
    return midnight(date(year, number, 1)), midnight(date(year + number // 12, number % 12 + 1, 1))
