"""周周有活动, 月月有创新: what a site owes in a week and a month, and when it is excused (A35). No I/O, no clock."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.activities.sessions.rules import Site
from services.chassis.calendar import Calendar, UnknownYear

WEEKLY: Final = "weekly-1"
"""At least one session was held at the site in the week, Monday to Sunday. Held is one to which anybody came."""
MONTHLY: Final = "monthly-1"
"""In the month a session was held whose title, in its programme, the site had not held in the twelve months before."""


@dataclass(frozen=True, slots=True)
class Period:
    """A week or a month, first and last day included."""

    first_day: date
    last_day: date

    @property
    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1)]


def period_before(rule: str, day: date) -> Period:
    """The last whole week or month that ended before `day`."""
    if rule == WEEKLY:
        monday = day - timedelta(days=day.weekday() + 7)
        return Period(monday, monday + timedelta(days=6))
    last = day.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)


def next_judgement(rule: str, day: date) -> date:
    """The day after the period that `day` lies in: at its beginning the period is judged."""
    if rule == WEEKLY:
        return day + timedelta(days=7 - day.weekday())
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def first_judgement(rule: str, opened: date) -> date:
    """The end of the first whole week or month of a site: nobody owes anything for days before it opened."""
    ended = next_judgement(rule, opened)
    begins = opened.weekday() == 0 if rule == WEEKLY else opened.day == 1
    return ended if begins else next_judgement(rule, ended)


def judge(rule: str, held: int, new: int, site: Site, period: Period, calendar: Calendar) -> str:
    """`kept`, `broken`, `excused`: the site had no day in the period on which it could have been open; `unjudged`.

    A day counts as open when the site's weekly hours name it, it is no closing day and not off by the State Council's
    notice: so the week of Spring Festival breaks nothing, and a day off in an open week changes nothing. A site that
    holds something all the same has kept its cadence. Where a day's year has no notice of holidays nothing is guessed:
    the period is unjudged until the notice is announced.
    """
    if held if rule == WEEKLY else new:
        return "kept"
    try:
        return "broken" if _could_be_open(site, period, calendar) else "excused"
    except UnknownYear:
        return "unjudged"


def _could_be_open(site: Site, period: Period, calendar: Calendar) -> bool:
    weekdays = {hours.weekday for hours in site.hours}
    return any(
        day.isoweekday() in weekdays and site.closing_on(day) is None and calendar.holiday(day) is None
        for day in period.days
    )
