"""From a weekly rule to its sessions (A2). No I/O, no clock."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Final
from uuid import UUID, uuid5

from dateutil.rrule import WEEKLY, rrule

from contracts.activities.v1 import ScheduleSeries
from contracts.refusals import Refusal
from services.activities.sessions.rules import SHANGHAI, Plan

MOST: Final = 200
"""Sessions of one series; a longer one is planned in parts."""


def session_id_of(series_id: UUID, day: date) -> UUID:
    """The id of a series' session on a local day, so that callers know it beforehand."""
    return uuid5(series_id, day.isoformat())


def plans_of(series: ScheduleSeries) -> list[Plan] | Refusal:
    """The sessions of a series, by day.

    Refusals: times-reversed; invalid-message when the times carry a zone, no day is left, or more than 200 are.
    """
    if series.begins.tzinfo is not None or series.ends.tzinfo is not None:
        return _invalid("#/begins", "local_time_takes_no_zone")
    if series.last_day < series.first_day or series.ends <= series.begins:
        return Refusal("times-reversed")
    days = list(islice(_days(series), MOST + 1))
    if not days:
        return _invalid("#/weekdays", "no_day_in_period")
    if len(days) > MOST:
        return _invalid("#/last_day", f"more_than_{MOST}_sessions")
    return [_plan(series, day) for day in days]


def _days(series: ScheduleSeries) -> Iterator[date]:
    left_out = set(series.except_on)
    for moment in rrule(
        WEEKLY,
        dtstart=datetime.combine(series.first_day, series.begins),
        until=datetime.combine(series.last_day, series.begins),
        byweekday=sorted({weekday - 1 for weekday in series.weekdays}),
    ):
        if moment.date() not in left_out:
            yield moment.date()


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
        series_id=series.series_id,
    )


def _invalid(pointer: str, problem: str) -> Refusal:
    return Refusal("invalid-message", errors=[{"pointer": pointer, "problem": problem}])
