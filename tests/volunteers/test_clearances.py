"""Clearances: recorded by somebody else, a year at most, over at midnight; a place in a shift is given back (V4)."""

import asyncio
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.volunteers.v1 import (
    CheckOutVolunteer,
    ClearanceExpired,
    ClearanceKind,
    ClearanceRecorded,
    ClearanceWithdrawn,
    RecordClearance,
    ReleaseAssignment,
    ShiftReleased,
    ShiftState,
    TeamState,
    VolunteerState,
    WithdrawClearance,
)
from tests.under_test import ServiceUnderTest
from tests.volunteers.afternoon import (
    TODAY,
    assert_versions_are_whole,
    at,
    check_in,
    code,
    done,
    join,
    meet,
    open_connections,
    open_shift,
    take,
)

A_YEAR = TODAY.replace(year=TODAY.year + 1)


def record(volunteer_id: UUID, checked_on: date = TODAY, valid_until: date = A_YEAR) -> RecordClearance:
    return RecordClearance(
        clearance_id=uuid4(),
        volunteer_id=volunteer_id,
        kind=ClearanceKind.BACKGROUND_CHECK,
        checked_on=checked_on,
        valid_until=valid_until,
    )


@pytest.mark.parametrize(
    ("checked_on", "valid_until", "reason"),
    [
        (TODAY, A_YEAR, "done"),
        (TODAY, TODAY, "done"),
        (TODAY, A_YEAR + timedelta(days=1), "clearance-times-wrong"),
        (TODAY + timedelta(days=1), A_YEAR, "clearance-times-wrong"),
        (TODAY - timedelta(days=30), TODAY - timedelta(days=1), "clearance-times-wrong"),
    ],
)
async def test_a_check_holds_a_year_at_most(
    volunteers: ServiceUnderTest, helper: VolunteerState, checked_on: date, valid_until: date, reason: str
) -> None:
    assert code(await volunteers.ask(record(helper.volunteer_id, checked_on, valid_until))) == reason


async def test_a_check_is_over_when_its_last_day_is_and_says_so_once(
    volunteers: ServiceUnderTest, helper: VolunteerState
) -> None:
    command = record(helper.volunteer_id, valid_until=TODAY)
    done(await volunteers.ask(command))
    volunteers.clock.at = at("23:59")
    await volunteers.fire_timers()
    assert await volunteers.said(ClearanceExpired) == []

    volunteers.clock.move(minutes=1)
    await volunteers.fire_timers()

    [recorded], [expired] = await volunteers.said(ClearanceRecorded), await volunteers.said(ClearanceExpired)
    assert (recorded.valid_until, expired.clearance_id, expired.person_id) == (
        TODAY, command.clearance_id, helper.person_id,
    )  # fmt: skip
    assert code(await volunteers.ask(WithdrawClearance(clearance_id=command.clearance_id))) == "clearance-ended"
    await assert_versions_are_whole(volunteers)


async def test_nobody_clears_herself(volunteers: ServiceUnderTest, helper: VolunteerState) -> None:
    herself, somebody = str(helper.person_id), record(helper.volunteer_id)
    assert code(await volunteers.ask(somebody, actor=herself)) == "clears-oneself"
    done(await volunteers.ask(somebody))
    assert code(await volunteers.ask(record(helper.volunteer_id, valid_until=TODAY), region="350203000000")) != "done"
    withdraw = WithdrawClearance(clearance_id=somebody.clearance_id)
    assert code(await volunteers.ask(withdraw, actor=herself)) == "clears-oneself"
    assert code(await volunteers.ask(somebody)) == "clearance-exists"
    assert code(await volunteers.ask(record(uuid4()))) == "unknown-volunteer"
    assert code(await volunteers.ask(WithdrawClearance(clearance_id=uuid4()))) == "unknown-clearance"


async def test_of_rival_withdrawals_one_ends_the_check_and_the_timer_finds_nothing(
    volunteers: ServiceUnderTest, helper: VolunteerState
) -> None:
    command = record(helper.volunteer_id, valid_until=TODAY)
    done(await volunteers.ask(command))

    answers = await meet(volunteers, [WithdrawClearance(clearance_id=command.clearance_id)] * 6)
    volunteers.clock.at = at("12:00") + timedelta(days=2)
    await volunteers.fire_timers()

    assert sorted(code(each) for each in answers) == ["clearance-ended"] * 5 + ["done"]
    assert len(await volunteers.said(ClearanceWithdrawn)) == 1
    assert await volunteers.said(ClearanceExpired) == []


async def test_a_place_given_back_is_free_for_somebody_else_and_no_longer_hers(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    shift: ShiftState = done(await volunteers.ask(open_shift(team, needed=1)))
    taken, substitute = take(shift, helper), await join(volunteers, team)
    done(await volunteers.ask(taken))
    assert code(await volunteers.ask(take(shift, substitute))) == "shift-filled"

    answers = await meet(volunteers, [ReleaseAssignment(assignment_id=taken.assignment_id)] * 4)

    assert sorted(code(each) for each in answers) == ["assignment-released"] * 3 + ["done"]
    assert [fact.person_id for fact in await volunteers.said(ShiftReleased)] == [helper.person_id]
    done(await volunteers.ask(take(shift, substitute)))
    volunteers.clock.at = at("14:00")
    assert code(await volunteers.ask(check_in(shift, helper))) == "not-assigned"
    done(await volunteers.ask(check_in(shift, substitute)))
    assert code(await volunteers.ask(ReleaseAssignment(assignment_id=uuid4()))) == "unknown-assignment"
    await assert_versions_are_whole(volunteers)


async def test_she_who_gave_a_place_back_may_take_it_again_once_while_it_is_free(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    shift: ShiftState = done(await volunteers.ask(open_shift(team, needed=1)))
    taken, rival = take(shift, helper), await join(volunteers, team)
    done(await volunteers.ask(taken))
    done(await volunteers.ask(ReleaseAssignment(assignment_id=taken.assignment_id)))
    assert code(await volunteers.ask(take(shift, helper, assignment_id=taken.assignment_id))) == "invalid-message"

    again = [take(shift, helper) for _ in range(3)]
    answers = await meet(volunteers, [*again, take(shift, rival)])

    assert [code(each) for each in answers].count("done") == 1
    places = "SELECT count(*) FROM assignment WHERE shift_id = $1 AND active"
    assert await volunteers.admin.fetchval(places, shift.shift_id) == 1
    assert await volunteers.admin.fetchval("SELECT assigned FROM shift WHERE shift_id = $1", shift.shift_id) == 1
    await assert_versions_are_whole(volunteers)
    for other in (helper, rival):  # her place once more, after whoever won gave it back: she takes it, and holds it
        active = "SELECT assignment_id FROM assignment WHERE shift_id = $1 AND active"
        held = await volunteers.admin.fetchval(active, shift.shift_id)
        done(await volunteers.ask(ReleaseAssignment(assignment_id=held)))
        done(await volunteers.ask(take(shift, other)))
        assert code(await volunteers.ask(take(shift, other))) == "already-assigned"
    volunteers.clock.at = at("14:00")
    done(await volunteers.ask(check_in(shift, rival)))
    assert code(await volunteers.ask(check_in(shift, helper))) == "not-assigned"


async def test_who_is_on_duty_already_does_not_give_her_place_back(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    shift: ShiftState = done(await volunteers.ask(open_shift(team)))
    taken = take(shift, helper)
    done(await volunteers.ask(taken))
    volunteers.clock.at = at("14:00")

    assert code(await volunteers.ask(ReleaseAssignment(assignment_id=taken.assignment_id))) == "shift-over"


async def test_who_came_early_gives_her_place_back_or_serves_and_never_both(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    shift: ShiftState = done(await volunteers.ask(open_shift(team)))
    taken = take(shift, helper)
    done(await volunteers.ask(taken))
    volunteers.clock.at = at("13:30")
    release, early = ReleaseAssignment(assignment_id=taken.assignment_id), check_in(shift, helper, "13:30")
    await open_connections(volunteers)

    came, released = await asyncio.gather(volunteers.ask(early), volunteers.ask(release))

    assert (code(released), code(came)) in {("done", "not-assigned"), ("already-open", "done")}
    if code(came) == "done":
        assert code(await volunteers.ask(release)) == "already-open"
        volunteers.clock.at = at("13:40")
        done(await volunteers.ask(CheckOutVolunteer(stint_id=early.stint_id, occurred_at=at("13:40"))))
        done(await volunteers.ask(release))
