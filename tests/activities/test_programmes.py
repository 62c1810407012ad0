"""A programme is corrected, names the project that pays, and hands its rules down to those below it."""

from typing import Any
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    AmendProgramme,
    AmendSession,
    CloseSession,
    CreateProgramme,
    GateReason,
    GateState,
    GetGate,
    GetStatistics,
    ListCountedSessions,
    ProgrammeAmended,
    ProgrammeState,
    SetCare,
    Statistics,
    StatisticsBy,
)
from contracts.refusals import Refusal
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol

TOMORROW = {"starts_at": at(16, 30, day=4), "ends_at": at(18, day=4)}


async def below(home: Home, parent: UUID | None) -> UUID:
    command = CreateProgramme(
        programme_id=uuid4(), name="四点半课堂", unit_id=home.unit_id, region=COMMUNITY, parent_id=parent
    )
    return done(await home.service.ask(command), ProgrammeState).programme_id


async def counted(home: Home, hour: int, **changes: Any) -> UUID:
    """A session of today to which one person came, counted."""
    home.move_to(at(9))
    session = await home.session(starts_at=at(hour), ends_at=at(hour + 1), **changes)
    [person] = await home.people(1)
    await home.service.ask(enrol(session, [person]))
    home.move_to(at(hour))
    await home.service.ask(home.scan(session, person))
    await home.service.ask(CloseSession(session_id=session))
    return session


async def by_project(home: Home) -> dict[str, int]:
    query = GetStatistics(region=COMMUNITY, period="2026-06", by=StatisticsBy.PROJECT)
    cells = done(await home.service.query(query), Statistics).cells
    return {cell.key: cell.figures.sessions_held for cell in cells}


async def test_sessions_count_for_the_project_that_is_named_nearest(door: Home) -> None:
    own, brand, frame = uuid4(), uuid4(), uuid4()
    top = await below(door, None)
    line = await below(door, top)
    amend = AmendProgramme(programme_id=top, project_id=frame)
    assert done(await door.service.ask(amend), ProgrammeState).project_id == frame
    await counted(door, 10, programme_id=line)
    await door.service.ask(AmendProgramme(programme_id=line, project_id=brand))
    await counted(door, 12, programme_id=line)
    paid = await counted(door, 14, programme_id=line, project_id=own)
    await counted(door, 16)

    assert await by_project(door) == {str(frame): 1, str(brand): 1, str(own): 1}
    listed = await door.service.query(ListCountedSessions(region=COMMUNITY, period="2026-06", project_id=own))
    assert [each.session_id for each in listed.sessions] == [paid]


async def test_a_session_changes_its_project_until_it_starts(door: Home) -> None:
    first, second = uuid4(), uuid4()
    session = await door.session(project_id=first)

    assert (
        done(await door.service.ask(AmendSession(session_id=session, project_id=second)), object).project_id == second
    )
    door.move_to(at(15))
    assert code(await door.service.ask(AmendSession(session_id=session, project_id=first))) == "session-over"


async def test_a_programme_is_corrected_and_says_what_it_is_now(door: Home) -> None:
    programme, project = await below(door, None), uuid4()
    amend = AmendProgramme(programme_id=programme, name="五彩课堂", members=5, project_id=project)

    for _ in range(2):
        state = done(await door.service.ask(amend), ProgrammeState)
    none = done(await door.service.ask(AmendProgramme(programme_id=programme, no_project=True)), ProgrammeState)

    assert (state.name, state.members, state.project_id, state.version) == ("五彩课堂", 5, project, 2)
    assert (none.project_id, none.version) == (None, 3)
    said = [each for each in await door.service.said(ProgrammeAmended) if each.programme_id == programme]
    assert [each.fields for each in said] == [("members", "name", "project_id"), ("project_id",)]
    assert code(await door.service.ask(amend, region="350502000000")) == "not-permitted"
    assert code(await door.service.ask(AmendProgramme(programme_id=uuid4()))) == "unknown-programme"


async def gate(home: Home, session: UUID) -> GateState | Refusal:
    return await home.service.query(GetGate(session_id=session))  # type: ignore[no-any-return]


async def test_a_rule_of_care_holds_below_unless_one_is_set_there(door: Home) -> None:
    frame = await below(door, None)
    brand = await below(door, frame)
    line = await below(door, brand)
    session = await door.session(programme_id=line, **TOMORROW)
    assert code(await gate(door, session)) == "not-in-care"

    await door.service.ask(SetCare(programme_id=frame, least_adults=3))
    inherited = done(await gate(door, session), GateState)
    await door.service.fire_timers()  # sessions below are looked at as well
    blocked = await door.find(session)
    await door.service.ask(SetCare(programme_id=brand, least_adults=2))
    nearer = done(await gate(door, session), GateState)
    await door.service.ask(SetCare(programme_id=frame, least_adults=5))

    assert (inherited.adults_needed, nearer.adults_needed) == (3, 2)
    assert (blocked.status.value, inherited.reason) == ("blocked", GateReason.TOO_FEW_ADULTS)
    assert done(await gate(door, session), GateState).adults_needed == 2
