"""What volunteers decides without a database."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.volunteers.v1 import (
    ApproveHours,
    CheckInVolunteer,
    Grade,
    HoursByGrade,
    OpenShift,
    RegisterVolunteer,
    StintStatus,
    TakeShift,
)
from services.chassis.clock import SHANGHAI
from services.volunteers import numbers
from services.volunteers.certificates.rules import verify
from services.volunteers.hours.approvals import Approvals
from services.volunteers.hours.rules import CAP_MINUTES, Entry, by_grade, credit, may_credit, may_reverse, reversal
from services.volunteers.roster.rules import Person, Volunteer, may_join
from services.volunteers.shifts import rules as shifts
from services.volunteers.shifts.rules import LONGEST, Shift
from services.volunteers.stints.arrivals import Arrivals
from services.volunteers.stints.rules import (
    GRACE,
    Place,
    Stint,
    closed,
    closed_by_rule,
    forgotten_at,
    may_close,
    may_open,
    minutes_served,
    opened,
)
from tests.volunteers.afternoon import COMMUNITY, OFFICER, TODAY, at, code

RECORDER = "00000000-0000-7000-8000-0000000000aa"


PLACE = Place(uuid4(), uuid4(), uuid4(), COMMUNITY, uuid4(), at("14:00"), at("16:00"), cancelled=False)


def arrival(clock: str) -> CheckInVolunteer:
    return CheckInVolunteer(
        stint_id=uuid4(),
        shift_id=PLACE.shift_id,
        volunteer_id=PLACE.volunteer_id,
        grade=Grade.DEVICE_VERIFIED,
        occurred_at=at(clock),
    )


def stint_from(come: str) -> Stint:
    return opened(arrival(come), PLACE, RECORDER)


def shift_from(begins: datetime, ends: datetime) -> OpenShift:
    return OpenShift(
        shift_id=uuid4(), team_id=uuid4(), title="看护", starts_at=begins, ends_at=ends, needed=1, risk_notice="慢行"
    )


@pytest.mark.parametrize(
    ("come", "go", "minutes"),
    [
        ("14:00", "16:00", 120),
        ("14:00:30", "14:01:29", 0),
        ("14:00:00", "15:59:59", 119),
        ("13:20", "16:00", 120),
        ("14:10", "16:20", 130),
        ("14:00", "17:45", 150),
        ("13:10", "13:40", 0),
    ],
)
def test_minutes_are_whole_and_lie_between_the_start_and_the_grace_of_the_shift(
    come: str, go: str, minutes: int
) -> None:
    assert minutes_served(stint_from(come), at(go)) == minutes


@given(come=st.integers(-60, 119), stay=st.integers(0, 1440))
def test_no_stint_is_longer_than_what_was_given_or_than_the_shift_and_its_grace(come: int, stay: int) -> None:
    stint = stint_from((at("14:00") + timedelta(minutes=come + 480)).strftime("%H:%M"))

    minutes = minutes_served(stint, stint.checked_in_at + timedelta(minutes=stay))

    assert 0 <= minutes <= min(stay, 150)


def test_the_longest_stint_fits_the_daily_cap() -> None:
    assert timedelta(minutes=CAP_MINUTES) == LONGEST + GRACE


def test_a_forgotten_exit_counts_to_the_end_of_the_shift_and_says_so() -> None:
    stint = closed_by_rule(stint_from("14:15"), by="service:volunteers")

    assert (stint.minutes, stint.status, stint.checked_out_at) == (105, StintStatus.AUTO_CLOSED, at("16:00"))


def test_a_stint_told_after_the_shift_still_leaves_time_for_its_check_out() -> None:
    assert forgotten_at(stint_from("14:00"), now=at("14:00")) == at("16:30")
    assert forgotten_at(stint_from("14:00"), now=at("20:00")) == at("20:30")


def test_the_service_date_is_the_day_in_china_on_which_minutes_begin_to_count() -> None:
    tomorrow = TODAY + timedelta(days=1)
    night = replace(PLACE, starts_at=at("00:10", tomorrow), ends_at=at("02:00", tomorrow))

    assert opened(arrival("23:30"), night, RECORDER).service_date == tomorrow
    assert stint_from("14:00").service_date == TODAY


@pytest.mark.parametrize(
    ("now", "clock", "refusal"),
    [
        ("12:59", "12:59", "too-early"),
        ("13:00", "13:00", "done"),
        ("14:00", "14:05", "done"),
        ("14:00", "14:06", "too-early"),
        ("15:59", "15:59", "done"),
        ("16:00", "16:00", "shift-over"),
        ("22:00", "14:00", "done"),
    ],
)
def test_a_check_in_is_taken_from_an_hour_before_the_shift_to_its_end(now: str, clock: str, refusal: str) -> None:
    assert code(may_open(arrival(clock), PLACE, False, [], at(now))) == refusal


@pytest.mark.parametrize(
    ("now", "clock", "earliest"),
    [("12:59", "12:59", "13:00"), ("14:00", "14:06", "14:01"), ("12:00", "12:50", "13:00")],
)
def test_who_is_too_early_is_told_from_when(now: str, clock: str, earliest: str) -> None:
    from_time = at(earliest).astimezone(SHANGHAI).isoformat()

    assert may_open(arrival(clock), PLACE, False, [], at(now)) == Refusal("too-early", from_time=from_time)


def test_what_is_told_more_than_a_day_later_is_no_check_in() -> None:
    a_day_later = at("14:00") + timedelta(hours=24)

    assert may_open(arrival("14:00"), PLACE, False, [], a_day_later) is None
    assert may_open(arrival("14:00"), PLACE, False, [], a_day_later + timedelta(seconds=1)) == Refusal("shift-over")


@pytest.mark.parametrize("grade", [Grade.BACK_FILLED, Grade.IMPORTED, Grade.UNKNOWN])
def test_a_grade_that_needs_evidence_is_not_given_at_the_door(grade: Grade) -> None:
    refusal = may_open(arrival("14:00").model_copy(update={"grade": grade}), PLACE, False, [], at("14:00"))

    assert refusal == Refusal("invalid-message", errors=[{"pointer": "#/grade", "problem": "needs_evidence"}])


def test_nobody_checks_in_at_a_cancelled_shift() -> None:
    assert may_open(arrival("14:00"), replace(PLACE, cancelled=True), False, [], at("14:00")) == Refusal("shift-over")


@pytest.mark.parametrize(
    ("clock", "refusal"),
    [("13:59", "times-reversed"), ("14:00", "done"), ("15:05", "done"), ("15:06", "invalid-message")],
)
def test_a_check_out_lies_between_the_check_in_and_now(clock: str, refusal: str) -> None:
    assert code(may_close(stint_from("14:00"), at(clock), now=at("15:00"))) == refusal


@pytest.mark.parametrize(
    ("begins", "ends", "refusal"),
    [
        ("16:00", "14:00", "times-reversed"),
        ("14:00", "14:00", "times-reversed"),
        ("00:00", "11:30", "done"),
        ("08:00", "19:31", "invalid-message"),
    ],
)
def test_a_shift_ends_after_it_begins_and_is_no_longer_than_the_daily_cap_allows(
    begins: str, ends: str, refusal: str
) -> None:
    assert code(shifts.may_open(shift_from(at(begins), at(ends)), known=False, session_on=False)) == refusal


@pytest.mark.parametrize(
    ("wish", "change", "diary", "refusal"),
    [
        ({}, {}, {}, "done"),
        ({"risk_acknowledged": False}, {}, {}, "risk-not-acknowledged"),
        ({}, {"team_id": uuid4()}, {}, "unknown-volunteer"),
        ({}, {}, {"has_this": True}, "already-assigned"),
        ({}, {}, {"id_used": True}, "invalid-message"),
        ({}, {"ends_at": at("15:00")}, {}, "shift-over"),
        ({}, {"cancelled": True}, {}, "shift-over"),
        ({}, {"assigned": 2}, {}, "shift-filled"),
        ({}, {}, {"overlapping": uuid4()}, "overlaps"),
    ],
)
def test_a_place_is_taken_or_refused_with_its_reason(
    wish: dict[str, Any], change: dict[str, Any], diary: dict[str, Any], refusal: str
) -> None:
    helper = Volunteer(uuid4(), uuid4(), uuid4(), "JG350503-6RN2GFUG1", uuid4(), COMMUNITY)
    shift = Shift(uuid4(), helper.team_id, uuid4(), COMMUNITY, at("14:00"), at("16:00"), 2, 1, cancelled=False)
    command = TakeShift(
        assignment_id=uuid4(), shift_id=shift.shift_id, volunteer_id=helper.volunteer_id, risk_acknowledged=True
    ).model_copy(update=wish)
    known = replace(shifts.Diary(id_used=False, has_this=False, overlapping=None), **diary)

    assert code(shifts.may_take(command, replace(shift, **change), helper, known, now=at("15:00"))) == refusal


def test_a_shift_lies_within_one_day_of_the_calendar_in_china() -> None:
    over_midnight = shift_from(at("22:00"), at("22:00") + timedelta(hours=3))

    assert shifts.may_open(over_midnight, known=False, session_on=False) == Refusal("times-reversed")


def test_a_second_check_in_of_a_batch_meets_the_first() -> None:
    places = {(PLACE.shift_id, PLACE.volunteer_id): PLACE}
    arrivals = Arrivals({PLACE.shift_id: COMMUNITY}, places, used=set(), stints=[])
    first = arrivals.admit(arrival("14:00"), RECORDER, at("14:00"))
    assert isinstance(first, Stint)

    again = arrivals.admit(arrival("14:01"), RECORDER, at("14:01"))
    same_id = arrival("14:01").model_copy(update={"stint_id": first.stint_id})

    assert again == Refusal("already-open", stint_id=str(first.stint_id))
    assert code(arrivals.admit(same_id, RECORDER, at("14:01"))) == "stint-exists"


def test_a_second_approval_of_a_batch_meets_the_first() -> None:
    stints = [closed(stint_from("14:00"), at("16:00"), by=RECORDER) for _ in range(2)]
    day = stints[0].person_id, TODAY
    approvals = Approvals({stint.stint_id: stint for stint in stints}, used=set(), days={day: CAP_MINUTES - 120})
    first = ApproveHours(entry_id=uuid4(), stint_id=stints[0].stint_id)
    same_id = ApproveHours(entry_id=first.entry_id, stint_id=stints[1].stint_id)

    assert isinstance(approvals.admit(first, OFFICER), Entry)
    assert approvals.admit(first, OFFICER) == Refusal("already-credited")
    assert code(approvals.admit(same_id, OFFICER)) == "daily-cap-exceeded"
    assert approvals.days == {day: CAP_MINUTES}


def test_an_entry_id_is_used_once_in_a_batch() -> None:
    stint = closed(stint_from("14:00"), at("16:00"), by=RECORDER)
    command = ApproveHours(entry_id=uuid4(), stint_id=stint.stint_id)
    approvals = Approvals({stint.stint_id: stint}, used={command.entry_id}, days={})

    assert code(approvals.admit(command, OFFICER)) == "invalid-message"


@pytest.mark.parametrize("who", ["herself", "recorded the entry", "recorded the exit"])
def test_nobody_approves_minutes_that_she_served_or_recorded(who: str) -> None:
    stint = closed(stint_from("14:00"), at("16:00"), by="00000000-0000-7000-8000-0000000000cc")
    approver = {"herself": str(stint.person_id), "recorded the entry": stint.opened_by}.get(who, stint.closed_by)

    assert may_credit(stint, str(approver), 0) == Refusal("same-person")
    assert may_credit(stint, OFFICER, 0) is None


def test_twelve_hours_of_a_day_are_credited_and_not_a_minute_more() -> None:
    stint = closed(stint_from("14:00"), at("16:00"), by=RECORDER)

    assert may_credit(stint, OFFICER, CAP_MINUTES - 120) is None
    assert may_credit(stint, OFFICER, CAP_MINUTES - 119) == Refusal("daily-cap-exceeded", cap=720)


def test_a_reversal_takes_back_exactly_its_line_and_is_itself_final() -> None:
    entry = credit(closed(stint_from("14:00"), at("16:00"), by=RECORDER), uuid4(), OFFICER)
    back = reversal(entry, uuid4(), OFFICER)

    assert (back.minutes, back.reverses, back.service_date) == (-120, entry.entry_id, entry.service_date)
    assert may_reverse(back, reversed_already=False, actor=OFFICER) == Refusal("unknown-entry")


def test_grades_are_told_best_first_and_without_empty_ones() -> None:
    sums = [(Grade.WITNESSED, 30), (Grade.DEVICE_VERIFIED, 60), (Grade.WITNESSED, 15), (Grade.IMPORTED, 0)]

    assert by_grade(sums) == (
        HoursByGrade(grade=Grade.DEVICE_VERIFIED, minutes=60),
        HoursByGrade(grade=Grade.WITNESSED, minutes=45),
    )


@pytest.mark.parametrize(
    ("band", "agreed", "allowed"),
    [
        (AgeBand.SCHOOL, False, False),
        (AgeBand.TEEN, False, False),
        (AgeBand.TEEN, True, True),
        (AgeBand.UNKNOWN, False, False),
        (AgeBand.YOUNG, False, True),
    ],
)
def test_only_minors_need_a_guardian_who_agrees(band: AgeBand, agreed: bool, allowed: bool) -> None:
    command = RegisterVolunteer(volunteer_id=uuid4(), team_id=uuid4(), person_id=uuid4())

    refusal = may_join(command, False, Person(band, agreed), member=False)

    assert (refusal is None) is allowed
    assert refusal in (None, Refusal("guardian-consent-missing"))


@given(st.text(numbers.ALPHABET, min_size=8, max_size=8), st.integers(0, 15), st.sampled_from(numbers.ALPHABET))
def test_a_volunteer_number_with_one_wrong_character_is_found_out(drawn: str, place: int, other: str) -> None:
    number = numbers.volunteer_number(COMMUNITY, drawn).replace("-", "")
    wrong = number[:place] + other + number[place + 1 :]

    assert (numbers.check_character(wrong[:-1]) == wrong[-1]) is (wrong == number)


@given(st.text(numbers.ALPHABET, min_size=8, max_size=8), st.integers(0, 14))
def test_a_volunteer_number_with_two_characters_swapped_is_found_out(drawn: str, place: int) -> None:
    number = numbers.volunteer_number(COMMUNITY, drawn).replace("-", "")
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    assert (numbers.check_character(swapped[:-1]) == swapped[-1]) is (swapped == number)


def test_numbers_hold_nothing_that_is_read_two_ways() -> None:
    assert not set("IOSVZ") & set(numbers.draw(2000))
    assert len({numbers.draw(10) for _ in range(500)}) == 500


def test_an_unknown_certificate_is_not_opened_by_an_empty_code() -> None:
    assert verify(None, "") == Refusal("unknown-certificate")
