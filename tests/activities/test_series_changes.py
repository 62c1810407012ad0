"""A series gets other days, or is called off: families go along and are asked, hands stay, nothing is half done."""

import asyncio
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    AmendedSeries,
    AmendScope,
    AmendSeries,
    AmendSession,
    CancelledSeries,
    CancelSeries,
    CancelSession,
    ChangeCapacity,
    ChangeSeriesRule,
    EnrolmentTerms,
    GetSeries,
    GetTerms,
    MoveSession,
    PreviewSeriesRule,
    ReconfirmRequested,
    ReservedSeats,
    SeriesAmended,
    SeriesCancelled,
    SeriesChange,
    SeriesRule,
    SeriesState,
    SessionCancelled,
    SessionMoved,
    TermsState,
)
from contracts.message import Event
from services.activities.sessions.rules import SHANGHAI
from tests.activities.world import Home, at, code, done, enrol


async def planned(home: Home, **changes: Any) -> tuple[UUID, list[UUID]]:
    """四点半课堂 on Tuesdays and Fridays: 5, 9, 12, 16, 19, 23, 26 and 30 June."""
    series = home.series(**changes)
    state = done(await home.service.ask(series), SeriesState)
    return series.series_id, [each.session_id for each in state.sessions]


def change(series: UUID, **changes: Any) -> ChangeSeriesRule:
    values: dict[str, Any] = {"series_id": series, "scope": AmendScope.ALL, "reason": "老师调课"}
    return ChangeSeriesRule(**(values | changes))


async def said_of(home: Home, kind: type[Event], ids: list[UUID]) -> list[Any]:
    return [each for each in await home.service.said(kind) if getattr(each, "session_id", None) in ids]


async def days_of(home: Home, series: UUID) -> list[str]:
    """Day, hour and status of every public session of a series, by start."""
    rule = done(await home.service.query(GetSeries(series_id=series)), SeriesRule)
    local = [(each.starts_at.astimezone(SHANGHAI), each.status.value) for each in rule.sessions]
    return [f"{moment:%d %H:%M}" for moment, status in local if status != "cancelled"]


async def test_another_weekday_takes_the_families_along_and_asks_them(door: Home) -> None:
    series, sessions = await planned(door, weekdays=(2,))
    family = await door.family(sessions[0], 2)
    await door.service.ask(family)

    shown = done(
        await door.service.ask(PreviewSeriesRule(change=change(series, weekdays=(3,), begins=time(17)))), SeriesChange
    )
    assert await days_of(door, series) == ["09 16:30", "16 16:30", "23 16:30", "30 16:30"]
    made = done(await door.service.ask(change(series, weekdays=(3,), begins=time(17))), SeriesChange)

    assert (made.moved, made.added, made.cancelled) == (shown.moved, shown.added, shown.cancelled)
    assert [each.session_id for each in made.moved] == sessions[:3]
    assert await days_of(door, series) == ["10 17:00", "17 17:00", "24 17:00"]
    assert [each.session_id for each in made.cancelled] == [sessions[3]]  # no Wednesday is left in June
    [asked] = await said_of(door, ReconfirmRequested, sessions)
    assert asked.enrolment_id == family.enrolment_id
    assert [each.session_id for each in await said_of(door, SessionMoved, sessions)] == sessions[:3]
    [fact] = [each for each in await door.service.said(SeriesAmended) if each.series_id == series]
    assert (fact.recurrence, fact.sessions, fact.added, fact.cancelled) == ("FREQ=WEEKLY;BYDAY=WE", 3, 0, 1)
    rule = done(await door.service.query(GetSeries(series_id=series)), SeriesRule)
    assert (rule.begins, rule.ends, rule.version) == (time(17), time(18), 2)
    same = done(await door.service.ask(change(series, weekdays=(3,), begins=time(17))), SeriesChange)
    assert (same.moved, same.version) == ((), 2)


async def test_hands_stay_where_a_rule_passes(door: Home) -> None:
    series, sessions = await planned(door)
    moved, named, gone, plain = sessions[2], sessions[4], sessions[1], sessions[5]
    await door.service.ask(MoveSession(session_id=moved, starts_at=at(9, day=13), ends_at=at(10, day=13)))
    await door.service.ask(AmendSession(session_id=named, title="端午特别课"))
    await door.service.ask(CancelSession(session_id=gone, reason="老师生病"))

    only_fridays = done(await door.service.ask(change(series, weekdays=(5,))), SeriesChange)
    again = done(await door.service.ask(change(series, weekdays=(2, 5))), SeriesChange)

    assert moved not in [each.session_id for each in (*only_fridays.moved, *only_fridays.cancelled)]
    assert (await door.find(moved)).starts_at == at(9, day=13)
    assert (await door.find(named)).title == "端午特别课"
    assert [each.session_id for each in only_fridays.cancelled] == [sessions[3], plain, sessions[7]]
    # The 9th was called off by hand: no rule brings it back. The others come anew, under ids of their own.
    assert [each.starts_at.astimezone(SHANGHAI).day for each in again.added] == [16, 23, 30]
    assert not {each.session_id for each in again.added} & set(sessions)
    assert await days_of(door, series) == [
        "05 16:30", "13 09:00", "16 16:30", "19 16:30", "23 16:30", "26 16:30", "30 16:30",
    ]  # fmt: skip
    back = done(await door.service.ask(change(series, also_on=(date(2026, 6, 9),))), SeriesChange)
    assert [each.starts_at.astimezone(SHANGHAI).day for each in back.added] == [9]


async def test_from_a_session_on_and_one_session_alone(door: Home) -> None:
    series, sessions = await planned(door, weekdays=(5,))
    following = change(series, scope=AmendScope.FOLLOWING, session_id=sessions[2], weekdays=(4, 6))

    made = done(await door.service.ask(following), SeriesChange)

    assert [each.session_id for each in made.moved] == sessions[2:]  # 19 to 20, 26 to 25; 27 is new
    assert await days_of(door, series) == ["05 16:30", "12 16:30", "20 16:30", "25 16:30", "27 16:30"]
    one = change(series, scope=AmendScope.THIS, session_id=sessions[1], on=date(2026, 6, 14))
    assert [each.session_id for each in done(await door.service.ask(one), SeriesChange).moved] == [sessions[1]]
    back = done(await door.service.ask(change(series, weekdays=(5,))), SeriesChange)
    assert back.kept == (sessions[1],)
    assert (await door.find(sessions[1])).starts_at.astimezone(SHANGHAI).day == 14


async def test_a_series_is_made_longer_by_sessions_like_its_own_terms_included(door: Home) -> None:
    terms = EnrolmentTerms(
        reserved=(ReservedSeats(group="in-difficulty", seats=4),), opens_at=at(12), closes_at=at(9, day=5)
    )
    series, sessions = await planned(door, weekdays=(5,), terms=terms)
    await door.service.ask(AmendSeries(series_id=series, scope=AmendScope.ALL, title="暑期课堂", begins=time(17)))

    made = done(await door.service.ask(change(series, last_day=date(2026, 7, 10))), SeriesChange)

    assert [each.starts_at for each in made.added] == [at(17, day=5).replace(month=7, day=day) for day in (3, 10)]
    new = await door.find(made.added[1].session_id)
    given = done(await door.service.query(GetTerms(session_id=new.session_id)), TermsState)
    assert (new.title, [each.quota for each in given.quotas]) == ("暑期课堂", ["group-in-difficulty", "open"])
    assert given.terms is not None
    assert given.terms.closes_at == at(9).replace(month=7, day=10)
    assert len(sessions) == 4


async def test_a_rule_that_one_day_refuses_changes_nothing(door: Home) -> None:
    series, sessions = await planned(door, weekdays=(2,))
    taken = await door.session(starts_at=at(17, day=17), ends_at=at(18, day=17))
    to_wednesday = change(series, weekdays=(3,))

    shown = done(await door.service.ask(PreviewSeriesRule(change=to_wednesday)), SeriesChange)

    assert [each.problem for each in shown.moved] == [None, "room-taken", None]
    refused = await door.service.ask(to_wednesday)
    assert (code(refused), refused.params) == ("room-taken", {"session_id": str(taken)})
    assert code(await door.service.ask(change(series, weekdays=(1,)))) == "outside-opening-hours"
    assert code(await door.service.ask(change(series, recurrence="FREQ=WEEKLY;INTERVAL=0"))) == "invalid-message"
    assert (
        code(await door.service.ask(change(series, scope=AmendScope.THIS, session_id=sessions[0]))) == "invalid-message"
    )
    assert code(await door.service.ask(change(series, weekdays=(2,), last_day=date(2026, 6, 1)))) == "times-reversed"
    for wrong in ({"scope": AmendScope.THIS, "session_id": sessions[0], "on": date.min}, {"also_on": (date.min,)}):
        assert code(await door.service.ask(change(series, **wrong))) == "invalid-message"
    assert code(await door.service.ask(change(uuid4()))) == "unknown-series"
    assert code(await door.service.ask(to_wednesday, region="350502000000")) == "not-permitted"
    assert await days_of(door, series) == ["09 16:30", "16 16:30", "23 16:30", "30 16:30"]
    assert await said_of(door, SessionCancelled, sessions) == []


async def test_a_series_is_called_off_and_every_family_is_told(door: Home) -> None:
    series, sessions = await planned(door)
    await door.enrolled(sessions[6], 2)
    await door.service.ask(AmendSession(session_id=sessions[7], title="结课汇报"))
    late = CancelSeries(series_id=series, scope=AmendScope.FOLLOWING, session_id=sessions[6], reason="师资不足")

    ended = done(await door.service.ask(late), CancelledSeries)
    longer = done(await door.service.ask(change(series, weekdays=(2, 5))), SeriesChange)
    rest = done(
        await door.service.ask(CancelSeries(series_id=series, scope=AmendScope.ALL, reason="停课")), CancelledSeries
    )

    assert (ended.cancelled, longer.added, rest.cancelled) == ((sessions[6], sessions[7]), (), tuple(sessions[:6]))
    assert {each.session_id: each.reason for each in await said_of(door, SessionCancelled, sessions)} == dict.fromkeys(
        sessions[6:], "师资不足"
    ) | dict.fromkeys(sessions[:6], "停课")
    facts = [each for each in await door.service.said(SeriesCancelled) if each.series_id == series]
    assert [(each.sessions, each.from_day.day) for each in facts] == [(2, 26), (6, 5)]
    assert code(await door.service.ask(change(series, weekdays=(3,)))) == "series-cancelled"
    assert code(await door.service.ask(late)) == "series-cancelled"
    assert await door.roster(sessions[6]) == {}


async def test_drafts_of_a_series_change_and_go_without_a_word(door: Home) -> None:
    series, sessions = await planned(door, weekdays=(2,), draft=True)

    anybody = await door.service.query(GetSeries(series_id=series), roles=("anonymous",))
    made = done(await door.service.ask(change(series, weekdays=(3,))), SeriesChange)
    await door.service.ask(CancelSeries(series_id=series, scope=AmendScope.ALL, reason="不办了"))

    assert code(anybody) == "unknown-series"
    assert [len(made.moved), len(made.cancelled)] == [3, 1]
    for kind in (SessionMoved, SessionCancelled, ReconfirmRequested):
        assert await said_of(door, kind, sessions) == []
    assert await door.service.pool.fetchval("SELECT count(*) FROM room_use WHERE session_id = ANY ($1)", sessions) == 0


async def test_families_that_enrol_while_a_series_changes_or_ends_are_never_left_behind(door: Home) -> None:
    series, sessions = await planned(door, weekdays=(2,))
    people = await door.people(12)
    requests = [enrol(sessions[n % 4], [person]) for n, person in enumerate(people)]

    answers = await asyncio.gather(
        door.service.ask_together(requests[:4]),
        door.service.ask(change(series, weekdays=(3,))),
        door.service.ask_together(requests[4:8]),
        door.service.ask(
            CancelSeries(series_id=series, scope=AmendScope.FOLLOWING, session_id=sessions[2], reason="停课")
        ),
        door.service.ask_together(requests[8:]),
        door.service.ask(CancelSession(session_id=sessions[1], reason="台风")),
    )

    confirmed = {
        each.enrolment_id for batch in (answers[0], answers[2], answers[4]) for each in batch
        if code(each) == "confirmed"
    }  # fmt: skip
    cancelled = {each.session_id for each in await said_of(door, SessionCancelled, sessions)}
    moved = {each.session_id for each in await said_of(door, SessionMoved, sessions)}
    assert cancelled >= {sessions[1], sessions[3]}
    rows = await door.service.admin.fetch(
        "SELECT enrolment_id, session_id, status, reconfirm_by FROM enrolment WHERE session_id = ANY ($1)", sessions
    )
    assert {row["enrolment_id"] for row in rows} == confirmed
    for row in rows:
        assert row["status"] == ("cancelled" if row["session_id"] in cancelled else "confirmed")
    asked = {each.enrolment_id for each in await said_of(door, ReconfirmRequested, sessions)}
    assert asked <= confirmed
    for session in moved - cancelled:
        assert (await door.find(session)).seats_taken == sum(row["session_id"] == session for row in rows)


async def test_seats_changed_for_one_session_are_a_change_by_hand_too(door: Home) -> None:
    series, sessions = await planned(door, weekdays=(2,))
    done(await door.service.ask(ChangeCapacity(session_id=sessions[1], capacity=30)), TermsState)

    amended = await door.service.ask(AmendSeries(series_id=series, scope=AmendScope.ALL, capacity=25))

    assert done(amended, AmendedSeries).kept == (sessions[1],)
    assert [(await door.find(session)).capacity for session in sessions] == [25, 30, 25, 25]


async def test_a_series_with_as_many_exceptions_as_it_may_have_can_still_be_changed(door: Home) -> None:
    away = tuple(date(2027, 1, 1) + timedelta(days=number) for number in range(400))
    series, sessions = await planned(door, except_on=away)
    await door.service.ask(CancelSession(session_id=sessions[0], reason="台风"))

    made = done(await door.service.ask(change(series, begins=time(17))), SeriesChange)

    assert [each.session_id for each in made.moved] == sessions[1:]
