"""Who withdraws the consent to volunteering serves no more, at once; what ended is listed, and the record stays."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import ConsentGiven, ConsentPurpose, ConsentWithdrawn
from contracts.volunteers.v1 import (
    ClearanceKind,
    ClearanceRecorded,
    ClearanceWithdrawn,
    IssueCertificate,
    ListVolunteeringEffects,
    RecordClearance,
    ShiftReleased,
    ShiftState,
    TeamState,
    VolunteeringEffects,
    VolunteeringWithdrawalApplied,
    VolunteerState,
    VolunteerWithdrawn,
)
from tests.under_test import ServiceUnderTest
from tests.volunteers.afternoon import (
    COMMUNITY,
    TODAY,
    assert_versions_are_whole,
    assigned,
    at,
    check_in,
    check_out,
    code,
    credited,
    done,
    hear_person,
    join,
    open_connections,
    open_shift,
    register_volunteer,
    served,
    take,
)


def given(person_id: UUID) -> ConsentGiven:
    return ConsentGiven(person_id=person_id, purpose=ConsentPurpose.VOLUNTEERING)


def withdrawn(person_id: UUID) -> ConsentWithdrawn:
    return ConsentWithdrawn(person_id=person_id, purpose=ConsentPurpose.VOLUNTEERING)


async def effects_of(volunteers: ServiceUnderTest, person_id: UUID) -> VolunteeringEffects:
    return done(await volunteers.query(ListVolunteeringEffects(person_id=person_id)))


async def test_no_clearance_outlives_a_membership_that_ends_at_that_moment(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    await volunteers.hear(given(helper.person_id), version=2, region=COMMUNITY)
    records = [
        RecordClearance(
            clearance_id=uuid4(), volunteer_id=helper.volunteer_id, kind=ClearanceKind.BACKGROUND_CHECK,
            checked_on=TODAY, valid_until=TODAY,
        )
        for _ in range(6)
    ]  # fmt: skip
    await open_connections(volunteers)

    end = volunteers.hear(withdrawn(helper.person_id), version=3, region=COMMUNITY)
    await asyncio.gather(*(volunteers.ask(each) for each in records[:3]), end, *map(volunteers.ask, records[3:]))

    recorded = {each.clearance_id for each in await volunteers.said(ClearanceRecorded)}
    assert recorded == {each.clearance_id for each in await volunteers.said(ClearanceWithdrawn)}


async def test_a_withdrawn_consent_ends_shifts_and_memberships_and_lists_them(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, afternoon: ShiftState
) -> None:
    await credited(volunteers, await served(volunteers, afternoon, helper))
    other_team = await join(volunteers, team)
    evening = await assigned(volunteers, team, helper, "18:00", "19:00")
    clearance = RecordClearance(
        clearance_id=uuid4(), volunteer_id=helper.volunteer_id, kind=ClearanceKind.BACKGROUND_CHECK,
        checked_on=TODAY, valid_until=TODAY,
    )  # fmt: skip
    done(await volunteers.ask(clearance))
    before = await effects_of(volunteers, helper.person_id)
    assert (len(before.would_give_back), before.would_leave) == (1, (helper.volunteer_id,))

    await volunteers.hear(given(helper.person_id), version=2, region=COMMUNITY)
    await volunteers.hear(withdrawn(helper.person_id), version=3, region=COMMUNITY)

    [released], [left] = await volunteers.said(ShiftReleased), await volunteers.said(VolunteerWithdrawn)
    assert (released.shift_id, left.volunteer_id) == (evening.shift_id, helper.volunteer_id)
    assert [each.clearance_id for each in await volunteers.said(ClearanceWithdrawn)] == [clearance.clearance_id]
    [told] = await volunteers.said(VolunteeringWithdrawalApplied)
    assert (told.assignments, told.memberships) == ((released.assignment_id,), (helper.volunteer_id,))
    after = await effects_of(volunteers, helper.person_id)
    [ended] = after.ended
    assert (ended.assignments, ended.memberships) == (told.assignments, told.memberships)
    assert (after.would_give_back, after.would_leave) == ((), ())
    later = done(await volunteers.ask(open_shift(team, "20:00", "21:00")))
    assert await volunteers.ask(take(later, helper)) == Refusal("volunteer-withdrawn")
    again = clearance.model_copy(update={"clearance_id": uuid4()})
    assert await volunteers.ask(again) == Refusal("volunteer-withdrawn")
    issue = IssueCertificate(certificate_id=uuid4(), volunteer_id=helper.volunteer_id, since=TODAY, until=TODAY)
    assert done(await volunteers.ask(issue)).minutes == 120, "what she did stays, and is certified (条例 19)"
    assert code(await volunteers.ask(take(later, other_team))) == "done", "others serve on"

    back = await join(volunteers, team, helper.person_id)
    assert back.volunteer_no != helper.volunteer_no
    assert code(await volunteers.ask(take(later, back))) == "done"
    await assert_versions_are_whole(volunteers)


async def test_who_is_there_goes_on_to_the_end_and_who_was_not_yet_comes_no_more(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, afternoon: ShiftState
) -> None:
    late = await join(volunteers, team)
    assert code(await volunteers.ask(take(afternoon, late))) == "done"
    volunteers.clock.at = at("14:30")
    stint = done(await volunteers.ask(check_in(afternoon, helper)))

    for each in (helper, late):
        await volunteers.hear(withdrawn(each.person_id), version=2)

    assert [each.volunteer_id for each in await volunteers.said(ShiftReleased)] == [late.volunteer_id]
    assert code(await volunteers.ask(check_in(afternoon, late, "14:30"))) != "done"
    volunteers.clock.at = at("16:00")
    assert done(await volunteers.ask(check_out(stint))).minutes == 120


async def test_what_was_begun_meanwhile_ends_half_a_minute_later(volunteers: ServiceUnderTest, team: TeamState) -> None:
    child = await hear_person(volunteers, AgeBand.TEEN)
    await volunteers.hear(given(child), version=2)
    await volunteers.hear(withdrawn(child), version=3)
    await volunteers.admin.execute("UPDATE person SET agreed_to_volunteering = true WHERE person_id = $1", child)
    slipped = await join(volunteers, team, child)
    shift = await assigned(volunteers, team, slipped)
    await volunteers.admin.execute("UPDATE person SET agreed_to_volunteering = false WHERE person_id = $1", child)

    volunteers.clock.move(seconds=31)
    await volunteers.fire_timers()

    [released] = await volunteers.said(ShiftReleased)
    assert released.shift_id == shift.shift_id
    assert [each.volunteer_id for each in await volunteers.said(VolunteerWithdrawn)] == [slipped.volunteer_id]
    assert [each.memberships for each in await volunteers.said(VolunteeringWithdrawalApplied)] == [
        (), (slipped.volunteer_id,),
    ]  # fmt: skip
    assert code(await volunteers.ask(register_volunteer(team, child))) == "guardian-consent-missing"
    await assert_versions_are_whole(volunteers)


async def test_consenting_again_at_once_ends_what_was_and_keeps_what_comes(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    await volunteers.hear(withdrawn(helper.person_id), version=2)
    await volunteers.hear(given(helper.person_id), version=3)
    back = await join(volunteers, team, helper.person_id)

    volunteers.clock.move(seconds=31)
    await volunteers.fire_timers()

    assert [each.volunteer_id for each in await volunteers.said(VolunteerWithdrawn)] == [helper.volunteer_id]
    shift = done(await volunteers.ask(open_shift(team)))
    assert code(await volunteers.ask(take(shift, back))) == "done"


async def test_rivals_for_a_place_and_a_withdrawal_leave_no_place_taken(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    shifts = [done(await volunteers.ask(open_shift(team, f"{hour}:00", f"{hour}:45"))) for hour in range(10, 16)]
    await open_connections(volunteers)

    outcomes: list[Any] = await asyncio.gather(
        *(volunteers.ask(take(shift, helper)) for shift in shifts[:3]),
        volunteers.hear(withdrawn(helper.person_id), version=2),
        *(volunteers.ask(take(shift, helper)) for shift in shifts[3:]),
    )
    volunteers.clock.move(seconds=31)
    await volunteers.fire_timers()

    assert {code(each) for each in outcomes if each is not None} <= {"done", "volunteer-withdrawn"}
    assert await volunteers.admin.fetchval("SELECT sum(assigned) FROM shift") == 0
    assert await volunteers.admin.fetchval("SELECT count(*) FROM assignment WHERE active") == 0
    await assert_versions_are_whole(volunteers)
