"""周周有活动, 月月有创新: judged once at the end of each week and month, by what was held."""

from datetime import date, datetime
from uuid import UUID

import pytest

from contracts.activities.v1 import (
    AnnounceHolidays,
    CadenceBroken,
    CadenceList,
    CloseSession,
    DayOff,
    HolidayYear,
    ListCadence,
    SessionState,
)
from contracts.registry.v1 import SiteClosed
from services.activities.cadence import rules
from tests.activities.world import COMMUNITY, Home, at, done, enrol
from tests.under_test import ServiceUnderTest


async def hold(home: Home, starts_at: datetime, **changes: object) -> UUID:
    """A session to which one person comes; it is counted."""
    session = await home.session(starts_at=starts_at, ends_at=starts_at.replace(hour=starts_at.hour + 1), **changes)
    [person] = await home.people(1)
    await home.service.ask(enrol(session, [person]))
    home.move_to(starts_at)
    await home.service.ask(home.scan(session, person))
    done(await home.service.ask(CloseSession(session_id=session)), SessionState)
    return session


async def outcomes(home: Home, rule: str) -> list[tuple[str, str]]:
    query = ListCadence(region=COMMUNITY, since=date(2026, 1, 1), until=date(2027, 12, 31), rule=rule)
    found = done(await home.service.query(query), CadenceList).outcomes
    return [(f"{each.first_day:%m-%d}", each.outcome) for each in reversed(found)]


@pytest.mark.parametrize(
    ("rule", "opened", "judged"),
    [
        (rules.WEEKLY, date(2026, 6, 1), date(2026, 6, 8)),
        (rules.WEEKLY, date(2026, 6, 2), date(2026, 6, 15)),
        (rules.MONTHLY, date(2026, 6, 1), date(2026, 7, 1)),
        (rules.MONTHLY, date(2026, 11, 30), date(2027, 1, 1)),
    ],
)
def test_nobody_owes_anything_for_days_before_the_site_opened(rule: str, opened: date, judged: date) -> None:
    assert rules.first_judgement(rule, opened) == judged


async def test_a_site_that_is_being_read_anew_is_judged_when_it_is_there_again(
    activities: ServiceUnderTest, home: Home
) -> None:
    row = await activities.admin.fetchrow("DELETE FROM site RETURNING *")
    home.move_to(at(0, 1, day=15))
    await activities.fire_timers()
    assert await outcomes(home, "weekly-1") == []
    columns, places = ", ".join(row.keys()), ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await activities.admin.execute(f"INSERT INTO site ({columns}) VALUES ({places})", *row.values())

    home.move(minutes=10)
    await activities.fire_timers()

    assert await outcomes(home, "weekly-1") == [("06-08", "broken")]
    home.move_to(at(0, day=22))
    await activities.fire_timers()
    assert [day for day, _ in await outcomes(home, "weekly-1")] == ["06-08", "06-15"]


async def test_a_week_without_a_session_is_a_fact_once(activities: ServiceUnderTest, home: Home) -> None:
    await hold(home, at(15, day=10))
    home.move_to(at(23, 59, day=14))
    await activities.fire_timers()
    assert await outcomes(home, "weekly-1") == []

    home.move_to(at(0, day=15))
    await activities.fire_timers()
    await home.session(starts_at=at(15, day=17), ends_at=at(16, day=17))  # planned, but nobody comes
    home.move_to(at(9, day=30))  # a week late
    for _ in range(2):
        await activities.fire_timers()

    weeks = [("06-08", "kept"), ("06-15", "broken"), ("06-22", "broken")]
    assert await outcomes(home, "weekly-1") == weeks
    facts = await activities.said(CadenceBroken)
    assert [(fact.rule, fact.site_id, fact.first_day.day) for fact in facts] == [
        ("weekly-1", home.site_id, 15),
        ("weekly-1", home.site_id, 22),
    ]


async def test_a_month_asks_for_something_new(activities: ServiceUnderTest, home: Home) -> None:
    for month in (7, 8):
        await hold(home, datetime(2026, month, 4, 15, tzinfo=at(0).tzinfo))
    home.move_to(datetime(2026, 9, 1, 0, 1, tzinfo=at(0).tzinfo))
    await activities.fire_timers()

    assert await outcomes(home, "monthly-1") == [("07-01", "kept"), ("08-01", "broken")]


async def test_a_closed_week_is_excused_and_a_closed_site_owes_nothing(
    activities: ServiceUnderTest, home: Home
) -> None:
    await activities.ask(home.closing(8, 14))
    home.move_to(at(0, day=15))
    await activities.fire_timers()
    await activities.hear(SiteClosed(site_id=home.site_id), version=2)
    home.move_to(at(0, day=30))
    await activities.fire_timers()

    assert await outcomes(home, "weekly-1") == [("06-08", "excused")]
    assert await activities.said(CadenceBroken) == []


async def test_a_week_of_a_year_without_a_notice_waits_for_it(activities: ServiceUnderTest, home: Home) -> None:
    home.move_to(datetime(2027, 1, 18, 0, 0, tzinfo=at(0).tzinfo))
    await activities.fire_timers()
    before = (await outcomes(home, "weekly-1"))[-3:]
    said = len(await activities.said(CadenceBroken))

    notice = AnnounceHolidays(
        year=2027,
        days_off=tuple(DayOff(day=date(2027, 1, day), name="测试") for day in range(4, 11)),
        source="通知",
    )
    done(await activities.ask(notice), HolidayYear)
    await activities.fire_timers()

    assert before == [("12-28", "broken"), ("01-04", "unjudged"), ("01-11", "unjudged")]
    assert (await outcomes(home, "weekly-1"))[-2:] == [("01-04", "excused"), ("01-11", "broken")]
    assert len(await activities.said(CadenceBroken)) == said + 1
