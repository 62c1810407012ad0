"""Rules of planning, without any server: rooms, opening hours, permits, series."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4, uuid5

import pytest

from contracts.activities.v1 import (
    ScheduleSeries,
)
from contracts.refusals import Refusal
from contracts.registry.v1 import OpeningHours
from services.activities.series.recurrence import Almanac, schedule_of
from services.activities.sessions.rules import Plan, Site, may_hold
from services.chassis.calendar import known
from tests.activities.world import COMMUNITY, at, code

ROOM, SQUARE = uuid4(), uuid4()
SITE = Site(
    site_id=uuid4(),
    name="金山社区儿童之家",
    unit_id=uuid4(),
    region=COMMUNITY,
    rooms={ROOM: 60, SQUARE: 5000},
    hours=tuple(
        OpeningHours(weekday=day, opens=opens, closes=closes)
        for day in range(2, 8)
        for opens, closes in ((time(12), time(21)), (time(8), time(12)))
    ),
    closed=False,
)


ALMANAC = Almanac(known())


def plans_of(series: ScheduleSeries, almanac: Almanac = ALMANAC) -> list[Plan] | Refusal:
    schedule = schedule_of(series, almanac)
    return schedule if isinstance(schedule, Refusal) else schedule.plans


def a_plan(**changes: Any) -> Plan:
    values: dict[str, Any] = {
        "session_id": uuid4(), "title": "课堂", "programme_id": uuid4(), "room_id": ROOM, "starts_at": at(15),
        "ends_at": at(17), "capacity": 20, "audience": (), "queue_open": True,
    }  # fmt: skip
    return Plan(**(values | changes))


def a_series(**changes: Any) -> ScheduleSeries:
    values: dict[str, Any] = {
        "series_id": uuid4(), "title": "四点半课堂", "programme_id": uuid4(), "site_id": SITE.site_id,
        "room_id": ROOM, "first_day": date(2026, 6, 4), "last_day": date(2026, 6, 30), "weekdays": (2, 5),
        "begins": time(16, 30), "ends": time(18), "capacity": 20,
    }  # fmt: skip
    return ScheduleSeries(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ends_at": at(15)}, "times-reversed"),
        ({"starts_at": at(20), "ends_at": at(1, day=4)}, "times-reversed"),
        ({"starts_at": at(8), "ends_at": at(10)}, "starts-in-past"),
        ({"starts_at": at(9), "ends_at": at(10)}, "starts-in-past"),
        ({"room_id": uuid4()}, "unknown-room"),
        ({"capacity": 61}, "room-too-small"),
        ({"starts_at": at(20), "ends_at": at(21, 1)}, "outside-opening-hours"),
        ({"starts_at": at(7, 59, day=4), "ends_at": at(9, day=4)}, "outside-opening-hours"),
        ({"starts_at": at(15, day=8), "ends_at": at(16, day=8)}, "outside-opening-hours"),
        ({"capacity": 1000, "room_id": SQUARE}, "permit-needed"),
    ],
)
def test_a_plan_that_cannot_be_held_says_why(changes: dict[str, Any], reason: str) -> None:
    assert code(may_hold(a_plan(**changes), SITE, at(9))) == reason


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"capacity": 60},
        {"starts_at": at(11), "ends_at": at(13)},
        {"starts_at": at(9, 1), "ends_at": at(21)},
        {"capacity": 999, "room_id": SQUARE},
        {"capacity": 1000, "room_id": SQUARE, "permit_number": "QZ-2026-15"},
        {"starts_at": datetime(2026, 6, 3, 23, 59, tzinfo=UTC) + timedelta(minutes=1), "ends_at": at(9, day=4)},
    ],
)
def test_a_plan_inside_room_and_hours_may_be_held(changes: dict[str, Any]) -> None:
    assert may_hold(a_plan(**changes), SITE, at(9)) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"last_day": date(2026, 6, 3)}, "times-reversed"),
        ({"ends": time(16, 30)}, "times-reversed"),
        ({"first_day": date(1, 1, 1), "last_day": date(9999, 12, 31)}, "invalid-message"),
        ({"weekdays": (3,), "last_day": date(2026, 6, 9)}, "invalid-message"),
        ({"begins": time(16, 30, tzinfo=UTC)}, "invalid-message"),
    ],
)
def test_a_series_without_sense_is_refused(changes: dict[str, Any], reason: str) -> None:
    outcome = plans_of(a_series(**changes))

    assert isinstance(outcome, Refusal)
    assert outcome.code == reason


def test_two_hundred_sessions_are_the_most_of_a_series() -> None:
    daily = {"first_day": date(2027, 1, 1), "weekdays": (1, 2, 3, 4, 5, 6, 7)}

    most = plans_of(a_series(**daily, last_day=date(2027, 7, 19)))
    more = plans_of(a_series(**daily, last_day=date(2027, 7, 20)))

    assert not isinstance(most, Refusal)
    assert len(most) == 200
    assert isinstance(more, Refusal)


def test_the_first_day_of_a_series_may_be_left_out_and_weekdays_named_twice() -> None:
    plans = plans_of(a_series(weekdays=(5, 5), except_on=(date(2026, 6, 5), date(2026, 6, 6))))

    assert not isinstance(plans, Refusal)
    assert [plan.starts_at.day for plan in plans] == [12, 19, 26]


def test_session_ids_of_a_series_are_known_beforehand() -> None:
    series = a_series()
    plans = plans_of(series)

    assert not isinstance(plans, Refusal)
    assert [plan.session_id for plan in plans] == [
        uuid5(series.series_id, f"2026-06-{day:02}") for day in (5, 9, 12, 16, 19, 23, 26, 30)
    ]
