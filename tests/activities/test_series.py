"""Series: shown before they are planned, by holidays and terms, amended together without touching hand-made changes."""

import asyncio
from datetime import date, time
from uuid import uuid4

from contracts.activities.v1 import (
    AmendedSeries,
    AmendSeries,
    AmendSession,
    AnnounceHolidays,
    AnnounceTerm,
    DayOff,
    Enrol,
    GetYear,
    HolidaysAnnounced,
    HolidayYear,
    MoveSession,
    PreviewSeries,
    SeriesAmended,
    SeriesPreview,
    SeriesScheduled,
    SeriesState,
    SessionAmended,
    SessionMoved,
    SessionScheduled,
    SessionState,
    TermDays,
    TermState,
    YearCalendar,
)
from contracts.refusals import Refusal
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest

DISTRICT = "350503000000"


async def test_a_preview_shows_every_day_and_plans_nothing(activities: ServiceUnderTest, home: Home) -> None:
    await home.session(starts_at=at(17, day=12), ends_at=at(19, day=12))
    await activities.ask(home.closing(23))
    series = home.series(skip_holidays=True, except_on=(date(2026, 6, 5),))

    shown = done(await activities.ask(PreviewSeries(series=series)), SeriesPreview)

    assert [(each.starts_at.day, each.problem) for each in shown.days] == [
        (9, None),
        (12, "room-taken"),
        (16, None),
        (26, None),
        (30, None),
    ]
    assert [(each.day.day, each.why) for each in shown.skipped] == [(5, "excepted"), (19, "holiday"), (23, "closing")]
    assert await activities.count("series") == 0


async def test_a_series_says_its_rule_and_drafts_say_nothing(activities: ServiceUnderTest, home: Home) -> None:
    series = home.series(weekdays=(), recurrence="FREQ=WEEKLY;BYDAY=TU", skip_holidays=True, draft=True)

    state = done(await activities.ask(series), SeriesState)

    [fact] = await activities.said(SeriesScheduled)
    assert [session.status.value for session in state.sessions] == ["drafted"] * 4
    assert (fact.recurrence, fact.sessions) == ("FREQ=WEEKLY;BYDAY=TU", 4)
    assert await activities.said(SessionScheduled) == []


async def test_terms_hold_for_what_lies_below_the_region_that_announced_them(
    activities: ServiceUnderTest, home: Home
) -> None:
    summer = home.series(term_days=TermDays.BETWEEN, first_day=date(2026, 7, 1), last_day=date(2026, 7, 14))
    term = AnnounceTerm(
        term_id=uuid4(), region=DISTRICT, name="春季学期", first_day=date(2026, 3, 1), last_day=date(2026, 7, 3)
    )
    autumn = term.model_copy(
        update={"term_id": uuid4(), "name": "秋季学期", "first_day": date(2026, 9, 1), "last_day": date(2027, 1, 22)}
    )
    assert code(await activities.ask(summer)) == "term-unknown"

    assert done(await activities.ask(term), TermState).version == 1
    assert done(await activities.ask(term), TermState).version == 2  # the same id says it anew
    overlapping = autumn.model_copy(update={"first_day": date(2026, 7, 3)})
    assert await activities.ask(overlapping) == Refusal("term-overlaps", term_id=str(term.term_id))
    assert code(await activities.ask(autumn, region=COMMUNITY)) == "not-permitted"
    assert done(await activities.ask(autumn), TermState)

    state = done(await activities.ask(summer), SeriesState)
    assert [session.starts_at.day for session in state.sessions] == [7, 10, 14]
    assert [(each.day.day, each.why, each.name) for each in state.skipped] == [(3, "term", "春季学期")]


async def test_a_year_is_known_once_its_notice_is_announced(activities: ServiceUnderTest, home: Home) -> None:
    january = home.series(first_day=date(2027, 1, 1), last_day=date(2027, 1, 8), skip_holidays=True)
    notice = AnnounceHolidays(
        year=2027, days_off=(DayOff(day=date(2027, 1, 1), name="元旦"),), worked=(date(2027, 1, 3),), source="通知"
    )

    assert await activities.ask(january) == Refusal("calendar-unknown", year=2027)
    assert code(await activities.ask(notice, roles=["editor"])) == "not-permitted"
    for _ in range(2):
        done(await activities.ask(notice), HolidayYear)

    state = done(await activities.ask(january), SeriesState)
    year = done(await activities.query(GetYear(year=2027, region=COMMUNITY)), YearCalendar)
    unknown = done(await activities.query(GetYear(year=2031, region=COMMUNITY)), YearCalendar)
    assert [session.starts_at.day for session in state.sessions] == [5, 8]
    assert (year.known, year.worked, unknown.known) == (True, (date(2027, 1, 3),), False)
    assert len(await activities.said(HolidaysAnnounced)) == 2


async def test_a_series_is_amended_without_touching_what_was_changed_by_hand(
    activities: ServiceUnderTest, home: Home
) -> None:
    series = home.series()
    sessions = [each.session_id for each in done(await activities.ask(series), SeriesState).sessions]
    by_hand = AmendSession(session_id=sessions[2], title="端午特别课")
    done(await activities.ask(by_hand), SessionState)
    done(
        await activities.ask(MoveSession(session_id=sessions[4], starts_at=at(9, day=20), ends_at=at(10, day=20))),
        SessionState,
    )
    amend = AmendSeries(series_id=series.series_id, scope="following", session_id=sessions[1], title="暑期课堂")

    titles = done(await activities.ask(amend), AmendedSeries)
    times = done(
        await activities.ask(AmendSeries(series_id=series.series_id, scope="all", begins=time(17), ends=time(18, 30))),
        AmendedSeries,
    )

    assert (titles.amended, titles.kept) == ((sessions[1], *sessions[3:]), (sessions[2],))
    assert (times.amended, times.kept) == ((*sessions[:4], *sessions[5:]), (sessions[4],))
    found = [await home.find(id) for id in sessions]
    assert [each.title for each in found] == ["四点半课堂", "暑期课堂", "端午特别课"] + ["暑期课堂"] * 5
    assert [f"{each.starts_at.astimezone(at(0).tzinfo):%H:%M}" for each in found] == ["17:00"] * 4 + ["09:00"] + [
        "17:00"
    ] * 3
    first, second = await activities.said(SeriesAmended)
    assert (first.fields, first.sessions, first.kept) == (("title",), 6, 1)
    assert (second.fields, second.sessions, second.kept) == (("begins", "ends"), 7, 1)
    assert (len(await activities.said(SessionAmended)), len(await activities.said(SessionMoved))) == (7, 8)


async def test_this_session_alone_is_changed_as_if_by_hand(activities: ServiceUnderTest, home: Home) -> None:
    series = home.series()
    sessions = [each.session_id for each in done(await activities.ask(series), SeriesState).sessions]
    only = AmendSeries(series_id=series.series_id, scope="this", session_id=sessions[3], capacity=8)

    assert done(await activities.ask(only), AmendedSeries).amended == (sessions[3],)
    everything = await activities.ask(AmendSeries(series_id=series.series_id, scope="all", capacity=30))

    assert done(everything, AmendedSeries).kept == (sessions[3],)


async def test_an_amendment_that_one_session_cannot_take_changes_none(activities: ServiceUnderTest, home: Home) -> None:
    series = home.series()
    sessions = [each.session_id for each in done(await activities.ask(series), SeriesState).sessions]
    taken = await home.session(starts_at=at(19, day=16), ends_at=at(20, day=16))
    await activities.ask(enrol(sessions[0], await home.people(3)))

    async def refused(**changes: object) -> str:
        values = {"series_id": series.series_id, "scope": "all", "title": "新名"}
        return code(await activities.ask(AmendSeries.model_validate(values | changes)))

    assert await refused(begins=time(19), ends=time(20)) == "room-taken"
    assert await refused(begins=time(20), ends=time(21, 30)) == "outside-opening-hours"
    assert await refused(capacity=2) == "seats-promised"
    assert await refused(capacity=61) == "room-too-small"
    assert await refused(scope="this") == "invalid-message"
    assert await refused(scope="this", session_id=taken) == "nothing-to-amend"
    assert await refused(series_id=uuid4()) == "unknown-series"
    assert await activities.said(SeriesAmended) == []
    assert (await home.find(sessions[0])).title == "四点半课堂"


async def test_what_began_is_not_amended(activities: ServiceUnderTest, home: Home) -> None:
    series = home.series()
    sessions = [each.session_id for each in done(await activities.ask(series), SeriesState).sessions]
    home.move_to(at(16, 30, day=9))

    amended = await activities.ask(AmendSeries(series_id=series.series_id, scope="all", title="新名"))

    assert done(amended, AmendedSeries).amended == tuple(sessions[2:])


async def test_seats_that_families_take_while_a_series_shrinks_are_never_lost(
    activities: ServiceUnderTest, home: Home
) -> None:
    series = home.series()
    sessions = [each.session_id for each in done(await activities.ask(series), SeriesState).sessions]
    requests: list[Enrol] = [enrol(sessions[n % 8], [person]) for n, person in enumerate(await home.people(24))]
    shrink = AmendSeries(series_id=series.series_id, scope="all", capacity=2)

    *answers, shrunk = await asyncio.gather(
        *(activities.ask_together(requests[n::3]) for n in range(3)), activities.ask(shrink)
    )

    found = [await home.find(id) for id in sessions]
    confirmed = sum(code(each) == "confirmed" for batch in answers for each in batch)
    assert all(each.seats_taken <= each.capacity for each in found)
    assert sum(each.seats_taken for each in found) == confirmed
    assert {each.capacity for each in found} == ({2} if isinstance(shrunk, AmendedSeries) else {20})
