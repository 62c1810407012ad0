"""Sessions are counted once, by one rule (A24)."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from contracts.activities.v1 import (
    AttendanceState,
    CancelSession,
    CloseSession,
    CountActivities,
    Counts,
    SessionClosed,
    SessionState,
)
from contracts.message import Command
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest


async def test_a_session_is_counted_once_however_often_it_is_closed(activities: ServiceUnderTest, home: Home) -> None:
    session, [child, *_] = await home.seated(3)
    assert code(await activities.ask(CloseSession(session_id=session))) == "session-not-started"
    await activities.ask(home.scan(session, child))
    home.move_to(at(17))

    answers = await activities.ask_at_once([CloseSession(session_id=session)] * 8)

    assert len({done(answer, SessionState).version for answer in answers}) == 1
    [fact] = await activities.said(SessionClosed)
    assert (fact.person_times, fact.persons, fact.held) == (1, 1, True)
    assert code(await activities.ask(CloseSession(session_id=uuid4()))) == "unknown-session"
    assert code(await activities.ask(CancelSession(session_id=session, reason="台风"))) == "session-over"


async def test_counts_add_sessions_and_attendances_but_know_each_person_once(
    activities: ServiceUnderTest, home: Home
) -> None:
    people = await home.people(3)
    for hour, came in ((10, people), (12, people[:2]), (14, [])):
        session = await home.session(starts_at=at(hour), ends_at=at(hour + 1))
        await activities.ask_together([enrol(session, [person]) for person in people])
        home.move_to(at(hour))
        if came:
            await activities.ask_together([home.scan(session, person) for person in came])
        await activities.ask(CloseSession(session_id=session))
    still_open = await home.session(starts_at=at(16), ends_at=at(17))
    await activities.ask_together([enrol(still_open, [person]) for person in people])
    home.move_to(at(16))
    await activities.ask_together([home.scan(still_open, person) for person in people])

    async def counts(region: str, since: datetime, until: datetime) -> Counts:
        query = CountActivities(region=region, since=since, until=until)
        return done(await activities.query(query), Counts)

    all_day = await counts("350500000000", at(0), at(23))
    morning = await counts(COMMUNITY, at(10), at(12))
    elsewhere = await counts("350502000000", at(0), at(23))
    assert (all_day.sessions_held, all_day.person_times, all_day.persons, all_day.phrase) == (2, 5, 3, "5人次")
    assert (morning.sessions_held, morning.person_times, morning.persons) == (1, 3, 3)
    assert (elsewhere.sessions_held, elsewhere.person_times, elsewhere.persons, elsewhere.rule) == (
        0,
        0,
        0,
        "attendance-count-1",
    )


async def test_a_scan_and_the_count_never_disagree(activities: ServiceUnderTest, home: Home) -> None:
    session, people = await home.seated(8)
    home.move_to(at(17))
    scans: list[Command[Any]] = [home.scan(session, person) for person in people]
    scans.insert(4, CloseSession(session_id=session))

    answers = await activities.ask_at_once(scans)

    came = sum(isinstance(answer, AttendanceState) for answer in answers)
    [fact] = await activities.said(SessionClosed)
    assert fact.person_times == came == await activities.count("attendance")
