"""Coming and going: one place at a time, forgotten exits closed by rule."""

import asyncio
from collections import Counter
from uuid import UUID, uuid4

import asyncpg
import pytest

from contracts.refusals import Refusal
from contracts.volunteers.v1 import (
    Grade,
    ListStintsToApprove,
    PendingStints,
    ShiftState,
    StintClosed,
    StintOpened,
    StintStatus,
    TeamState,
    VolunteerState,
)
from tests.under_test import ServiceUnderTest
from tests.volunteers.afternoon import (
    COMMUNITY,
    ELSEWHERE,
    assert_versions_are_whole,
    assigned,
    at,
    check_in,
    check_out,
    code,
    credited,
    done,
    form_team,
    join,
    meet,
    open_connections,
    open_shift,
    served,
    take,
)


async def test_a_stint_counts_from_the_check_in_to_the_check_out(
    volunteers: ServiceUnderTest, helper: VolunteerState, afternoon: ShiftState
) -> None:
    volunteers.clock.at = at("14:03")
    opened = done(await volunteers.ask(check_in(afternoon, helper, "14:02")))
    assert (opened.status, opened.minutes, opened.version) == (StintStatus.OPEN, None, 1)

    volunteers.clock.at = at("16:00")
    closed = done(await volunteers.ask(check_out(opened, "15:58:40")))

    assert (closed.status, closed.minutes, closed.version) == (StintStatus.CLOSED, 116, 2)
    [said] = await volunteers.said(StintClosed)
    assert (said.minutes, said.auto, said.person_id, said.grade) == (
        116,
        False,
        helper.person_id,
        Grade.DEVICE_VERIFIED,
    )
    await assert_versions_are_whole(volunteers)


async def test_rivals_check_one_person_in_once_whatever_the_team(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    other = await form_team(volunteers, ELSEWHERE)
    same_person = await join(volunteers, other, helper.person_id)
    here = await assigned(volunteers, team, helper, "14:00", "15:00")
    there = await assigned(volunteers, other, same_person, "15:00", "16:00")
    volunteers.clock.at = at("14:30")

    answers = await meet(
        volunteers,
        [check_in(here, helper, "14:30") for _ in range(4)] + [check_in(there, same_person, "14:30") for _ in range(4)],
    )

    assert Counter(map(code, answers)) == {"done": 1, "already-open": 7}
    [said] = await volunteers.said(StintOpened)
    assert {answer.params["stint_id"] for answer in answers if isinstance(answer, Refusal)} == {str(said.stint_id)}


async def test_check_ins_of_one_batch_meet_each_other_and_a_bad_one_harms_only_itself(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, afternoon: ShiftState
) -> None:
    stranger, second = await join(volunteers, team), await join(volunteers, team)
    other = await assigned(volunteers, team, second)
    volunteers.clock.at = at("14:00")
    first = check_in(afternoon, helper)
    same_id = check_in(other, second).model_copy(update={"stint_id": first.stint_id})

    answers = await volunteers.ask_together(
        [
            first,
            check_in(afternoon, helper, "14:01"),
            check_in(afternoon, stranger),
            same_id,
            check_in(other, second),
            check_in(afternoon.model_copy(update={"shift_id": uuid4()}), helper),
        ]
    )

    assert list(map(code, answers)) == [
        "done",
        "already-open",
        "not-assigned",
        "stint-exists",
        "done",
        "unknown-shift",
    ]
    assert await volunteers.count("stint") == 2
    await assert_versions_are_whole(volunteers)


async def test_a_later_stint_must_not_begin_inside_an_earlier_one(
    volunteers: ServiceUnderTest, helper: VolunteerState, afternoon: ShiftState
) -> None:
    await served(volunteers, afternoon, helper, "14:00", "15:00")

    assert code(await volunteers.ask(check_in(afternoon, helper, "14:59"))) == "stint-overlaps"
    assert code(await volunteers.ask(check_in(afternoon, helper, "15:00"))) == "done"


async def test_the_database_itself_keeps_stints_of_one_person_apart(
    volunteers: ServiceUnderTest, helper: VolunteerState, afternoon: ShiftState
) -> None:
    await served(volunteers, afternoon, helper)
    copy = (
        "INSERT INTO stint SELECT (jsonb_populate_record(stint, jsonb_build_object('stint_id', gen_random_uuid()))).*"
        " FROM stint"
    )

    with pytest.raises(asyncpg.ExclusionViolationError):
        await volunteers.admin.execute(copy)


async def test_a_refused_check_in_or_out_leaves_nothing(
    volunteers: ServiceUnderTest, helper: VolunteerState, afternoon: ShiftState
) -> None:
    volunteers.clock.at = at("14:00")
    back_fill = check_in(afternoon, helper, grade=Grade.BACK_FILLED)
    problem = {"pointer": "#/grade", "problem": "needs_evidence"}
    assert await volunteers.ask(back_fill) == Refusal("invalid-message", errors=[problem])
    assert code(await volunteers.ask(check_in(afternoon, helper, "14:06"))) == "too-early"
    assert await volunteers.count("stint") == 0

    stint = done(await volunteers.ask(check_in(afternoon, helper)))
    assert code(await volunteers.ask(check_out(stint, "13:59"))) == "times-reversed"
    assert code(await volunteers.ask(check_out(stint, "14:06"))) == "invalid-message"
    assert await volunteers.said(StintClosed) == []


async def test_rivals_close_a_stint_once(
    volunteers: ServiceUnderTest, helper: VolunteerState, afternoon: ShiftState
) -> None:
    volunteers.clock.at = at("16:00")
    stint = done(await volunteers.ask(check_in(afternoon, helper, "14:00")))

    answers = await meet(volunteers, (check_out(stint, f"15:5{minute}") for minute in range(8)))

    assert Counter(map(code, answers)) == {"done": 1, "stint-closed": 7}
    assert len(await volunteers.said(StintClosed)) == 1


async def test_a_stint_closed_twice_in_one_batch_is_closed_once(
    volunteers: ServiceUnderTest, helper: VolunteerState, afternoon: ShiftState
) -> None:
    volunteers.clock.at = at("16:00")
    stint = done(await volunteers.ask(check_in(afternoon, helper, "14:00")))
    unknown = check_out(stint).model_copy(update={"stint_id": UUID(int=7)})

    answers = await volunteers.ask_together([unknown, check_out(stint, "15:00"), check_out(stint, "16:00")])

    assert list(map(code, answers)) == ["unknown-stint", "done", "stint-closed"]
    assert [said.minutes for said in await volunteers.said(StintClosed)] == [60]


async def test_a_forgotten_exit_is_closed_by_rule_half_an_hour_after_the_shift(
    volunteers: ServiceUnderTest, helper: VolunteerState, afternoon: ShiftState
) -> None:
    volunteers.clock.at = at("14:10")
    stint = done(await volunteers.ask(check_in(afternoon, helper, "14:10")))

    volunteers.clock.at = at("16:29")
    await volunteers.fire_timers()
    assert await volunteers.said(StintClosed) == []
    volunteers.clock.at = at("16:30")
    await volunteers.fire_timers()

    [said] = await volunteers.said(StintClosed)
    assert (said.stint_id, said.minutes, said.auto) == (stint.stint_id, 110, True)
    assert code(await volunteers.ask(check_out(stint, "16:30"))) == "stint-closed"
    pending = await volunteers.query(ListStintsToApprove(region=COMMUNITY))
    assert isinstance(pending, PendingStints)
    assert [each.status for each in pending.stints] == [StintStatus.AUTO_CLOSED]
    await assert_versions_are_whole(volunteers)


async def test_a_timer_leaves_a_stint_that_was_closed_in_time(
    volunteers: ServiceUnderTest, helper: VolunteerState, afternoon: ShiftState
) -> None:
    await served(volunteers, afternoon, helper, "14:00", "15:00")

    volunteers.clock.at = at("16:30")
    await volunteers.fire_timers()

    assert [said.auto for said in await volunteers.said(StintClosed)] == [False]


async def test_a_check_out_and_the_rule_at_once_close_a_stint_once(
    volunteers: ServiceUnderTest, team: TeamState
) -> None:
    shift = done(await volunteers.ask(open_shift(team, needed=6)))
    volunteers.clock.at = at("14:00")
    stints = []
    for _ in range(6):
        helper = await join(volunteers, team)
        done(await volunteers.ask(take(shift, helper)))
        stints.append(done(await volunteers.ask(check_in(shift, helper))))
    volunteers.clock.at = at("16:30")

    await open_connections(volunteers)
    answers, _ = await asyncio.gather(
        volunteers.ask_at_once(check_out(stint, "16:10") for stint in stints), volunteers.fire_timers()
    )

    closings = await volunteers.said(StintClosed)
    assert Counter(said.stint_id for said in closings) == {stint.stint_id: 1 for stint in stints}
    assert sum(not said.auto for said in closings) == sum(code(answer) == "done" for answer in answers)
    assert {code(answer) for answer in answers} <= {"done", "stint-closed"}
    await assert_versions_are_whole(volunteers)


async def test_the_list_to_approve_shows_the_own_subtree_oldest_first(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    late = await served(
        volunteers, await assigned(volunteers, team, helper, "11:00", "12:00"), helper, "11:00", "12:00"
    )
    second = await join(volunteers, team)
    early = await served(
        volunteers, await assigned(volunteers, team, second, "10:00", "13:00"), second, "10:30", "12:30"
    )
    done_with = await join(volunteers, team)
    gone = await served(
        volunteers, await assigned(volunteers, team, done_with, "10:00", "13:00"), done_with, "10:00", "12:30"
    )
    await credited(volunteers, gone)

    shown = await volunteers.query(ListStintsToApprove(region="350503000000"))
    nothing = await volunteers.query(ListStintsToApprove(region=ELSEWHERE))
    refusal = await volunteers.query(ListStintsToApprove(region=COMMUNITY), region=ELSEWHERE)

    assert isinstance(shown, PendingStints)
    assert [stint.stint_id for stint in shown.stints] == [early.stint_id, late.stint_id]
    assert nothing == PendingStints(stints=())
    assert code(refusal) == "not-permitted"


async def test_nobody_records_outside_the_own_subtree(
    volunteers: ServiceUnderTest, helper: VolunteerState, afternoon: ShiftState
) -> None:
    volunteers.clock.at = at("14:00")
    assert code(await volunteers.ask(check_in(afternoon, helper), region=ELSEWHERE)) == "not-permitted"
    stint = done(await volunteers.ask(check_in(afternoon, helper)))

    assert code(await volunteers.ask(check_out(stint, "14:00"), region=ELSEWHERE)) == "unknown-stint"
    assert await volunteers.said(StintClosed) == []
