"""Calendars with private tokens, and the order of changes that loses none (A39, OpenActive RPDE)."""

import asyncio
import random
from datetime import date
from uuid import UUID, uuid4

import asyncpg
import pytest

from contracts.activities.v1 import (
    Calendar,
    CalendarKind,
    CalendarState,
    CancelSession,
    CloseSession,
    CreateFeed,
    EnrolmentState,
    FeedState,
    GetPublicSeries,
    GetPublicSession,
    ListSeriesChanges,
    ListSessionChanges,
    PublicSession,
    ReadFeed,
    RevokeFeed,
    SeriesChanges,
    SeriesNews,
    SeriesState,
    SessionChange,
    SessionChanges,
    SessionMode,
    SessionState,
)
from contracts.refusals import Refusal
from services.activities.feeds import store
from services.chassis.scope import UNBOUND
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest

CHANGE = "UPDATE session SET title = title || '.', version = version + 1 WHERE session_id = $1"


def feed(kind: CalendarKind, topic: UUID) -> CreateFeed:
    return CreateFeed(feed_id=uuid4(), kind=kind, topic_id=topic, token_hash=uuid4().hex * 2)


async def read(home: Home, made: CreateFeed) -> Calendar | Refusal:
    return await home.service.query(ReadFeed(token_hash=made.token_hash), roles=["edge"])


async def changes(home: Home, after: SessionChange | None = None, limit: int = 500) -> list[SessionChange]:
    """All pages from one change on."""
    found: list[SessionChange] = []
    while True:
        start = {"after_modified": after.modified, "after_id": after.id} if after else {}
        page = done(await home.service.query(ListSessionChanges(limit=limit, **start)), SessionChanges).items
        found += page
        if not page:
            return found
        after = page[-1]


async def test_a_calendar_shows_its_sessions_and_keeps_those_called_off(
    activities: ServiceUnderTest, home: Home
) -> None:
    here, off = await home.session(), await home.session(starts_at=at(18), ends_at=at(19))
    not_hers = await home.session(starts_at=at(9, day=4), ends_at=at(10, day=4))
    person = await home.person()
    await activities.ask_together([enrol(session, [person]) for session in (here, off)])
    done(await activities.ask(CancelSession(session_id=off, reason="停电")), SessionState)
    for kind, topic in ((CalendarKind.SITE, home.site_id), (CalendarKind.UNIT, home.unit_id)):
        made = feed(kind, topic)
        done(await activities.ask(made, region=COMMUNITY), CalendarState)
        entries = done(await read(home, made), Calendar).entries
        assert {(each.session_id, each.cancelled, each.sequence) for each in entries} == {
            (here, False, 1), (off, True, 2), (not_hers, False, 1),
        }  # fmt: skip
    hers = feed(CalendarKind.PERSON, person)
    done(await activities.ask(hers), CalendarState)

    told = done(await read(home, hers), Calendar)

    assert {(each.session_id, each.cancelled) for each in told.entries} == {(here, False), (off, True)}
    assert told.name == "我的活动"
    away = feed(CalendarKind.PERSON, person)
    done(await activities.ask(away, region="350502000000"), CalendarState)
    assert done(await read(home, away), Calendar).entries == ()  # what lies outside the maker's region is not told


async def test_her_calendar_has_changed_when_she_enrols_in_what_was_announced_long_before(
    activities: ServiceUnderTest, home: Home
) -> None:
    """Readers that send a date alone (`If-Modified-Since`) would be told that nothing is new."""
    older, newer = await home.session(), await home.session(starts_at=at(18), ends_at=at(19))
    person = await home.person()
    done(await activities.ask(enrol(newer, [person])), EnrolmentState)
    hers = feed(CalendarKind.PERSON, person)
    done(await activities.ask(hers), CalendarState)
    before = done(await read(home, hers), Calendar)
    home.move(minutes=1)
    done(await activities.ask(enrol(older, [person])), EnrolmentState)

    after = done(await read(home, hers), Calendar)

    assert (len(before.entries), len(after.entries)) == (1, 2)
    assert after.changed_at > before.changed_at


async def test_a_revoked_calendar_leads_nowhere(activities: ServiceUnderTest, home: Home) -> None:
    made = feed(CalendarKind.SITE, home.site_id)
    done(await activities.ask(made, region=COMMUNITY), CalendarState)
    assert code(await activities.ask(made)) == "feed-exists"
    assert code(await activities.ask(feed(CalendarKind.SITE, uuid4()))) == "unknown-site"
    assert code(await activities.ask(feed(CalendarKind.PERSON, uuid4()))) == "unknown-person"
    revoke = RevokeFeed(feed_id=made.feed_id)
    assert code(await activities.ask(revoke, region="350502000000")) == "unknown-feed"
    assert code(await activities.query(ReadFeed(token_hash=made.token_hash))) == "not-permitted"

    for _ in range(2):
        assert done(await activities.ask(revoke), CalendarState).revoked
    assert await read(home, made) == Refusal("unknown-feed")


async def test_the_public_sees_names_of_places_and_nobody_else(activities: ServiceUnderTest, home: Home) -> None:
    session, _ = await home.seated(3)
    shown = done(await activities.query(GetPublicSession(session_id=session), roles=["anonymous"]), PublicSession)
    assert (shown.place, shown.programme, shown.seats_free) == ("金山社区儿童之家", "蓝色成长课堂", 57)
    assert code(await activities.query(GetPublicSession(session_id=uuid4()))) == "unknown-session"


async def test_changes_come_in_order_and_what_is_over_is_deleted(activities: ServiceUnderTest, home: Home) -> None:
    sessions = [await home.session(starts_at=at(10 + hour), ends_at=at(11 + hour)) for hour in range(3)]
    first = await changes(home, limit=2)
    assert [item.id for item in first] == sessions
    assert await changes(home, first[-1]) == []
    await activities.ask(CancelSession(session_id=sessions[0], reason="停电"))
    home.move_to(at(12))
    await activities.ask(CloseSession(session_id=sessions[1]))

    news = await changes(home, first[-1])

    assert [(item.id, item.state) for item in news] == [
        (sessions[0], FeedState.UPDATED), (sessions[1], FeedState.DELETED),
    ]  # fmt: skip
    assert news[0].session is not None
    assert news[0].session.status.value == "cancelled"
    await activities.ask_together([enrol(sessions[2], [await home.person()])])
    assert await changes(home, news[-1]) == []  # seats come and go without a fact


async def series_changes(home: Home, after: SeriesNews | None = None, limit: int = 500) -> list[SeriesNews]:
    """All pages of series from one change on."""
    found: list[SeriesNews] = []
    while True:
        start = {"after_modified": after.modified, "after_id": after.id} if after else {}
        page = done(await home.service.query(ListSeriesChanges(limit=limit, **start)), SeriesChanges).items
        found += page
        if not page:
            return found
        after = page[-1]


async def test_a_series_comes_again_with_every_change_of_one_of_its_sessions(
    activities: ServiceUnderTest, home: Home
) -> None:
    planned = home.series(first_day=date(2026, 6, 5), last_day=date(2026, 6, 9))
    first, second = done(await activities.ask(planned), SeriesState).sessions
    drafts = home.series(first_day=date(2026, 6, 11), last_day=date(2026, 6, 12), draft=True)
    done(await activities.ask(drafts), SeriesState)
    alone = await home.session()

    told = {item.id: item for item in await series_changes(home, limit=1)}
    assert [(each, told[each].state.value) for each in told] == [
        (planned.series_id, "updated"), (drafts.series_id, "deleted"), (alone, "updated"),
    ]  # fmt: skip
    [weekly, single] = [told[each].series for each in (planned.series_id, alone)]
    assert weekly is not None
    assert single is not None
    assert (weekly.session.session_id, weekly.recurrence) == (first.session_id, "FREQ=WEEKLY;BYDAY=TU,FR")
    assert (single.session.session_id, single.recurrence) == (alone, None)

    last = list(told.values())[-1]
    done(await activities.ask(CancelSession(session_id=first.session_id, reason="停电")), SessionState)
    [news] = await series_changes(home, last)
    assert news.series is not None
    assert (news.id, news.series.session.session_id) == (planned.series_id, second.session_id)
    shown = await activities.query(GetPublicSeries(series_id=planned.series_id), roles=["anonymous"])
    assert shown == news.series

    home.move_to(at(18))
    done(await activities.ask(CloseSession(session_id=alone)), SessionState)
    [over] = await series_changes(home, news)
    assert (over.id, over.state) == (alone, FeedState.DELETED)
    for gone in (alone, drafts.series_id, uuid4()):
        assert code(await activities.query(GetPublicSeries(series_id=gone))) == "unknown-series"


async def test_a_page_of_series_that_finds_no_last_change_goes_on_all_the_same(
    activities: ServiceUnderTest, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LOOKED_AT", 2)
    planned = home.series(first_day=date(2026, 6, 5), last_day=date(2026, 6, 30))
    sessions = done(await activities.ask(planned), SeriesState).sessions
    alone = await home.session()
    for each in sessions:
        await activities.admin.execute(CHANGE, each.session_id)  # each in a transaction of its own

    told = await series_changes(home)

    assert (told[0].id, told[-1].id, len(told)) == (alone, planned.series_id, 1 + len(sessions) // 2)
    assert len({item.modified for item in told}) == len(told)


async def test_online_sessions_are_in_the_feed_of_their_host(activities: ServiceUnderTest, home: Home) -> None:
    """Also where nobody knows its site (any more): a row of a read model that is built anew is missing for a while."""
    link = "https://live.example.org/42"
    online = await home.session(5000, mode=SessionMode.ONLINE, join_link=link, permit_number="permit-7")
    await activities.admin.execute("DELETE FROM site")

    [item] = await changes(home)
    [series] = await series_changes(home)

    assert item.session is not None
    assert (item.id, item.session.mode, item.session.unit_id) == (online, SessionMode.ONLINE, home.unit_id)
    assert item.session.place == item.session.programme
    assert series.series is not None
    assert link not in series.series.model_dump_json()


async def test_a_change_that_commits_late_is_not_lost(activities: ServiceUnderTest, home: Home) -> None:
    """The classic trap: the slow transaction takes its number first and commits last."""
    slow, fast = await home.session(), await home.session(starts_at=at(18), ends_at=at(19))
    seen = await changes(home)
    await activities.admin.execute("BEGIN")
    await activities.admin.execute(CHANGE, slow)
    async with activities.pool.acquire() as other:
        await other.execute("BEGIN; SET LOCAL app.scope = 'all'")
        await other.execute(CHANGE, fast)
        await other.execute("COMMIT")

    while_it_runs = await changes(home, seen[-1])
    await activities.admin.execute("COMMIT")
    after = await changes(home, while_it_runs[-1] if while_it_runs else seen[-1])

    assert {item.id for item in while_it_runs + after} == {slow, fast}
    assert {item.id for item in await series_changes(home)} == {slow, fast}


async def test_a_reader_who_pages_on_sees_the_last_state_of_everything(
    activities: ServiceUnderTest, home: Home
) -> None:
    """The race: writers in transactions of all lengths, one reader who never looks back."""
    sessions = [
        await home.session(
            starts_at=at(9 + hour // 2, 30 * (hour % 2), day=4),
            ends_at=at(9 + (hour + 1) // 2, 30 * ((hour + 1) % 2), day=4),
        )
        for hour in range(8)
    ]
    dice = random.Random(20260603)
    dsn = activities.running.settings.database_dsn

    async def write(own: list[UUID]) -> None:
        connection = await asyncpg.connect(dsn, server_settings=UNBOUND)
        for _ in range(12):
            async with connection.transaction():
                await connection.execute(CHANGE, own[0])
                await asyncio.sleep(dice.random() / 100)
                await connection.execute(CHANGE, own[1])
        await connection.close()

    writers = asyncio.gather(*(write(sessions[number : number + 2]) for number in range(0, 8, 2)))
    seen: dict[UUID, int] = {}
    of_series: dict[UUID, int] = {}
    last: SessionChange | None = None
    latest: SeriesNews | None = None
    ended = False
    while not ended:
        ended = writers.done()
        for item in await changes(home, last, limit=3):
            assert item.session is not None
            assert last is None or (item.modified, item.id) > (last.modified, last.id)
            seen[item.id], last = item.session.version, item
        for each in await series_changes(home, latest, limit=3):
            assert each.series is not None
            assert latest is None or (each.modified, each.id) > (latest.modified, latest.id)
            of_series[each.id], latest = each.series.session.version, each
    await writers

    assert seen == dict.fromkeys(sessions, 13)
    assert of_series == seen
