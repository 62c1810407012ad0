"""Places in shifts: exact under any race, and nobody in two places at once."""

from collections import Counter
from uuid import UUID

import asyncpg
import pytest

from contracts.refusals import Refusal
from contracts.volunteers.v1 import ShiftOpened, ShiftState, ShiftTaken, TeamState, VolunteerState
from tests.under_test import ServiceUnderTest
from tests.volunteers.afternoon import (
    ELSEWHERE,
    assert_versions_are_whole,
    at,
    code,
    done,
    form_team,
    join,
    meet,
    open_shift,
    take,
)


async def test_the_last_place_goes_to_one_rival_only(volunteers: ServiceUnderTest, team: TeamState) -> None:
    shift = done(await volunteers.ask(open_shift(team, needed=3)))
    rivals = [await join(volunteers, team) for _ in range(8)]
    for early in rivals[:2]:
        done(await volunteers.ask(take(shift, early)))

    answers = await meet(volunteers, (take(shift, rival) for rival in rivals[2:]))

    assert Counter(map(code, answers)) == {"done": 1, "shift-filled": 5}
    assert Refusal("shift-filled", needed=3) in answers
    assert len(await volunteers.said(ShiftTaken)) == await volunteers.count("assignment") == 3
    await assert_versions_are_whole(volunteers)


async def test_one_person_at_once_in_two_teams_gets_one_of_the_shifts(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    other = await form_team(volunteers, ELSEWHERE)
    same_person = await join(volunteers, other, helper.person_id)
    here = [done(await volunteers.ask(open_shift(team, "14:00", "16:00"))) for _ in range(4)]
    there = [done(await volunteers.ask(open_shift(other, "15:00", "17:00"))) for _ in range(4)]
    wishes = [take(shift, helper) for shift in here] + [take(shift, same_person) for shift in there]

    answers = await meet(volunteers, wishes)

    assert Counter(map(code, answers)) == {"done": 1, "overlaps": 7}
    [taken] = await volunteers.said(ShiftTaken)
    assert {answer.params["shift_id"] for answer in answers if isinstance(answer, Refusal)} == {str(taken.shift_id)}


async def test_the_database_itself_keeps_a_person_out_of_two_shifts_at_once(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, afternoon: ShiftState
) -> None:
    later = done(await volunteers.ask(open_shift(team, "15:59", "17:00")))
    add = (
        "INSERT INTO assignment"
        " (assignment_id, shift_id, volunteer_id, person_id, starts_at, ends_at, made_at, version, region)"
        " SELECT gen_random_uuid(), $1, $2, $3, starts_at, ends_at, starts_at, 1, region FROM shift"
        " WHERE shift_id = $1"
    )

    with pytest.raises(asyncpg.ExclusionViolationError):
        await volunteers.admin.execute(add, later.shift_id, helper.volunteer_id, helper.person_id)


async def test_one_shift_may_follow_another_at_once(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, afternoon: ShiftState
) -> None:
    later = done(await volunteers.ask(open_shift(team, "16:00", "18:00")))

    assert code(await volunteers.ask(take(later, helper))) == "done"


async def test_a_refused_wish_takes_no_place(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, afternoon: ShiftState
) -> None:
    other = await join(volunteers, team)

    assert code(await volunteers.ask(take(afternoon, helper))) == "already-assigned"
    assert code(await volunteers.ask(take(afternoon, other, risk_acknowledged=False))) == "risk-not-acknowledged"
    volunteers.clock.at = at("16:00")
    assert code(await volunteers.ask(take(afternoon, other))) == "shift-over"
    assert await volunteers.count("assignment") == 1


async def test_an_assignment_id_of_somebody_else_is_refused(
    volunteers: ServiceUnderTest, team: TeamState, afternoon: ShiftState
) -> None:
    [first] = await volunteers.said(ShiftTaken)
    other = await join(volunteers, team)

    refusal = await volunteers.ask(take(afternoon, other, assignment_id=first.assignment_id))

    problem = {"pointer": "#/assignment_id", "problem": "already_used"}
    assert refusal == Refusal("invalid-message", errors=[problem])


async def test_a_shift_id_is_used_once(volunteers: ServiceUnderTest, team: TeamState) -> None:
    command = open_shift(team)

    answers = await meet(volunteers, [command] * 8)

    assert Counter(map(code, answers)) == {"done": 1, "shift-exists": 7}
    assert [said.shift_id for said in await volunteers.said(ShiftOpened)] == [command.shift_id]


async def test_what_does_not_exist_is_named(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, afternoon: ShiftState
) -> None:
    nobody = UUID(int=7)
    no_team = open_shift(team).model_copy(update={"team_id": nobody})
    no_shift = take(afternoon, helper).model_copy(update={"shift_id": nobody})
    no_volunteer = take(afternoon, helper).model_copy(update={"volunteer_id": nobody})

    assert await volunteers.ask(no_team) == Refusal("unknown-team", team_id=str(nobody))
    assert await volunteers.ask(no_shift) == Refusal("unknown-shift", shift_id=str(nobody))
    assert await volunteers.ask(no_volunteer) == Refusal("unknown-volunteer", volunteer_id=str(nobody))


async def test_nobody_plans_or_serves_outside_the_own_subtree(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    shift = done(await volunteers.ask(open_shift(team)))

    assert code(await volunteers.ask(open_shift(team), region=ELSEWHERE)) == "not-permitted"
    assert code(await volunteers.ask(take(shift, helper), region=ELSEWHERE)) == "unknown-volunteer"
