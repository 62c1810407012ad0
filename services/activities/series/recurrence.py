"""From a rule to its days, and from days to sessions (A2). No I/O, no clock."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from dateutil.rrule import rrulestr

from contracts.activities.v1 import MakeUpDays, ScheduleSeries, SkippedDay, TermDays
from contracts.refusals import Refusal
from services.activities.calendar.rules import Term, term_on
from services.activities.sessions.rules import SHANGHAI, Closing, Plan
from services.chassis.calendar import Calendar, UnknownYear

YEARS: Final = range(2000, 2200)
MOST: Final = 200
"""Sessions of one series; a longer one is planned in parts."""
LONGEST: Final = timedelta(days=800)
"""Between first and last day: a rule that finds no day is not searched for ever."""
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY, _MONTH_DAY = r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)", r"-?([1-9]|[12]\d|3[01])"
GRAMMAR: Final = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY",
    "INTERVAL": r"[1-9]\d?",
    "BYDAY": rf"{_DAY}(,{_DAY}){{0,6}}",
    "BYMONTHDAY": rf"{_MONTH_DAY}(,{_MONTH_DAY}){{0,30}}",
    "BYMONTH": r"([1-9]|1[0-2])(,([1-9]|1[0-2])){0,11}",
    "BYSETPOS": r"-?[1-9](,-?[1-9]){0,4}",
    "WKST": r"MO|SU",
}
"""The parts of a rule that are taken, each once. The end is `last_day`: no COUNT, no UNTIL. A rule that passes ends."""
EXCEPTED, HOLIDAY, MADE_UP, OUT_OF_TERM, IN_TERM, CLOSED = (
    "excepted", "holiday", "make-up-day", "no-term", "term", "closing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Almanac:
    """What is known of days: the State Council's calendar, school terms by first day, closing days of the site."""

    calendar: Calendar
    terms: Sequence[Term] = ()
    closings: Sequence[Closing] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """The sessions of a series by day, and the days of its rule that it leaves out."""

    plans: list[Plan]
    skipped: tuple[SkippedDay, ...]


def session_id_of(series_id: UUID, day: date) -> UUID:
    """The id of a series' session on a local day, so that callers know it beforehand."""
    return uuid5(series_id, day.isoformat())


def rule_of(series: ScheduleSeries) -> str:
    """The rule as RFC 5545 writes it; the weekly form `weekdays` is one of them."""
    return series.recurrence if series.recurrence is not None else weekly(series.weekdays)


def weekly(weekdays: Collection[int]) -> str:
    """The weekly form of a rule, from ISO weekdays."""
    return f"FREQ=WEEKLY;BYDAY={','.join(WEEKDAYS[weekday - 1] for weekday in sorted(set(weekdays)))}"


def schedule_of(series: ScheduleSeries, almanac: Almanac) -> Schedule | Refusal:
    """The sessions of a series, by day.

    Refusals: times-reversed; calendar-unknown and term-unknown for a day nothing is known of; invalid-message when the
    times carry a zone, the rule is none or there are two, no day is left, or more than 200 are.
    """
    refusal = _check(series)
    if refusal:
        return refusal
    days: list[date] = []
    skipped: list[SkippedDay] = []
    try:
        for day in _candidates(series, almanac):
            why = _left_out(series, day, almanac)
            if why is None:
                days.append(day)
            else:
                skipped.append(why)
            if len(days) > MOST:
                return invalid("#/last_day", f"more_than_{MOST}_sessions")
    except UnknownYear as unknown:
        return Refusal("calendar-unknown", year=unknown.year)
    except LookupError as unknown:
        return Refusal("term-unknown", day=str(unknown.args[0]))
    except ValueError:
        return invalid("#/recurrence", "not_a_rule")
    if not days:
        return invalid("#/weekdays" if series.weekdays else "#/recurrence", "no_day_in_period")
    return Schedule([_plan(series, day) for day in days], tuple(skipped))


def _check(series: ScheduleSeries) -> Refusal | None:
    if series.begins.tzinfo is not None or series.ends.tzinfo is not None:
        return invalid("#/begins", "local_time_takes_no_zone")
    if series.last_day < series.first_day or series.ends <= series.begins:
        return Refusal("times-reversed")
    if series.last_day - series.first_day > LONGEST:
        return invalid("#/last_day", f"more_than_{LONGEST.days}_days")
    if series.first_day.year not in YEARS or any(abs(day - series.first_day) > LONGEST for day in series.also_on):
        return invalid("#/also_on", "out_of_range")
    if bool(series.weekdays) == (series.recurrence is not None):
        return invalid("#/recurrence", "one_of_weekdays_and_recurrence")
    return None if _is_rule(rule_of(series)) else invalid("#/recurrence", "not_a_rule")


def _is_rule(text: str) -> bool:
    parts = [part.partition("=") for part in text.split(";")]
    names = [name for name, _, _ in parts]
    return len(set(names)) == len(names) and all(
        re.fullmatch(GRAMMAR.get(name, "(?!)"), value) is not None for name, _, value in parts
    )


def _candidates(series: ScheduleSeries, almanac: Almanac) -> list[date]:
    """The days of the rule, those added by hand, and make-up days where the series is held on them."""
    days = set(_ruled(series)) | set(series.also_on)
    if series.make_up_days is MakeUpDays.HOLD:
        span = (series.last_day - series.first_day).days
        every = (series.first_day + timedelta(days=number) for number in range(span + 1))
        days |= {day for day in every if almanac.calendar.is_made_up(day)}
    return sorted(days)


def _ruled(series: ScheduleSeries) -> Iterator[date]:
    """The days of the rule alone. Raises ValueError for a rule that contradicts itself."""
    first, last = (datetime.combine(day, series.begins) for day in (series.first_day, series.last_day))
    for moment in rrulestr(f"{rule_of(series)};UNTIL={last:%Y%m%dT%H%M%S}", dtstart=first):
        yield moment.date()


def _left_out(series: ScheduleSeries, day: date, almanac: Almanac) -> SkippedDay | None:
    """Why a day of the rule is left out. Raises UnknownYear and LookupError where what is asked for is not known."""
    if day in series.except_on:
        return SkippedDay(day=day, why=EXCEPTED)
    if series.skip_holidays:
        holiday = almanac.calendar.holiday(day)
        if holiday:
            return SkippedDay(day=day, why=HOLIDAY, name=holiday)
        closing = next((each for each in almanac.closings if each.first_day <= day <= each.last_day), None)
        if closing:
            return SkippedDay(day=day, why=CLOSED)
    if series.make_up_days is MakeUpDays.SKIP and almanac.calendar.is_made_up(day):
        return SkippedDay(day=day, why=MADE_UP)
    if series.term_days is TermDays.ANY or day in series.also_on:
        return None
    term = term_on(almanac.terms, day)
    if series.term_days is TermDays.IN_TERM:
        return None if term else SkippedDay(day=day, why=OUT_OF_TERM)
    return SkippedDay(day=day, why=IN_TERM, name=term.name) if term else None


def _plan(series: ScheduleSeries, day: date) -> Plan:
    return Plan(
        session_id=session_id_of(series.series_id, day),
        title=series.title,
        programme_id=series.programme_id,
        room_id=series.room_id,
        starts_at=datetime.combine(day, series.begins, SHANGHAI),
        ends_at=datetime.combine(day, series.ends, SHANGHAI),
        capacity=series.capacity,
        audience=series.audience,
        queue_open=series.queue_open,
        permit_number=series.permit_number,
        series_id=series.series_id,
        series_day=day,
        supplier_unit_id=series.supplier_unit_id,
        mode=series.mode,
        join_link=series.join_link,
        set_up=series.set_up,
        clear_up=series.clear_up,
        expected_heads=series.expected_heads,
        project_id=series.project_id,
        draft=series.draft,
    )


def invalid(pointer: str, problem: str) -> Refusal:
    """`invalid-message` that points at a field (RFC 6901)."""
    return Refusal("invalid-message", errors=[{"pointer": pointer, "problem": problem}])
