"""The ledger: credited once by somebody else, never edited, taken back by a new line, capped a day."""

from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from contracts.refusals import Refusal
from contracts.volunteers.v1 import (
    ApproveHours,
    GetHours,
    Grade,
    HoursByGrade,
    HoursCredited,
    HoursReversed,
    LedgerEntry,
    ListStintsToApprove,
    MinutesTotal,
    PendingStints,
    RejectionReason,
    RejectStint,
    ReverseHours,
    ShiftState,
    StintRejected,
    StintState,
    StintStatus,
    SumMinutes,
    TeamState,
    VolunteerHours,
    VolunteerState,
)
from tests.under_test import SOMEBODY, ServiceUnderTest
from tests.volunteers.afternoon import (
    COMMUNITY,
    ELSEWHERE,
    OFFICER,
    TODAY,
    approve,
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
    served,
)

TOMORROW = TODAY + timedelta(days=1)


def reverse(entry: LedgerEntry) -> ReverseHours:
    return ReverseHours(entry_id=uuid4(), reverses=entry.entry_id)


async def total(service: ServiceUnderTest, region: str = COMMUNITY) -> MinutesTotal:
    answer = await service.query(SumMinutes(region=region, since=TODAY, until=TOMORROW))
    assert isinstance(answer, MinutesTotal)
    return answer


@pytest.fixture
async def two_hours(volunteers: ServiceUnderTest, helper: VolunteerState, afternoon: ShiftState) -> StintState:
    return await served(volunteers, afternoon, helper)


async def test_somebody_else_credits_the_minutes_of_a_stint(
    volunteers: ServiceUnderTest, helper: VolunteerState, two_hours: StintState
) -> None:
    entry = await credited(volunteers, two_hours)

    assert (entry.minutes, entry.grade, entry.rule, entry.service_date) == (
        120,
        Grade.DEVICE_VERIFIED,
        "hours-1",
        TODAY,
    )
    [said] = await volunteers.said(HoursCredited)
    assert (said.hours_id, said.minutes, said.person_id) == (entry.entry_id, 120, helper.person_id)
    await assert_versions_are_whole(volunteers)


async def test_rivals_credit_a_stint_once(volunteers: ServiceUnderTest, two_hours: StintState) -> None:
    answers = await meet(volunteers, (approve(two_hours) for _ in range(8)), actor=OFFICER)

    assert Counter(map(code, answers)) == {"done": 1, "already-credited": 7}
    assert len(await volunteers.said(HoursCredited)) == await volunteers.count("hours_entry") == 1


async def test_approvals_of_one_batch_meet_each_other_and_a_bad_one_harms_only_itself(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, two_hours: StintState
) -> None:
    second = await join(volunteers, team)
    other = await served(
        volunteers, await assigned(volunteers, team, second, "16:00", "18:00"), second, "16:00", "18:00"
    )
    third = await join(volunteers, team)
    shift = await assigned(volunteers, team, third, "18:00", "19:00")
    still_open = done(await volunteers.ask(check_in(shift, third, "18:00")))
    first = approve(two_hours)

    answers = await volunteers.ask_together(
        [
            first,
            approve(two_hours),
            ApproveHours(entry_id=first.entry_id, stint_id=other.stint_id),
            ApproveHours(entry_id=uuid4(), stint_id=UUID(int=7)),
            approve(still_open),
            approve(other),
        ],
        actor=OFFICER,
    )

    assert list(map(code, answers)) == [
        "done",
        "already-credited",
        "invalid-message",
        "unknown-stint",
        "stint-not-closed",
        "done",
    ]
    assert await volunteers.count("hours_entry") == 2
    await assert_versions_are_whole(volunteers)


async def test_nobody_approves_minutes_that_she_served_or_recorded(
    volunteers: ServiceUnderTest, helper: VolunteerState, afternoon: ShiftState
) -> None:
    volunteers.clock.at = at("16:00")
    stint = done(await volunteers.ask(check_in(afternoon, helper), actor=SOMEBODY))
    at_the_exit = "00000000-0000-7000-8000-0000000000cc"
    stint = done(await volunteers.ask(check_out(stint), actor=at_the_exit))

    for actor in (SOMEBODY, at_the_exit, str(helper.person_id)):
        assert await volunteers.ask(approve(stint), actor=actor) == Refusal("same-person")
    assert await volunteers.count("hours_entry") == 0
    assert code(await volunteers.ask(approve(stint), actor=OFFICER)) == "done"


async def test_an_editor_records_but_does_not_approve(volunteers: ServiceUnderTest, two_hours: StintState) -> None:
    assert code(await volunteers.ask(approve(two_hours), actor=OFFICER, roles=["editor"])) == "not-permitted"
    assert code(await volunteers.ask(approve(two_hours), actor=OFFICER, roles=["approver"])) == "done"


async def test_approvals_and_reversals_stay_in_the_own_subtree(
    volunteers: ServiceUnderTest, two_hours: StintState
) -> None:
    assert code(await volunteers.ask(approve(two_hours), actor=OFFICER, region=ELSEWHERE)) == "unknown-stint"
    entry = await credited(volunteers, two_hours)

    assert code(await volunteers.ask(reverse(entry), actor=OFFICER, region=ELSEWHERE)) == "unknown-entry"
    assert (await total(volunteers)).minutes == 120


async def test_rivals_credit_no_more_than_twelve_hours_a_day_whatever_the_team(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    other = await form_team(volunteers, ELSEWHERE)
    same_person = await join(volunteers, other, helper.person_id)
    morning = await assigned(volunteers, team, helper, "00:00", "10:00")
    evening = await assigned(volunteers, other, same_person, "11:00", "21:00")
    stints = []
    for shift, volunteer, hours in ((morning, helper, (0, 2, 4, 6)), (evening, same_person, (11, 13, 15, 17))):
        for hour in hours:
            volunteers.clock.at = at("21:00")
            stints.append(await served(volunteers, shift, volunteer, f"{hour:02}:00", f"{hour + 2:02}:00"))

    answers = await meet(volunteers, (approve(stint) for stint in stints), actor=OFFICER)

    assert Counter(map(code, answers)) == {"done": 6, "daily-cap-exceeded": 2}
    assert Refusal("daily-cap-exceeded", cap=720) in answers
    assert (await total(volunteers, "000000000000")).minutes == 720


async def test_the_cap_holds_inside_one_batch_and_a_reversal_makes_room(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    morning = await assigned(volunteers, team, helper, "00:00", "11:00")
    evening = await assigned(volunteers, team, helper, "12:00", "20:00")
    early = await served(volunteers, morning, helper, "00:00", "11:00")
    late = await served(volunteers, evening, helper, "12:00", "20:00")

    first, second = await volunteers.ask_together([approve(early), approve(late)], actor=OFFICER)
    assert (code(first), code(second)) == ("done", "daily-cap-exceeded")
    done(await volunteers.ask(reverse(done(first)), actor=OFFICER))

    assert code(await volunteers.ask(approve(late), actor=OFFICER)) == "done"


async def test_rivals_take_a_line_back_once(volunteers: ServiceUnderTest, two_hours: StintState) -> None:
    entry = await credited(volunteers, two_hours)

    answers = await meet(volunteers, (reverse(entry) for _ in range(8)), actor=OFFICER)

    assert Counter(map(code, answers)) == {"done": 1, "already-reversed": 7}
    [said] = await volunteers.said(HoursReversed)
    assert (said.reverses, said.minutes) == (entry.entry_id, 120)
    assert (await total(volunteers)) == MinutesTotal(minutes=0, volunteers=0, by_grade=())
    await assert_versions_are_whole(volunteers)


async def test_the_ledger_keeps_both_lines_of_a_reversal(
    volunteers: ServiceUnderTest, helper: VolunteerState, two_hours: StintState
) -> None:
    entry = await credited(volunteers, two_hours)
    back = done(await volunteers.ask(reverse(entry), actor=OFFICER))

    hours = await volunteers.query(GetHours(volunteer_id=helper.volunteer_id))

    assert isinstance(hours, VolunteerHours)
    assert (hours.minutes, hours.by_grade) == (0, ())
    assert [(line.entry_id, line.minutes) for line in hours.entries] == [(entry.entry_id, 120), (back.entry_id, -120)]
    assert code(await volunteers.ask(approve(two_hours), actor=OFFICER)) == "already-credited"


async def test_only_a_credited_line_is_taken_back_and_not_by_whose_it_is(
    volunteers: ServiceUnderTest, helper: VolunteerState, two_hours: StintState
) -> None:
    entry = await credited(volunteers, two_hours)

    assert code(await volunteers.ask(reverse(entry), actor=str(helper.person_id))) == "same-person"
    used = reverse(entry).model_copy(update={"entry_id": entry.entry_id})
    assert code(await volunteers.ask(used, actor=OFFICER)) == "invalid-message"
    back = done(await volunteers.ask(reverse(entry), actor=OFFICER))
    assert await volunteers.ask(reverse(back), actor=OFFICER) == Refusal("unknown-entry")
    unknown = ReverseHours(entry_id=uuid4(), reverses=uuid4())
    assert await volunteers.ask(unknown, actor=OFFICER) == Refusal("unknown-entry")


async def test_the_service_itself_cannot_edit_the_ledger(volunteers: ServiceUnderTest, two_hours: StintState) -> None:
    await credited(volunteers, two_hours)

    for change in ("UPDATE hours_entry SET minutes = 600", "DELETE FROM hours_entry"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await volunteers.pool.execute(change)


async def test_hours_are_told_with_the_share_of_each_grade(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, two_hours: StintState
) -> None:
    evening = await assigned(volunteers, team, helper, "18:00", "19:00")
    volunteers.clock.at = at("19:00")
    seen = done(await volunteers.ask(check_in(evening, helper, "18:15", Grade.WITNESSED)))
    await credited(volunteers, done(await volunteers.ask(check_out(seen, "19:00"))))
    await credited(volunteers, two_hours)

    hours = await volunteers.query(GetHours(volunteer_id=helper.volunteer_id))

    assert isinstance(hours, VolunteerHours)
    assert hours.minutes == 165
    assert hours.by_grade == (
        HoursByGrade(grade=Grade.DEVICE_VERIFIED, minutes=120),
        HoursByGrade(grade=Grade.WITNESSED, minutes=45),
    )
    hidden = await volunteers.query(GetHours(volunteer_id=helper.volunteer_id), region=ELSEWHERE)
    assert code(hidden) == "unknown-volunteer"
    assert code(await volunteers.query(GetHours(volunteer_id=uuid4()))) == "unknown-volunteer"


async def test_minutes_are_summed_by_subtree_and_service_date_and_a_person_counts_once(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, two_hours: StintState
) -> None:
    other = await form_team(volunteers, "350503002001")
    same_person = await join(volunteers, other, helper.person_id)
    hour = await served(
        volunteers, await assigned(volunteers, other, same_person, "17:00", "18:00"), same_person, "17:00", "18:00"
    )
    await credited(volunteers, two_hours)
    await credited(volunteers, hour)

    district = await total(volunteers, "350503000000")
    later = await volunteers.query(SumMinutes(region=COMMUNITY, since=TOMORROW, until=TOMORROW + timedelta(days=30)))

    assert (district.minutes, district.volunteers) == (180, 1)
    assert (await total(volunteers, COMMUNITY)).minutes == 120
    assert later == MinutesTotal(minutes=0, volunteers=0, by_grade=())
    assert code(
        await volunteers.query(SumMinutes(region=COMMUNITY, since=TODAY, until=TOMORROW), region=ELSEWHERE)
    ) == ("not-permitted")


def reject(stint: StintState, reason: RejectionReason = RejectionReason.NOT_SERVED) -> RejectStint:
    return RejectStint(stint_id=stint.stint_id, reason=reason)


async def test_a_rejected_stint_is_never_credited_and_waits_no_more(
    volunteers: ServiceUnderTest, two_hours: StintState
) -> None:
    rejected = done(await volunteers.ask(reject(two_hours), actor=OFFICER))

    assert (rejected.status, rejected.version) == (StintStatus.REJECTED, two_hours.version + 1)
    assert await volunteers.query(ListStintsToApprove(region=COMMUNITY)) == PendingStints(stints=())
    assert await volunteers.ask(approve(two_hours), actor=OFFICER) == Refusal("stint-rejected")
    assert await volunteers.ask(reject(two_hours), actor=OFFICER) == Refusal("stint-rejected")
    [fact] = await volunteers.said(StintRejected)
    assert fact.reason is RejectionReason.NOT_SERVED
    await assert_versions_are_whole(volunteers)


async def test_nobody_rejects_the_own_a_credited_or_an_open_stint(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, two_hours: StintState
) -> None:
    assert code(await volunteers.ask(reject(two_hours))) == "same-person"
    assert code(await volunteers.ask(reject(two_hours), actor=str(helper.person_id))) == "same-person"
    assert code(await volunteers.ask(reject(two_hours), actor=OFFICER, region=ELSEWHERE)) == "unknown-stint"
    await credited(volunteers, two_hours)
    assert code(await volunteers.ask(reject(two_hours), actor=OFFICER)) == "already-credited"
    evening = await assigned(volunteers, team, helper, "18:00", "19:00")
    volunteers.clock.at = at("18:00")
    opened = done(await volunteers.ask(check_in(evening, helper, "18:00")))
    assert code(await volunteers.ask(reject(opened), actor=OFFICER)) == "stint-not-closed"
    unknown = two_hours.model_copy(update={"stint_id": uuid4()})
    assert code(await volunteers.ask(reject(unknown), actor=OFFICER)) == "unknown-stint"


async def test_approval_and_rejection_at_once_end_in_one_of_the_two(
    volunteers: ServiceUnderTest, two_hours: StintState
) -> None:
    answers = await meet(volunteers, [approve(two_hours), reject(two_hours)] * 4, actor=OFFICER)

    assert Counter(map(code, answers))["done"] == 1
    facts = len(await volunteers.said(HoursCredited)) + len(await volunteers.said(StintRejected))
    assert facts == 1
