"""Days off and make-up workdays in China, by the State Council's yearly notices: data, never a guess (X19).

Each year's notice (全国年节及纪念日放假办法) says which weekdays are off and which weekend days are worked for them
(调休). The years 2004 to 2026 come with the package `chinesecalendar`; a later one must be announced.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, workdays


class UnknownYear(LookupError):
    """The State Council's notice of this year is not known; nothing is said of its days."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no notice for {year}")
        self.year = year


@dataclass(frozen=True, slots=True)
class Notice:
    """One year: every day off that a holiday makes, by its name, and the weekend days that are worked."""

    year: int
    days_off: Mapping[date, str]
    worked: frozenset[date]


class Calendar:
    """Says of a day whether it is off or worked. Raises UnknownYear for every day of a year without a notice."""

    def __init__(self, notices: Iterable[Notice]) -> None:
        self._notices = {notice.year: notice for notice in notices}

    def with_notices(self, notices: Iterable[Notice]) -> "Calendar":
        """This calendar, with notices that go before its own."""
        return Calendar([*self._notices.values(), *notices])

    def notice(self, year: int) -> Notice:
        try:
            return self._notices[year]
        except KeyError:
            raise UnknownYear(year) from None

    def holiday(self, day: date) -> str | None:
        """The holiday that makes this day one off (春节), weekends among them; None for any other day."""
        return self.notice(day.year).days_off.get(day)

    def is_made_up(self, day: date) -> bool:
        """True for a weekend day that is worked (调休)."""
        return day in self.notice(day.year).worked

    def is_workday(self, day: date) -> bool:
        return self.is_made_up(day) or (day.isoweekday() <= 5 and self.holiday(day) is None)

    def after_working_days(self, day: date, count: int) -> date:
        """The last of `count` working days that follow `day`: what ends on 2026-02-10 is due on 2026-03-02 with 10."""
        for _ in range(count):
            day += timedelta(days=1)
            while not self.is_workday(day):
                day += timedelta(days=1)
        return day


@cache
def known() -> Calendar:
    """The years that are known from the start."""
    notices: dict[int, tuple[dict[date, str], set[date]]] = {}
    for day, name in holidays.items():
        notices.setdefault(day.year, ({}, set()))[0][day] = Holiday(name).chinese
    for day in workdays:
        notices.setdefault(day.year, ({}, set()))[1].add(day)
    return Calendar(Notice(year, off, frozenset(worked)) for year, (off, worked) in notices.items())
