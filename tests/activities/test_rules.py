"""The rules of activities, without any server: planning, placing, the queue, deadlines, scans, phrases."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.activities.v1 import (
    AttendanceMark,
    AttendanceMethod,
    EnrolmentStatus,
    RecordAttendance,
    ScheduleSeries,
    SessionStatus,
)
from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import OpeningHours
from services.activities.attendance import rules as attendance
from services.activities.attendance.rules import Attendance
from services.activities.counting.rules import phrase
from services.activities.enrolment.rules import Enrolment, Person, Placing, Seats, StepKind, may_take_part
from services.activities.offers.rules import answer_by, go_through
from services.activities.sessions.recurrence import plans_of
from services.activities.sessions.rules import Plan, Session, Site, may_hold
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
CHILDREN = frozenset({AgeBand.SCHOOL})


def a_plan(**changes: Any) -> Plan:
    values: dict[str, Any] = {
        "session_id": uuid4(), "title": "课堂", "programme_id": uuid4(), "room_id": ROOM, "starts_at": at(15),
        "ends_at": at(17), "capacity": 20, "audience": (), "queue_open": True,
    }  # fmt: skip
    return Plan(**(values | changes))


def a_session(**changes: Any) -> Session:
    values: dict[str, Any] = {
        "session_id": uuid4(), "title": "课堂", "site_id": SITE.site_id, "room_id": ROOM, "unit_id": SITE.unit_id,
        "region": COMMUNITY, "starts_at": at(15), "ends_at": at(17), "capacity": 20, "audience": frozenset(),
        "queue_open": True, "seats_taken": 0, "waiting": 0, "status": SessionStatus.PUBLISHED, "version": 1,
    }  # fmt: skip
    return Session(**(values | changes))


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


@pytest.mark.parametrize(
    ("audience", "bands", "reason"),
    [
        ((), ["35-59"], None),
        ((), ["6-13"], None),
        (CHILDREN, ["6-13"], None),
        (CHILDREN, ["6-13", "35-59", "60+"], None),
        (CHILDREN, ["35-59"], "not-eligible"),
        (CHILDREN, ["6-13", "14-17"], "not-eligible"),
        (CHILDREN, ["6-13", "0-5"], "not-eligible"),
        (frozenset({AgeBand.SENIOR}), ["60+", "35-59"], "not-eligible"),
        (CHILDREN, ["unknown"], "not-eligible"),
    ],
)
def test_an_adult_comes_along_only_with_a_child_of_the_audience(
    audience: frozenset[AgeBand], bands: list[str], reason: str | None
) -> None:
    people = {uuid4(): Person(AgeBand(band), True) for band in bands}

    outcome = may_take_part(list(people), next(iter(people)), people, a_session(audience=audience))

    assert (outcome and outcome.code) == reason


@pytest.mark.parametrize(
    ("band", "consented", "reason"),
    [
        ("0-5", False, "guardian-consent-missing"),
        ("6-13", False, "guardian-consent-missing"),
        ("unknown", False, "guardian-consent-missing"),
        ("6-13", True, None),
        ("14-17", False, None),
        ("35-59", False, None),
    ],
)
def test_under_14_the_guardian_must_have_agreed(band: str, consented: bool, reason: str | None) -> None:
    child = uuid4()

    outcome = may_take_part([child], child, {child: Person(AgeBand(band), consented)}, a_session())

    assert (outcome and outcome.code) == reason


@pytest.mark.parametrize(
    ("seats", "family", "reached"),
    [
        (Seats(20, 17, 0, True), 3, "confirmed"),
        (Seats(20, 18, 0, True), 3, "waiting"),
        (Seats(20, 18, 5, True), 2, "confirmed"),
        (Seats(20, 18, 0, False), 3, "queue-closed"),
        (Seats(2, 0, 0, True), 3, "family-too-large"),
        (Seats(2, 2, 0, False), 3, "family-too-large"),
    ],
)
def test_a_family_gets_all_its_seats_or_none(seats: Seats, family: int, reached: str) -> None:
    outcome = seats.place(family)

    assert code(outcome) == reached
    if isinstance(outcome, Placing):
        assert outcome.after.taken - seats.taken == (family if reached == "confirmed" else 0)
        assert outcome.position == (seats.waiting + 1 if reached == "waiting" else None)


def a_family(size: int) -> Enrolment:
    people = tuple(uuid4() for _ in range(size))
    return Enrolment(uuid4(), uuid4(), people[0], people, size, EnrolmentStatus.WAITING, None, None, 1)


def test_freed_seats_pass_a_larger_family_and_say_so() -> None:
    three, one, two = families = [a_family(3), a_family(1), a_family(2)]

    offers = go_through(families, 2)

    assert (offers.offered, offers.free) == ([one], 1)
    assert [(step.enrolment_id, step.kind, step.free) for step in offers.steps] == [
        (three.enrolment_id, StepKind.SKIPPED, 2),
        (one.enrolment_id, StepKind.OFFERED, 2),
        (two.enrolment_id, StepKind.SKIPPED, 1),
    ]


@given(sizes=st.lists(st.integers(1, 8), max_size=30), free=st.integers(0, 20))
@settings(max_examples=200, deadline=None)
def test_nobody_who_still_waits_would_fit_and_nobody_fitting_was_passed(sizes: list[int], free: int) -> None:
    families = [a_family(size) for size in sizes]

    offers = go_through(families, free)

    offered = {family.enrolment_id for family in offers.offered}
    assert offers.free == free - sum(family.seats for family in offers.offered) >= 0
    left = free
    for family in families:
        assert (family.enrolment_id in offered) == (family.seats <= left)
        left -= family.seats if family.enrolment_id in offered else 0


@pytest.mark.parametrize(
    ("offered_at", "lapses_at"),
    [
        (at(9), at(12)),
        (at(8), at(11)),
        (at(18), at(21)),
        (at(18, 1), at(11, day=4)),
        (at(20, 30), at(11, day=4)),
        (at(23, 59), at(11, day=4)),
        (at(0), at(11)),
        (at(7, 59), at(11)),
    ],
)
def test_an_offer_lapses_after_three_waking_hours_never_at_night(offered_at: datetime, lapses_at: datetime) -> None:
    assert answer_by(offered_at, starts_at=at(15, day=10)) == lapses_at


def test_an_offer_never_outlives_the_start_of_the_session() -> None:
    assert answer_by(at(14), starts_at=at(15)) == at(15)


@given(minutes=st.integers(0, 60 * 24 * 400))
@settings(max_examples=200, deadline=None)
def test_every_deadline_leaves_three_hours_of_one_waking_day(minutes: int) -> None:
    offered_at = at(0) + timedelta(minutes=minutes)

    lapses_at = answer_by(offered_at, starts_at=at(0) + timedelta(days=1000)).astimezone(at(0).tzinfo)

    begins = lapses_at - timedelta(hours=3)
    assert begins >= offered_at
    assert begins.date() == lapses_at.date()
    assert time(8) <= begins.time() <= lapses_at.time() <= time(21)


def a_scan(mark: AttendanceMark = AttendanceMark.CHECK_IN, moment: datetime | None = None) -> RecordAttendance:
    return RecordAttendance(
        session_id=uuid4(), person_id=uuid4(), mark=mark, method=AttendanceMethod.QR, client_id=uuid4(),
        occurred_at=moment or at(15),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "moment", "reason"),
    [
        (SessionStatus.PUBLISHED, at(14), None),
        (SessionStatus.PUBLISHED, at(13, 59), "too-early"),
        (SessionStatus.PUBLISHED, at(15, 5), None),
        (SessionStatus.PUBLISHED, at(15, 6), "clock-skew"),
        (SessionStatus.CANCELLED, at(15), "session-cancelled"),
        (SessionStatus.CLOSED, at(15), "attendance-closed"),
    ],
)
def test_scans_are_taken_from_an_hour_before_until_the_count(
    status: SessionStatus, moment: datetime, reason: str | None
) -> None:
    outcome = attendance.may_scan(a_scan(moment=moment), a_session(status=status), now=at(15))

    assert (outcome and outcome.code) == reason


@pytest.mark.parametrize(
    ("mark", "inside_from", "inside_until", "moment", "reached"),
    [
        ("check_in", None, None, at(15), "inside"),
        ("check_in", at(15), None, at(15, 30), "already-inside"),
        ("check_in", at(15), at(16), at(15, 30), "already-inside"),
        ("check_in", at(15), at(16), at(16, 10), "inside"),
        ("check_out", None, None, at(16), "not-inside"),
        ("check_out", at(15), None, at(16), "outside"),
        ("check_out", at(15), None, at(14, 59), "not-inside"),
        ("check_out", at(15), at(16), at(16, 10), "not-inside"),
    ],
)
def test_a_scan_is_judged_by_where_the_person_was_at_its_time(
    mark: str, inside_from: datetime | None, inside_until: datetime | None, moment: datetime, reached: str
) -> None:
    known = Attendance(uuid4(), uuid4(), uuid4(), inside_from, inside_until) if inside_from else None

    outcome = attendance.mark(a_scan(AttendanceMark(mark), moment), known, uuid4())

    if isinstance(outcome, Refusal):
        assert outcome.code == reached
    else:
        assert ("inside" if outcome.inside else "outside") == reached
        assert outcome.checked_in_at == (inside_from or moment)


@pytest.mark.parametrize(
    ("person_times", "wording"),
    [
        (0, "0人次"),
        (41, "41人次"),
        (9_999, "9999人次"),
        (10_000, "1万人次"),
        (10_001, "1万多人次"),
        (41_236, "4万多人次"),
        (120_000, "12万人次"),
        (99_999_999, "9999万多人次"),
        (100_000_000, "1亿人次"),
        (123_456_789, "1亿多人次"),
    ],
)
def test_a_count_is_worded_as_officials_write_it(person_times: int, wording: str) -> None:
    assert phrase(person_times) == wording


def test_session_ids_of_a_series_are_known_beforehand() -> None:
    series = a_series()
    plans = plans_of(series)

    assert not isinstance(plans, Refusal)
    assert [plan.session_id for plan in plans] == [
        uuid5(series.series_id, f"2026-06-{day:02}") for day in (5, 9, 12, 16, 19, 23, 26, 30)
    ]
