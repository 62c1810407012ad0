"""Programmes, sessions and series: planning, opening hours, rooms, calling off."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    CancelSession,
    CreateProgramme,
    ListSessions,
    ProgrammeCreated,
    ProgrammeState,
    SeriesState,
    SessionCancelled,
    SessionList,
    SessionScheduled,
    SessionState,
    SessionStatus,
)
from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import SiteClosed
from services.activities.series.recurrence import session_id_of
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest


async def test_a_session_takes_region_unit_and_place_from_its_site(activities: ServiceUnderTest, home: Home) -> None:
    plan = home.plan(audience=(AgeBand.SCHOOL,))

    state = done(await activities.ask(plan), SessionState)

    [fact] = await activities.said(SessionScheduled)
    assert (state.region, state.status, state.seats_taken) == (COMMUNITY, SessionStatus.PUBLISHED, 0)
    assert (fact.unit_id, fact.place, fact.audience) == (home.unit_id, "金山社区儿童之家", (AgeBand.SCHOOL,))
    assert fact.starts_at == datetime(2026, 6, 3, 7, tzinfo=UTC)
    assert await home.find(plan.session_id) == state


async def test_a_session_that_cannot_be_held_is_refused_and_leaves_nothing(
    activities: ServiceUnderTest, home: Home
) -> None:
    assert code(await activities.ask(home.plan(site_id=uuid4()))) == "unknown-site"
    assert code(await activities.ask(home.plan(programme_id=uuid4()))) == "unknown-programme"
    assert code(await activities.ask(home.plan(capacity=61))) == "room-too-small"
    assert await activities.count("session") == 0
    assert await activities.said(SessionScheduled) == []


async def test_a_room_holds_one_session_at_a_time_and_says_which(activities: ServiceUnderTest, home: Home) -> None:
    first = await home.session()

    overlapping = await activities.ask(home.plan(starts_at=at(16, 59), ends_at=at(18)))
    following = await activities.ask(home.plan(starts_at=at(17), ends_at=at(18)))
    elsewhere = await activities.ask(home.plan(room_id=home.other_room_id))

    assert overlapping == Refusal("room-taken", session_id=str(first))
    assert [code(following), code(elsewhere)] == ["published", "published"]


async def test_a_cancelled_session_leaves_its_room(activities: ServiceUnderTest, home: Home) -> None:
    first = await home.session()
    await activities.ask(CancelSession(session_id=first, reason="台风"))

    assert code(await activities.ask(home.plan())) == "published"


async def test_of_rivals_for_a_room_one_gets_it(activities: ServiceUnderTest, home: Home) -> None:
    answers = await activities.ask_at_once(home.plan() for _ in range(8))

    assert sorted(map(code, answers)) == ["published"] + ["room-taken"] * 7


async def test_rivals_with_one_session_id_get_one_session(activities: ServiceUnderTest, home: Home) -> None:
    plan = home.plan()

    answers = await activities.ask_at_once([plan] * 8)

    assert sorted(map(code, answers)) == ["published"] + ["session-exists"] * 7


async def test_nothing_is_planned_in_a_closed_site(activities: ServiceUnderTest, home: Home) -> None:
    await activities.hear(SiteClosed(site_id=home.site_id), version=2)

    assert code(await activities.ask(home.plan())) == "site-closed"


async def test_a_site_told_twice_is_the_same_site(activities: ServiceUnderTest, home: Home) -> None:
    await activities.hear(home.site_opened(), region=COMMUNITY, version=1)

    assert await activities.count("site") == 1
    assert code(await activities.ask(home.plan())) == "published"


async def test_nobody_plans_outside_the_own_subtree(activities: ServiceUnderTest, home: Home) -> None:
    answer = await activities.ask(home.plan(), region="350502000000")

    assert code(answer) == "not-permitted"
    assert await activities.count("session") == 0


async def test_a_series_takes_its_weekdays_and_leaves_holidays_out(activities: ServiceUnderTest, home: Home) -> None:
    series = home.series(except_on=(date(2026, 6, 19),))

    state = done(await activities.ask(series), SeriesState)

    days = [session.starts_at.astimezone(at(0).tzinfo).day for session in state.sessions]
    facts = await activities.said(SessionScheduled)
    assert days == [5, 9, 12, 16, 23, 26, 30]
    assert [session.session_id for session in state.sessions] == [
        session_id_of(series.series_id, date(2026, 6, day)) for day in days
    ]
    assert {fact.series_id for fact in facts} == {series.series_id}
    assert {fact.ends_at - fact.starts_at for fact in facts} == {timedelta(minutes=90)}


async def test_a_series_with_one_bad_day_is_not_planned_at_all(activities: ServiceUnderTest, home: Home) -> None:
    taken = await home.session(starts_at=at(17, day=12), ends_at=at(19, day=12))

    clash = await activities.ask(home.series())
    closed_on_monday = await activities.ask(home.series(weekdays=(1, 2)))

    assert clash == Refusal("room-taken", session_id=str(taken))
    assert closed_on_monday == Refusal("outside-opening-hours", starts_at="2026-06-08T16:30:00+08:00")
    assert await activities.count("session") == 1
    assert await activities.count("series") == 0


async def test_a_series_is_planned_once(activities: ServiceUnderTest, home: Home) -> None:
    series = home.series()

    answers = await activities.ask_at_once([series] * 4)

    assert sum(isinstance(answer, SeriesState) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"series-exists"}
    assert len(await activities.said(SessionScheduled)) == 8


async def test_calling_a_session_off_ends_its_enrolments(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(2)
    people = await home.people(2)
    await activities.ask(enrol(session, people))
    await home.enrolled(session, 1)

    state = done(await activities.ask(CancelSession(session_id=session, reason="台风")), SessionState)

    [fact] = await activities.said(SessionCancelled)
    assert (state.status, state.seats_taken, state.waiting) == (SessionStatus.CANCELLED, 0, 0)
    assert (fact.unit_id, fact.reason) == (home.unit_id, "台风")
    assert await home.roster(session) == {}
    assert code(await activities.ask(enrol(session, people))) == "session-cancelled"
    assert code(await activities.ask(CancelSession(session_id=session, reason="台风"))) == "session-cancelled"


async def test_a_session_that_is_over_is_not_called_off(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session()
    home.move_to(at(17))

    assert code(await activities.ask(CancelSession(session_id=session, reason="台风"))) == "session-over"
    assert code(await activities.ask(CancelSession(session_id=uuid4(), reason="台风"))) == "unknown-session"


async def test_pages_of_sessions_follow_each_other_by_start(activities: ServiceUnderTest, home: Home) -> None:
    planned = [await home.session(starts_at=at(hour), ends_at=at(hour + 1)) for hour in (14, 10, 12)]
    window = {"region": "350503000000", "since": at(9), "until": at(14)}

    first = done(await activities.query(ListSessions(**window, limit=1)), SessionList).sessions
    rest = done(await activities.query(ListSessions(**window, after=first[0].session_id)), SessionList).sessions
    none = done(await activities.query(ListSessions(**window | {"region": "350502000000"})), SessionList).sessions

    assert [session.session_id for session in first + rest] == [planned[1], planned[2]]
    assert none == ()


async def test_a_programme_is_created_once_and_said_once(activities: ServiceUnderTest, home: Home) -> None:
    frame, member = new_programme("五彩课堂"), uuid4()
    await activities.ask(frame)

    same = await activities.ask(frame)
    other = await activities.ask(frame.model_copy(update={"name": "六彩课堂"}))
    below = await activities.ask(new_programme("蓝色", member, frame.programme_id))
    orphan = await activities.ask(new_programme("红色", parent_id=uuid4()))

    assert done(same, ProgrammeState).name == "五彩课堂"
    assert code(other) == "programme-exists"
    assert done(below, ProgrammeState).parent_id == frame.programme_id
    assert code(orphan) == "unknown-programme"
    said = [fact.programme_id for fact in await activities.said(ProgrammeCreated)]
    assert said == [home.programme_id, frame.programme_id, member]


async def test_nobody_creates_a_programme_outside_the_own_subtree(activities: ServiceUnderTest) -> None:
    assert code(await activities.ask(new_programme("五彩课堂"), region="350502000000")) == "not-permitted"


def new_programme(name: str, id: UUID | None = None, parent_id: UUID | None = None) -> CreateProgramme:
    return CreateProgramme(
        programme_id=id or uuid4(), name=name, unit_id=uuid4(), region=COMMUNITY, parent_id=parent_id
    )
