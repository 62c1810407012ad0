"""Courses: corrected and paid for by a project (R8), entered by pass (A33): a visit a session, the last one taken by
one door only, given back with its check-in."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    AmendProgramme,
    AmendSession,
    AttendanceMark,
    AttendanceState,
    CancelSession,
    CloseSession,
    CorrectAttendance,
    CorrectionState,
    CourseKind,
    CoursePassList,
    CoursePassState,
    CoursePassUses,
    CreateProgramme,
    EndCoursePass,
    GetCoursePass,
    GetStatistics,
    IssueCoursePass,
    ListCountedSessions,
    ListCoursePasses,
    PassReturned,
    PassRuleState,
    PassUsed,
    ProgrammeAmended,
    ProgrammeState,
    RevertAttendance,
    SeriesState,
    SetPassRule,
    Statistics,
    StatisticsBy,
)
from contracts.data import SiteType
from contracts.registry.v1 import SiteOpened
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol

PROGRAMME = CourseKind.PROGRAMME
ELSEWHERE = "350502000000"


def a_pass(home: Home, person: UUID, **changes: Any) -> IssueCoursePass:
    values: dict[str, Any] = {
        "pass_id": uuid4(), "person_id": person, "site_id": home.site_id, "course_id": home.programme_id,
        "kind": PROGRAMME, "visits": 2, "valid_until": date(2026, 6, 30),
    }  # fmt: skip
    return IssueCoursePass(**(values | changes))


async def issued(home: Home, person: UUID, **changes: Any) -> UUID:
    return done(await home.service.ask(a_pass(home, person, **changes)), CoursePassState).pass_id


async def by_pass(home: Home) -> None:
    rule = SetPassRule(course_id=home.programme_id, kind=PROGRAMME, by_pass=True)
    assert done(await home.service.ask(rule), PassRuleState).by_pass


async def seats(home: Home, person: UUID, count: int, **changes: Any) -> list[UUID]:
    """Sessions of this afternoon, an hour each, in which somebody has a seat; at 14:30."""
    rooms = [home.room_id, home.other_room_id]
    sessions = [await home.session(room_id=rooms[number % 2], starts_at=at(15 + number // 2),
                                   ends_at=at(16 + number // 2), **changes) for number in range(count)]  # fmt: skip
    await home.service.ask_together([enrol(session, [person]) for session in sessions])
    home.move_to(at(14, 30))
    return sessions


async def left(home: Home, pass_id: UUID) -> int:
    state = done(await home.service.query(GetCoursePass(pass_id=pass_id)), CoursePassUses).course_pass
    return state.visits - state.used


async def test_a_check_in_takes_one_visit_a_session_and_an_empty_pass_keeps_the_door_shut(door: Home) -> None:
    [mother] = await door.people(1)
    await by_pass(door)
    first, second, third = await seats(door, mother, 3)
    without = await door.service.ask(door.scan(first, mother))
    card = await issued(door, mother)

    scan = door.scan(first, mother)
    for each in (scan, scan, door.scan(first, mother, AttendanceMark.CHECK_OUT), door.scan(first, mother)):
        done(await door.service.ask(each), AttendanceState)
        door.move(minutes=1)
    done(await door.service.ask(door.scan(second, mother)), AttendanceState)
    door.move_to(at(15, 30))
    empty = await door.service.ask(door.scan(third, mother))

    assert (code(without), code(empty), empty.params) == ("pass-missing", "pass-empty", {"visits": 2})
    used = [each for each in await door.service.said(PassUsed) if each.pass_id == card]
    assert [(each.session_id, each.used, each.visits) for each in used] == [(first, 1, 2), (second, 2, 2)]
    await issued(door, mother)
    done(await door.service.ask(door.scan(third, mother)), AttendanceState)


async def test_a_pass_that_is_over_or_for_something_else_opens_nothing(door: Home) -> None:
    [mother] = await door.people(1)
    await by_pass(door)
    [session] = await seats(door, mother, 1)
    other = await Home.opened(door.service)
    await issued(door, mother, site_id=other.site_id)
    series = done(await door.service.ask(door.series()), SeriesState)
    await issued(door, mother, course_id=series.series_id, kind=CourseKind.SERIES)
    assert code(await door.service.ask(door.scan(session, mother))) == "pass-missing"

    ended = await issued(door, mother)
    stop = EndCoursePass(pass_id=ended, reason="paid-back")
    assert done(await door.service.ask(stop), CoursePassState).ended
    assert code(await door.service.ask(stop)) == "course-pass-ended"
    assert code(await door.service.ask(door.scan(session, mother))) == "pass-missing"

    card = await issued(door, mother, valid_until=date(2026, 6, 3))
    tomorrow = await door.session(starts_at=at(15, day=4), ends_at=at(16, day=4))
    await door.service.ask(enrol(tomorrow, [mother]))
    door.move_to(at(15, day=4))
    late = await door.service.ask(door.scan(tomorrow, mother))
    assert (code(late), late.params) == ("pass-expired", {"valid_until": "2026-06-03"})
    offline = door.scan(session, mother, occurred_at=at(15))  # made while the pass was good, uploaded a day later
    done(await door.service.ask(offline), AttendanceState)
    assert await left(door, card) == 1


async def test_a_rule_of_a_series_goes_before_that_of_its_programme(door: Home) -> None:
    [mother] = await door.people(1)
    await by_pass(door)
    series = done(await door.service.ask(door.series(weekdays=(5,))), SeriesState)
    free = SetPassRule(course_id=series.series_id, kind=CourseKind.SERIES, by_pass=False)
    done(await door.service.ask(free), PassRuleState)
    await door.service.ask(enrol(series.sessions[0].session_id, [mother]))
    door.move_to(at(16, 30, day=5))

    done(await door.service.ask(door.scan(series.sessions[0].session_id, mother)), AttendanceState)

    assert code(await door.service.ask(free.model_copy(update={"course_id": uuid4()}))) == "unknown-course"
    assert code(await door.service.ask(free, region=ELSEWHERE)) == "not-permitted"


async def test_the_last_visit_is_used_at_one_of_two_doors_only(door: Home) -> None:
    people = await door.people(4)
    await by_pass(door)
    sessions = [await door.session(60, room_id=room) for room in (door.room_id, door.other_room_id)]
    await door.service.ask_together([enrol(session, [person]) for session in sessions for person in people])
    cards = [await issued(door, person, visits=1) for person in people]
    door.move_to(at(15))

    scans = [door.scan(session, person) for person in people for session in sessions]
    outcomes = await door.service.ask_at_once(scans)

    assert sorted(code(each) if not isinstance(each, AttendanceState) else "inside" for each in outcomes) == (
        ["inside"] * 4 + ["pass-empty"] * 4
    )
    assert [await left(door, card) for card in cards] == [0] * 4
    used = [each for each in await door.service.said(PassUsed) if each.pass_id in cards]
    assert sorted(each.pass_id for each in used) == sorted(cards)


async def test_a_visit_comes_back_once_with_what_is_taken_back(door: Home) -> None:
    [mother] = await door.people(1)
    await by_pass(door)
    card = await issued(door, mother, visits=3)
    first, second, third = await seats(door, mother, 3)
    stay = done(await door.service.ask(door.scan(first, mother)), AttendanceState)
    revert = RevertAttendance(attendance_id=stay.attendance_id)

    twice = await door.service.ask_at_once([revert, revert.model_copy()])
    assert sorted("done" if isinstance(each, AttendanceState) else each.code for each in twice) == [
        "already-reverted", "done",
    ]  # fmt: skip
    assert await left(door, card) == 3
    done(await door.service.ask(door.scan(first, mother)), AttendanceState)  # this time she is there
    done(await door.service.ask(door.scan(second, mother)), AttendanceState)
    await door.service.ask(CancelSession(session_id=second, reason="停电"))
    assert await left(door, card) == 2

    door.move_to(at(17))
    for session in (first, third):
        await door.service.ask(CloseSession(session_id=session))
    counted = done(await door.service.query(GetCoursePass(pass_id=card)), CoursePassUses).uses
    gone = next(each.attendance_id for each in counted if each.returned_at is None)
    for session, came, not_came in ((first, (), (gone,)), (third, (mother,), ())):
        correct = CorrectAttendance(
            correction_id=uuid4(),
            session_id=session,
            came=came,
            not_came=not_came,
            reason="核对纸质签到表",
            evidence="p1",
        )
        done(await door.service.ask(correct, roles=["approver"]), CorrectionState)

    assert await left(door, card) == 2
    returned = [each for each in await door.service.said(PassReturned) if each.pass_id == card]
    assert [(each.session_id, each.used) for each in returned] == [(first, 0), (second, 1), (first, 0)]
    uses = done(await door.service.query(GetCoursePass(pass_id=card)), CoursePassUses).uses
    assert [(each.session_id, each.returned_at is None) for each in uses] == [
        (first, False), (first, False), (second, False), (third, True),
    ]  # fmt: skip


async def test_who_may_get_a_pass_and_for_what(door: Home) -> None:
    [mother] = await door.people(1)
    gym = SiteOpened(**door.site_opened().model_dump() | {"site_id": uuid4(), "site_type": SiteType.WOMENS_HOME})
    await door.service.hear(gym, region=COMMUNITY)
    good = a_pass(door, mother)

    async def refused(**changes: Any) -> str:
        return code(await door.service.ask(good.model_copy(update={"pass_id": uuid4()} | changes)))

    assert await refused(price_cents=5000) == "free-of-charge"  # the home is a 儿童之家
    assert await refused(price_cents=5000, site_id=gym.site_id) == "evidence-missing"
    assert await refused(person_id=uuid4()) == "unknown-person"
    assert await refused(site_id=uuid4()) == "unknown-site"
    assert await refused(course_id=uuid4()) == "unknown-course"
    assert await refused(kind=CourseKind.SERIES) == "unknown-course"
    assert await refused(valid_until=date(2026, 6, 2)) == "date-wrong"
    assert await refused(valid_until=date(2026, 6, 3) + timedelta(days=732)) == "date-wrong"
    assert code(await door.service.ask(good, region=ELSEWHERE)) == "not-permitted"
    sold = good.model_copy(update={"site_id": gym.site_id, "price_cents": 5000, "receipt": "SJ-1"})
    assert done(await door.service.ask(sold), CoursePassState).price_cents == 5000
    assert code(await door.service.ask(sold)) == "course-pass-exists"
    listed = ListCoursePasses(person_id=mother)
    assert [each.pass_id for each in done(await door.service.query(listed), CoursePassList).passes] == [sold.pass_id]
    assert done(await door.service.query(listed, region=ELSEWHERE), CoursePassList).passes == ()
    assert (
        code(await door.service.query(GetCoursePass(pass_id=sold.pass_id), region=ELSEWHERE)) == "unknown-course-pass"
    )
    assert code(await door.service.ask(EndCoursePass(pass_id=uuid4(), reason="lost"))) == "unknown-course-pass"


async def test_a_pass_that_ends_while_it_is_used_counts_on_without_a_gap(door: Home) -> None:
    [mother] = await door.people(1)
    await by_pass(door)
    card = await issued(door, mother)
    [session] = await seats(door, mother, 1)

    scanned, ended = await asyncio.gather(
        door.service.ask(door.scan(session, mother)), door.service.ask(EndCoursePass(pass_id=card, reason="lost"))
    )

    assert done(ended, CoursePassState).ended
    assert (await left(door, card) == 1) is isinstance(scanned, AttendanceState)


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
