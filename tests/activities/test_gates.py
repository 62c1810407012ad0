"""Care: a session with children opens only with enough adults, all of them cleared; else it says why and who could help
(A30, contest 13)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.activities.v1 import (
    AttendanceState,
    CareSet,
    CreateProgramme,
    GateReason,
    GateState,
    GetGate,
    MoveSession,
    ProgrammeState,
    SessionBlocked,
    SessionState,
    SessionUnblocked,
    SetCare,
)
from contracts.data import AgeBand
from contracts.volunteers.v1 import ClearanceExpired, ClearanceWithdrawn
from services.activities.gates import rules
from services.activities.gates.rules import Care, OnDuty
from tests.activities.duty import Helper, keeper_of, take_into_care
from tests.activities.test_rules import a_session
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol

TONIGHT, LATER = date(2026, 6, 3), date(2026, 12, 31)
TOMORROW = {"starts_at": at(16, 30, day=4), "ends_at": at(18, day=4)}


async def blocks(home: Home, session: UUID) -> list[SessionBlocked]:
    return [fact for fact in await home.service.said(SessionBlocked) if fact.session_id == session]


async def unblocks(home: Home, session: UUID) -> int:
    return sum(fact.session_id == session for fact in await home.service.said(SessionUnblocked))


async def gate(home: Home, session: UUID) -> GateState:
    return done(await home.service.query(GetGate(session_id=session)), GateState)


async def after_school(home: Home, **times: Any) -> UUID:
    """四点半课堂 of tomorrow with one child in it."""
    session = await home.session(**(TOMORROW | times))
    [child] = await home.people(1, AgeBand.SCHOOL, consent=True)
    await home.service.ask(enrol(session, [child]))
    return session


def care(**changes: int) -> Care:
    values = {"children_per_adult": 10, "least_adults": 2, "grace_minutes": 15, "version": 1} | changes
    return Care(uuid4(), uuid4(), **values)


def helper(cleared_until: date | None = LATER, adult: bool = True) -> OnDuty:
    return OnDuty(uuid4(), uuid4(), adult, cleared_until)


@pytest.mark.parametrize(
    ("children", "helpers", "reason"),
    [
        (0, [], GateReason.TOO_FEW_ADULTS),
        (0, [helper(), helper()], None),
        (20, [helper(), helper()], None),
        (21, [helper(), helper()], GateReason.TOO_FEW_ADULTS),
        (20, [helper(), helper(adult=False)], GateReason.TOO_FEW_ADULTS),
        (1, [helper(), helper(), helper(None)], GateReason.CLEARANCE_MISSING),
        (1, [helper(), helper(date(2026, 6, 2))], GateReason.CLEARANCE_MISSING),
        (1, [helper(), helper(TONIGHT)], None),
    ],
)
def test_a_gate_opens_for_enough_adults_all_cleared(
    children: int, helpers: list[OnDuty], reason: GateReason | None
) -> None:
    assert rules.judge(care(), a_session(), children, helpers).reason is reason


def test_one_person_on_two_shifts_is_one_adult() -> None:
    twice = helper()
    assert rules.judge(care(), a_session(), 1, [twice, twice]).cleared == 1


async def test_contest_13_a_check_that_expires_tonight_blocks_tomorrow_and_names_substitutes(door: Home) -> None:
    """Background check of a 四点半课堂 volunteer expires tonight: tomorrow's session blocks with reason and a list of
    cleared substitutes."""
    team, keeper = uuid4(), await keeper_of(door)
    await take_into_care(door)
    session = await after_school(door)
    free = await (await Helper.joined(door, team)).cleared(LATER)
    busy = await (await Helper.joined(door, team)).cleared(LATER)
    await busy.on_duty(None, at(17, day=4), at(19, day=4))
    uncleared, minor = await Helper.joined(door, team), await Helper.joined(door, team, AgeBand.TEEN)
    await minor.cleared(LATER)
    on_duty = await (await Helper.joined(door, team)).cleared(TONIGHT)
    await on_duty.on_duty(session, **_hours(TOMORROW))
    await door.service.fire_timers()

    [blocked] = await blocks(door, session)

    assert (blocked.reason, blocked.adults_needed, blocked.adults_cleared) == (GateReason.CLEARANCE_MISSING, 1, 0)
    assert (blocked.uncleared, blocked.tell) == ((on_duty.person_id,), (keeper,))
    assert free.volunteer_id == blocked.substitutes[0]
    assert not {busy.volunteer_id, uncleared.volunteer_id, minor.volunteer_id, on_duty.volunteer_id} & {
        *blocked.substitutes
    }
    assert (await door.find(session)).status.value == "blocked"

    door.move_to(at(0, 0, day=4))  # the check has expired by now: the same reason is not said again
    await on_duty.loses_clearance(ClearanceExpired)
    assert len(await blocks(door, session)) == 1
    await on_duty.released()
    [_, too_few] = await blocks(door, session)
    assert (too_few.reason, too_few.uncleared) == (GateReason.TOO_FEW_ADULTS, ())
    await free.on_duty(session, **_hours(TOMORROW))
    assert await unblocks(door, session) == 1
    assert (await door.find(session)).status.value == "published"


def _hours(times: dict[str, datetime]) -> dict[str, datetime]:
    return {"starts": times["starts_at"], "ends": times["ends_at"]}


async def test_a_blocked_session_lets_nobody_in_until_it_is_mended(door: Home) -> None:
    await take_into_care(door)
    session, person = await door.session(), await door.person()
    await door.service.ask(enrol(session, [person]))
    await door.service.fire_timers()
    door.move_to(at(14, 30))

    refusal = await door.service.ask(door.scan(session, person))
    mended = await (await Helper.joined(door, uuid4())).cleared(LATER)
    await mended.on_duty(session, at(15), at(17))

    assert getattr(refusal, "params", None) == {"why": "too_few_adults"}
    assert code(refusal) == "session-blocked"
    assert done(await door.service.ask(door.scan(session, person)), AttendanceState).inside


async def test_the_gate_of_next_week_is_not_looked_at_today_and_is_the_day_before(door: Home) -> None:
    await take_into_care(door)
    session = await after_school(door, starts_at=at(16, 30, day=10), ends_at=at(18, day=10))
    await door.service.fire_timers()
    assert await blocks(door, session) == []

    door.move_to(at(8, day=9))
    await door.service.fire_timers()

    assert [fact.reason for fact in await blocks(door, session)] == [GateReason.TOO_FEW_ADULTS]
    assert (await gate(door, session)).adults_needed == 1


async def test_a_session_moved_to_tomorrow_is_looked_at_today(door: Home) -> None:
    await take_into_care(door)
    session = await after_school(door, starts_at=at(16, 30, day=10), ends_at=at(18, day=10))
    await door.service.fire_timers()

    done(await door.service.ask(MoveSession(session_id=session, **TOMORROW)), SessionState)
    await door.service.fire_timers()

    assert [fact.starts_at for fact in await blocks(door, session)] == [TOMORROW["starts_at"]]


async def test_more_children_than_the_adults_may_look_after_block_in_the_last_hour(door: Home) -> None:
    await take_into_care(door, per_adult=2)
    session = await after_school(door)
    await (await (await Helper.joined(door, uuid4())).cleared(LATER)).on_duty(session, **_hours(TOMORROW))
    await door.service.fire_timers()
    assert await blocks(door, session) == []
    children = await door.people(2, AgeBand.SCHOOL, consent=True)
    await door.service.ask_together([enrol(session, [each]) for each in children])

    door.move_to(at(15, 30, day=4))
    await door.service.fire_timers()

    [blocked] = await blocks(door, session)
    assert (blocked.reason, blocked.adults_needed, blocked.adults_cleared) == (GateReason.TOO_FEW_ADULTS, 2, 1)
    assert (await gate(door, session)).children == 3


async def test_a_check_that_is_withdrawn_blocks_at_once(door: Home) -> None:
    await take_into_care(door)
    session = await after_school(door)
    helper = await (await Helper.joined(door, uuid4())).cleared(LATER)
    await helper.on_duty(session, **_hours(TOMORROW))
    await door.service.fire_timers()
    assert (await gate(door, session)).on_duty[0].cleared

    await helper.loses_clearance(ClearanceWithdrawn)

    assert [fact.uncleared for fact in await blocks(door, session)] == [(helper.person_id,)]
    await helper.cleared(LATER)
    assert await unblocks(door, session) == 1


async def test_sessions_planned_before_the_rule_are_looked_at_too(door: Home) -> None:
    session = await after_school(door)
    assert code(await door.service.query(GetGate(session_id=session))) == "not-in-care"

    first = await take_into_care(door)
    await door.service.fire_timers()
    second = await take_into_care(door, per_adult=5)

    assert len(await blocks(door, session)) == 1
    assert (second.care_id, second.version, second.children_per_adult) == (first.care_id, 2, 5)
    assert [fact.children_per_adult for fact in await door.service.said(CareSet) if fact.care_id == first.care_id] == [
        10,
        5,
    ]
    away = SetCare(programme_id=door.programme_id)
    assert code(await door.service.ask(away, region="350502000000")) == "not-permitted"
    assert code(await door.service.ask(SetCare(programme_id=uuid4()))) == "unknown-programme"


async def below(home: Home, parent: UUID | None) -> UUID:
    command = CreateProgramme(
        programme_id=uuid4(), name="四点半课堂", unit_id=home.unit_id, region=COMMUNITY, parent_id=parent
    )
    return done(await home.service.ask(command), ProgrammeState).programme_id


async def test_a_rule_of_care_holds_below_unless_one_is_set_there(door: Home) -> None:
    frame = await below(door, None)
    brand = await below(door, frame)
    line = await below(door, brand)
    session = await door.session(programme_id=line, **TOMORROW)
    none = await door.service.query(GetGate(session_id=session))

    await door.service.ask(SetCare(programme_id=frame, least_adults=3))
    inherited = await gate(door, session)
    await door.service.fire_timers()  # sessions below are looked at as well
    blocked = await door.find(session)
    await door.service.ask(SetCare(programme_id=brand, least_adults=2))
    nearer = await gate(door, session)
    await door.service.ask(SetCare(programme_id=frame, least_adults=5))

    assert code(none) == "not-in-care"
    assert (inherited.adults_needed, nearer.adults_needed) == (3, 2)
    assert (blocked.status.value, inherited.reason) == ("blocked", GateReason.TOO_FEW_ADULTS)
    assert (await gate(door, session)).adults_needed == 2
