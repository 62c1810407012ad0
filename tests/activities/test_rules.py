"""Rules of enrolment, queue, deadlines, and scans, without any server."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.activities.v1 import (
    AttendanceMark,
    AttendanceMethod,
    EnrolmentStatus,
    SessionStatus,
)
from contracts.data import AgeBand
from contracts.refusals import Refusal
from services.activities.attendance import rules as attendance
from services.activities.attendance.rules import Attendance, Scan
from services.activities.enrolment.eligibility import Person, may_take_part
from services.activities.enrolment.rules import Enrolment, Placing, Seats, StepKind
from services.activities.offers.rules import answer_by, go_through
from services.activities.sessions.rules import Session
from tests.activities.world import COMMUNITY, at, code

CHILDREN = frozenset({AgeBand.SCHOOL})


def a_session(**changes: Any) -> Session:
    values: dict[str, Any] = {
        "session_id": uuid4(), "title": "课堂", "site_id": uuid4(), "room_id": uuid4(), "unit_id": uuid4(),
        "region": COMMUNITY, "starts_at": at(15), "ends_at": at(17), "capacity": 20, "audience": frozenset(),
        "queue_open": True, "seats_taken": 0, "waiting": 0, "status": SessionStatus.PUBLISHED, "version": 1,
    }  # fmt: skip
    return Session(**(values | changes))


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

    offers = go_through(families, Seats(2, 0, 3, True))

    assert ([each for each, _ in offers.offered], offers.left.free) == ([one], 1)
    assert [(step.enrolment_id, step.kind, step.free) for step in offers.steps] == [
        (three.enrolment_id, StepKind.SKIPPED, 2),
        (one.enrolment_id, StepKind.OFFERED, 2),
        (two.enrolment_id, StepKind.SKIPPED, 1),
    ]


@given(sizes=st.lists(st.integers(1, 8), max_size=30), free=st.integers(0, 20))
@settings(max_examples=200, deadline=None)
def test_nobody_who_still_waits_would_fit_and_nobody_fitting_was_passed(sizes: list[int], free: int) -> None:
    families = [a_family(size) for size in sizes]

    offers = go_through(families, Seats(free, 0, len(families), True))

    offered = {family.enrolment_id for family, _ in offers.offered}
    assert offers.left.free == free - sum(family.seats for family, _ in offers.offered) >= 0
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


def a_scan(mark: AttendanceMark = AttendanceMark.CHECK_IN, moment: datetime | None = None) -> Scan:
    return Scan(
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
