"""Rules of series and of calendar data, without any server."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.activities.v1 import AmendScope, AnnounceHolidays, DayOff, MakeUpDays, ScheduleSeries, TermDays
from contracts.refusals import Refusal
from services.activities.cadence.rules import MONTHLY, WEEKLY, Period, judge, next_judgement, period_before
from services.activities.calendar.rules import Term, may_announce, month_of
from services.activities.series.amending import in_scope
from services.activities.series.days import NEAR, lay
from services.activities.series.recurrence import Almanac, Schedule, schedule_of
from services.activities.sessions.rules import Closing, find_clashes
from services.chassis.calendar import Calendar, Notice, UnknownYear, known
from tests.activities.test_plan_rules import SITE, a_plan, a_series
from tests.activities.test_rules import a_session
from tests.activities.world import at, code

AUTUMN = Term("2026年秋季学期", date(2026, 9, 1), date(2027, 1, 22))
SUMMER = Term("2026年春季学期", date(2026, 3, 1), date(2026, 7, 3))
ALMANAC = Almanac(known(), (SUMMER, AUTUMN), (Closing(date(2026, 9, 7), date(2026, 9, 8), "空调检修"),))
SEPTEMBER = {"first_day": date(2026, 9, 1), "last_day": date(2026, 10, 11)}


def schedule(almanac: Almanac = ALMANAC, **changes: Any) -> Schedule:
    outcome = schedule_of(a_series(**(SEPTEMBER | changes)), almanac)
    assert isinstance(outcome, Schedule), outcome
    return outcome


def days(plan: Schedule) -> list[str]:
    return [f"{each.starts_at:%m-%d}" for each in plan.plans]


def by_rule(recurrence: str, **changes: Any) -> ScheduleSeries:
    return a_series(**(SEPTEMBER | {"weekdays": (), "recurrence": recurrence} | changes))


def test_working_days_are_counted_by_the_notices_of_the_state_council() -> None:
    calendar = known()

    assert calendar.after_working_days(date(2026, 2, 10), 10) == date(2026, 3, 2)  # standards.md 1.9
    assert calendar.after_working_days(date(2026, 9, 22), 10) == date(2026, 10, 13)
    worked = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    assert sorted(f"{day:%m-%d}" for day in calendar.notice(2026).worked) == worked
    assert calendar.holiday(date(2026, 2, 17)) == "春节"
    assert not calendar.is_workday(date(2026, 9, 26))
    with pytest.raises(UnknownYear):
        calendar.is_workday(date(2027, 1, 4))


def test_what_is_announced_goes_before_what_was_known() -> None:
    notice = Notice(2027, {date(2027, 1, 1): "元旦"}, frozenset({date(2027, 1, 3)}))
    calendar = known().with_notices([notice])

    assert calendar.is_workday(date(2027, 1, 3))
    assert not calendar.is_workday(date(2027, 1, 1))
    assert not known().with_notices([Notice(2026, {}, frozenset())]).is_workday(date(2026, 1, 4))


def test_days_off_and_closing_days_are_left_out_with_their_reason() -> None:
    plan = schedule(weekdays=(1, 5), skip_holidays=True, except_on=(date(2026, 9, 11),))

    assert days(plan) == ["09-04", "09-14", "09-18", "09-21", "09-28", "10-09"]
    assert [(f"{each.day:%m-%d}", each.why, each.name) for each in plan.skipped] == [
        ("09-07", "closing", None),
        ("09-11", "excepted", None),
        ("09-25", "holiday", "中秋"),
        ("10-02", "holiday", "国庆节"),
        ("10-05", "holiday", "国庆节"),
    ]


@pytest.mark.parametrize(
    ("make_up", "held"),
    [
        (MakeUpDays.IGNORE, ["09-19", "09-20", "09-26", "09-27"]),
        (MakeUpDays.SKIP, ["09-19", "09-26", "09-27"]),
    ],
)
def test_a_weekend_class_may_leave_out_weekend_days_that_are_worked(make_up: MakeUpDays, held: list[str]) -> None:
    plan = schedule(weekdays=(6, 7), first_day=date(2026, 9, 14), last_day=date(2026, 9, 27), make_up_days=make_up)

    assert days(plan) == held


def test_a_school_day_class_is_held_on_make_up_days_too() -> None:
    week = {"first_day": date(2026, 9, 28), "last_day": date(2026, 10, 11), "weekdays": (1, 2, 3, 4, 5)}

    plan = schedule(**week, skip_holidays=True, make_up_days=MakeUpDays.HOLD)

    assert days(plan) == ["09-28", "09-29", "09-30", "10-08", "10-09", "10-10"]


def test_terms_say_which_days_are_school_days() -> None:
    span = {"first_day": date(2026, 6, 30), "last_day": date(2026, 9, 3), "weekdays": (2,)}

    assert days(schedule(**span, term_days=TermDays.IN_TERM)) == ["06-30", "09-01"]
    between = days(schedule(**span, term_days=TermDays.BETWEEN))
    assert (between[0], between[-1], len(between)) == ("07-07", "08-25", 8)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"first_day": date(2026, 12, 28), "last_day": date(2027, 1, 4), "skip_holidays": True}, "calendar-unknown"),
        ({"last_day": date(2027, 2, 10), "term_days": TermDays.IN_TERM}, "term-unknown"),
        ({"first_day": date(2026, 2, 20), "term_days": TermDays.BETWEEN}, "term-unknown"),
    ],
)
def test_of_days_nobody_announced_nothing_is_guessed(changes: dict[str, Any], reason: str) -> None:
    outcome = schedule_of(a_series(**(SEPTEMBER | changes)), ALMANAC)

    assert code(outcome) == reason


def test_a_year_without_a_notice_is_planned_when_holidays_do_not_matter() -> None:
    plan = schedule(first_day=date(2027, 3, 1), last_day=date(2027, 3, 7))

    assert days(plan) == ["03-02", "03-05"]


def test_two_terms_with_a_missing_one_between_make_no_holidays() -> None:
    almanac = Almanac(known(), (Term("2025年春季学期", date(2025, 2, 17), date(2025, 7, 4)), AUTUMN))
    summer = a_series(first_day=date(2026, 7, 1), last_day=date(2026, 7, 8), term_days=TermDays.BETWEEN)

    assert schedule_of(summer, almanac) == Refusal("term-unknown", day="2026-07-03")


@pytest.mark.parametrize(
    ("recurrence", "held"),
    [
        ("FREQ=MONTHLY;BYDAY=2SA", ["09-12", "10-10"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", ["09-01", "09-15", "09-29"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["09-30"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", ["09-01", "10-01"]),
        ("FREQ=DAILY;INTERVAL=20", ["09-01", "09-21", "10-11"]),
    ],
)
def test_rules_of_rfc_5545_give_their_days(recurrence: str, held: list[str]) -> None:
    outcome = schedule_of(by_rule(recurrence), ALMANAC)

    assert isinstance(outcome, Schedule)
    assert days(outcome) == held


@pytest.mark.parametrize(
    "recurrence",
    [
        "FREQ=DAILY;INTERVAL=0",  # would never end
        "FREQ=DAILY;COUNT=3",
        "FREQ=DAILY;UNTIL=20260901",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2",  # no such day
    ],
)
def test_what_is_no_rule_or_gives_no_day_is_refused(recurrence: str) -> None:
    assert code(schedule_of(by_rule(recurrence), ALMANAC)) == "invalid-message"


def test_a_series_has_one_rule() -> None:
    assert code(schedule_of(a_series(recurrence="FREQ=DAILY"), ALMANAC)) == "invalid-message"
    assert code(schedule_of(a_series(weekdays=()), ALMANAC)) == "invalid-message"


def test_days_added_by_hand_come_with_the_rule() -> None:
    plan = schedule(weekdays=(2,), last_day=date(2026, 9, 8), also_on=(date(2026, 9, 20), date(2026, 9, 8)))

    assert days(plan) == ["09-01", "09-08", "09-20"]
    assert plan.plans[-1].series_day == date(2026, 9, 20)


def test_plans_that_share_a_room_clash_when_set_up_and_clear_up_meet() -> None:
    first = a_plan(starts_at=at(9), ends_at=at(10), clear_up=15)
    touching = a_plan(starts_at=at(10, 30), ends_at=at(11), set_up=15)
    meeting = a_plan(starts_at=at(10, 30), ends_at=at(11), set_up=16)

    assert find_clashes([touching, first]) == {}
    assert find_clashes([meeting, first]) == {meeting.session_id: first.session_id}
    assert find_clashes([meeting, a_plan(starts_at=at(9), ends_at=at(11), room_id=uuid4())]) == {}


def test_a_scope_is_this_session_the_following_or_all() -> None:
    ahead: list[Any] = [a_plan(starts_at=at(9, day=day)) for day in (4, 5, 6)]
    second = ahead[1].session_id

    assert in_scope(ahead, AmendScope.THIS, second) == ahead[1:2]
    assert in_scope(ahead, AmendScope.FOLLOWING, second) == ahead[1:]
    assert in_scope(ahead, AmendScope.ALL, None) == ahead
    assert in_scope(ahead, AmendScope.FOLLOWING, uuid4()) == []


@pytest.mark.parametrize(
    ("days_off", "worked", "good"),
    [
        (["2027-01-01"], ["2027-01-03"], True),
        (["2027-01-01", "2027-01-01"], [], False),
        (["2028-01-01"], [], False),
        (["2027-01-01"], ["2027-01-04"], False),  # a Monday
        (["2027-01-03"], ["2027-01-03"], False),
    ],
)
def test_a_notice_says_each_day_of_its_year_once(days_off: list[str], worked: list[str], good: bool) -> None:
    notice = AnnounceHolidays(
        year=2027,
        days_off=tuple(DayOff(day=date.fromisoformat(day), name="元旦") for day in days_off),
        worked=tuple(map(date.fromisoformat, worked)),
        source="测试",
    )

    assert (may_announce(notice) is None) is good


def test_weeks_and_months_follow_each_other_by_shanghais_calendar() -> None:
    assert period_before(WEEKLY, date(2026, 6, 8)) == Period(date(2026, 6, 1), date(2026, 6, 7))
    assert period_before(WEEKLY, date(2026, 6, 10)) == Period(date(2026, 6, 1), date(2026, 6, 7))
    assert period_before(MONTHLY, date(2026, 3, 1)) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert next_judgement(WEEKLY, date(2026, 6, 7)) == date(2026, 6, 8)
    assert next_judgement(WEEKLY, date(2026, 6, 8)) == date(2026, 6, 15)
    assert next_judgement(MONTHLY, date(2026, 12, 31)) == date(2027, 1, 1)
    assert [f"{end:%Y-%m-%d %H}" for end in month_of("2026-12")] == ["2026-12-01 00", "2027-01-01 00"]


def test_cadence_is_kept_broken_or_excused_by_what_the_site_could_have_held() -> None:
    plain, spring = Period(date(2026, 6, 1), date(2026, 6, 7)), Period(date(2026, 2, 16), date(2026, 2, 22))
    next_year = Period(date(2027, 6, 7), date(2027, 6, 13))
    calendar = known()
    closed = Closing(date(2026, 5, 30), date(2026, 6, 7), "装修")

    assert judge(WEEKLY, 1, 0, SITE, plain, calendar) == "kept"
    assert judge(MONTHLY, 1, 0, SITE, plain, calendar) == "broken"
    assert judge(WEEKLY, 0, 0, SITE, plain, calendar) == "broken"
    assert judge(WEEKLY, 0, 0, SITE, spring, calendar) == "excused"
    assert judge(WEEKLY, 1, 1, SITE, spring, calendar) == "kept"
    assert judge(WEEKLY, 0, 0, replace(SITE, closings=(closed,)), plain, calendar) == "excused"
    assert judge(WEEKLY, 0, 0, SITE, next_year, calendar) == "unjudged"
    assert judge(WEEKLY, 2, 0, SITE, next_year, Calendar([])) == "kept"


@given(
    planned=st.sets(st.integers(0, 40), max_size=12),
    wanted=st.sets(st.integers(0, 40), max_size=12),
    by_hand=st.sets(st.integers(0, 40), max_size=4),
    named=st.sets(st.integers(0, 40), max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_new_days_leave_no_session_unmentioned_and_no_hand_made_change_undone(
    planned: set[int], wanted: set[int], by_hand: set[int], named: set[int]
) -> None:
    start = at(15)
    sessions = [
        a_session(
            starts_at=start + timedelta(days=day),
            ends_at=start + timedelta(days=day, hours=1),
            amended=frozenset({"starts_at"} if day in by_hand else {"title"} if day in named else set()),
        )
        for day in sorted(planned)
    ]
    new = {(start + timedelta(days=day)).date() for day in wanted}

    laid = lay(sessions, new, ())

    placed = [session for session, _ in laid.placed]
    told = [*placed, *laid.kept, *laid.dropped]
    assert sorted(each.session_id for each in told) == sorted(each.session_id for each in sessions)
    assert all("starts_at" not in each.amended for each in placed)
    assert all(not each.amended for each in laid.dropped)
    assert all(abs(day - session.day) <= NEAR for session, day in laid.placed)
    days_held = [day for _, day in laid.placed] + laid.added + [each.day for each in laid.kept if each.day in new]
    assert sorted(days_held) == sorted(new)
    assert all(day == session.day for session, day in laid.placed if session.day in new)
