"""Numbers are frozen by period; what is corrected later is an adjustment (A24, A25, contest 15)."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    AttendanceRecorded,
    CertifiedCounts,
    ClosePeriod,
    CloseSession,
    CorrectAttendance,
    CorrectionMade,
    CorrectionState,
    CountAdjusted,
    CountCertified,
    CountedSessions,
    CountFact,
    CountFacts,
    CountHistory,
    CountKind,
    DeclareHeadcount,
    GetCount,
    GetStatistics,
    HeadcountMethod,
    HeadcountState,
    ListCountedSessions,
    ListCountFacts,
    ListCounts,
    ListStatisticsFacts,
    PeriodClosed,
    PeriodState,
    Statistics,
    StatisticsBy,
)
from contracts.data import AgeBand
from contracts.message import Command
from contracts.refusals import Refusal
from tests.activities.archive import fill
from tests.activities.recount import kept_and_recounted
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest

CITY, DISTRICT, STREET = "350500000000", "350503000000", "350503001000"
REGIONS = ("350000000000", CITY, DISTRICT, STREET, COMMUNITY)


async def held(home: Home, people: Sequence[UUID], hour: int = 15, day: int = 3) -> UUID:
    """A session to which these people came, counted when it was over."""
    session = await home.session(60, starts_at=at(hour, day=day), ends_at=at(hour + 1, day=day))
    await home.service.ask_together([enrol(session, [person]) for person in people])
    home.move_to(at(hour, day=day))
    if people:
        await home.service.ask_together([home.scan(session, person) for person in people])
    done_closing(await home.service.ask(CloseSession(session_id=session)))
    return session


def done_closing(outcome: Any) -> None:
    assert not isinstance(outcome, Refusal), outcome


def close(period: str = "2026-06", region: str = COMMUNITY, **changes: Any) -> ClosePeriod:
    return ClosePeriod(period_id=uuid4(), region=region, period=period, **changes)


def correct(session: UUID, **changes: Any) -> CorrectAttendance:
    values: dict[str, Any] = {"reason": "补录纸质签到表", "evidence": "photo-1"}
    return CorrectAttendance(correction_id=uuid4(), session_id=session, **(values | changes))


async def all_facts(home: Home, count_id: UUID, limit: int = 2000) -> list[CountFact]:
    found: list[CountFact] = []
    after = None
    while True:
        query = ListCountFacts(count_id=count_id, after=after, limit=limit)
        page = done(await home.service.query(query), CountFacts)
        found += page.facts
        after = page.after
        if after is None:
            return found


async def test_a_report_says_over_40000_person_times(activities: ServiceUnderTest, home: Home) -> None:
    """Contest 15: click through to 41,236 attendances, rule version, closing date; a correction is an adjustment."""
    await fill(activities.admin, 41_236, 1_000, 3_000, home.programme_id, home.site_id, COMMUNITY, date(2026, 5, 1))
    closed = done(await activities.ask(close("2026-05", CITY)), PeriodState)

    told = done(await activities.query(GetCount(count_id=closed.total.count_id)), CountHistory).count
    assert (told.frozen.phrase, told.frozen.person_times) == ("4万多人次", 41_236)
    assert (told.frozen.sessions_held, told.frozen.persons) == (42, 3_000)
    assert (told.rule, told.closed_at, told.region, told.period) == ("attendance-count-1", at(9), CITY, "2026-05")
    facts = await all_facts(home, told.count_id)
    assert len({fact.attendance_id for fact in facts}) == 41_236

    home.move(days=1)
    mistake = facts[7]
    mended = correct(mistake.session_id, not_came=(mistake.attendance_id,), reason="误扫")
    done(await activities.ask(mended, region=COMMUNITY), CorrectionState)

    after = done(await activities.query(GetCount(count_id=told.count_id)), CountHistory)
    assert after.count.frozen == told.frozen
    assert (after.count.adjusted.person_times, after.count.adjusted.persons) == (41_235, 3_000)
    [adjustment] = after.adjustments
    assert (adjustment.change_id, adjustment.person_times, adjustment.reason) == (mended.correction_id, -1, "误扫")
    assert adjustment.at == at(9, day=4)
    page = done(await activities.query(ListCountFacts(count_id=told.count_id, limit=20)), CountFacts)
    assert list(page.facts) == facts[:20]  # the frozen number still lists its own
    certified = await activities.said(CountCertified)
    assert [(each.kind, each.exact, each.phrase) for each in certified] == [
        (CountKind.ALL, 41_236, "4万多人次"),
        (CountKind.PROGRAMME, 41_236, "4万多人次"),
    ]
    assert {each.count_id for each in await activities.said(CountAdjusted)} == {each.count_id for each in certified}


async def test_one_session_is_in_the_numbers_of_every_level_once(activities: ServiceUnderTest, home: Home) -> None:
    people = await home.people(6)
    await held(home, people)
    await held(home, people[:5], day=4)
    for region in REGIONS:
        query = GetStatistics(region=region, period="2026Q2", by=StatisticsBy.MONTH)
        told = done(await activities.query(query), Statistics)
        total = told.total
        assert (total.sessions_held, total.person_times, total.persons, total.phrase) == (2, 11, 6, "11人次")
        assert [(cell.key, cell.figures) for cell in told.cells] == [("2026-06", total)]
        assert total.declared_heads == total.sessions_declared == 0
    home.move_to(at(0, day=1).replace(month=7))
    for region in REGIONS:  # each level reports the same work
        closed = done(await activities.ask(close(region=region)), PeriodState)
        assert (closed.total.frozen, closed.total.kind) == (total, CountKind.ALL)
    elsewhere = GetStatistics(region="350502000000", period="2026", by=StatisticsBy.MONTH)
    assert done(await activities.query(elsewhere), Statistics).total.sessions_held == 0


async def test_numbers_are_parted_by_region_programme_site_and_audience(
    activities: ServiceUnderTest, home: Home
) -> None:
    adults, children = await home.people(6), await home.people(7, AgeBand.SCHOOL, consent=True)
    await held(home, [*adults, *children])

    async def cells(by: StatisticsBy, **narrowed: Any) -> dict[str, tuple[int | None, int | None]]:
        told = await activities.query(GetStatistics(region=DISTRICT, period="2026", by=by, **narrowed))
        found = done(told, Statistics).cells
        return {cell.key: (cell.figures.person_times, cell.figures.persons) for cell in found}

    assert await cells(StatisticsBy.REGION) == {STREET: (13, 13)}
    assert await cells(StatisticsBy.PROGRAMME) == {str(home.programme_id): (13, 13)}
    assert await cells(StatisticsBy.SITE) == {str(home.site_id): (13, 13)}
    assert await cells(StatisticsBy.AUDIENCE) == {"35-59": (6, 6), "6-13": (7, 7)}
    assert await cells(StatisticsBy.REGION, audience=AgeBand.SCHOOL) == {STREET: (7, 7)}
    assert await cells(StatisticsBy.MONTH, programme_id=home.programme_id) == {"2026-06": (13, 13)}
    assert await cells(StatisticsBy.MONTH, programme_id=uuid4()) == {}
    both = GetStatistics(region=DISTRICT, period="2026", by=StatisticsBy.SITE, site_id=home.site_id)
    assert code(await activities.query(both)) == "one-topic-only"
    assert code(await activities.query(both.model_copy(update={"region": "000000000000"}))) == "region-too-wide"
    facts = ListStatisticsFacts(region=DISTRICT, period="2026", audience=AgeBand.SCHOOL)
    listed = done(await activities.query(facts), CountFacts).facts
    assert {fact.person_id for fact in listed} == set(children)
    [session] = done(
        await activities.query(ListCountedSessions(region=CITY, period="2026-06", site_id=home.site_id)),
        CountedSessions,
    ).sessions
    assert (session.person_times, session.region) == (13, COMMUNITY)


async def test_few_people_are_withheld_and_so_is_what_would_tell_of_them(
    activities: ServiceUnderTest, home: Home
) -> None:
    """A53: 4 of the elderly among 6 adults and 7 children: 17 less the 7 that are shown tells of 10 together."""
    bands = {AgeBand.SENIOR: 4, AgeBand.MIDDLE: 6, AgeBand.SCHOOL: 7}
    await held(home, [each for band, count in bands.items() for each in await home.people(count, band, consent=True)])

    told = await activities.query(GetStatistics(region=COMMUNITY, period="2026", by=StatisticsBy.AUDIENCE))
    statistics = done(told, Statistics)

    assert (statistics.smallest, statistics.total.persons) == (5, 17)
    shown = {cell.key: cell.figures.person_times for cell in statistics.cells}
    assert shown == {"60+": None, "35-59": None, "6-13": 7}
    few = await held(home, await home.people(2), hour=18)
    home.move_to(at(0, day=1).replace(month=7))
    other = home.service.admin
    await other.execute("UPDATE count_rule SET smallest = 20")
    try:
        closed = done(await activities.ask(close()), PeriodState)
        assert (closed.total.frozen.sessions_held, closed.total.frozen.persons) == (2, None)
        assert [(each.exact, each.phrase) for each in await activities.said(CountCertified)] == [(None, None)] * 2
        [fact] = done(
            await activities.query(ListStatisticsFacts(region=COMMUNITY, period="2026", limit=1)), CountFacts
        ).facts
        mended = correct(fact.session_id, not_came=(fact.attendance_id,))
        done(await activities.ask(mended), CorrectionState)
        assert {each.person_times for each in await activities.said(CountAdjusted)} == {None}
        assert few != fact.person_id
    finally:
        await other.execute("UPDATE count_rule SET smallest = 5")


async def test_a_late_sheet_and_a_mistake_change_the_numbers_and_never_a_frozen_one(
    activities: ServiceUnderTest, home: Home
) -> None:
    people = await home.people(8)
    session = await held(home, people[:6])
    home.move_to(at(9, day=2).replace(month=7))
    closed = done(await activities.ask(close(region=STREET)), PeriodState)
    [mistaken, *_] = await all_facts(home, closed.total.count_id)

    mended = done(
        await activities.ask(
            correct(session, came=tuple(people[6:]), not_came=(mistaken.attendance_id,)), region=COMMUNITY
        ),
        CorrectionState,
    )

    assert (mended.person_times, mended.persons) == (7, 7)
    history = done(await activities.query(GetCount(count_id=closed.total.count_id)), CountHistory)
    assert (history.count.frozen.person_times, history.count.adjusted.person_times) == (6, 7)
    assert [(each.person_times, each.persons, each.sessions_held) for each in history.adjustments] == [(1, 1, 0)]
    now = await activities.query(GetStatistics(region=CITY, period="2026", by=StatisticsBy.SITE))
    assert done(now, Statistics).total.person_times == 7
    assert len(await activities.said(AttendanceRecorded)) == 8
    [said] = await activities.said(CorrectionMade)
    assert (said.session_id, said.person_times) == (session, 1)
    kept, counted = await kept_and_recounted(activities.admin)
    assert kept == counted

    back = correct(session, came=(mistaken.person_id,))
    done(await activities.ask(back), CorrectionState)  # whoever was taken away may still prove to have come
    assert code(await activities.ask(back)) == "correction-exists"
    assert len(await all_facts(home, closed.total.count_id)) == 6
    sites = await activities.query(ListCounts(region=STREET, period="2026-06", kind=CountKind.SITE))
    [site] = done(sites, CertifiedCounts).counts
    assert (site.topic, site.frozen.persons, site.adjusted.persons) == (str(home.site_id), 6, 8)
    assert site.adjustments == 2


async def test_a_session_that_is_counted_late_is_an_adjustment(activities: ServiceUnderTest, home: Home) -> None:
    session, people = await home.seated(5)
    home.move_to(at(15))
    await activities.ask_together([home.scan(session, person) for person in people])
    home.move_to(at(9, day=2).replace(month=7))

    assert await activities.ask(close(region=CITY)) == Refusal("sessions-uncounted", count=1)
    closed = done(await activities.ask(close(region=CITY, leave_uncounted=True)), PeriodState)
    assert (closed.total.frozen.sessions_held, closed.total.frozen.person_times) == (0, 0)
    done_closing(await activities.ask(CloseSession(session_id=session), region=COMMUNITY))

    history = done(await activities.query(GetCount(count_id=closed.total.count_id)), CountHistory)
    [late] = history.adjustments
    assert (late.change_id, late.sessions_held, late.person_times, late.persons) == (session, 1, 5, 5)
    assert await all_facts(home, closed.total.count_id) == []


async def test_a_period_is_closed_once_by_an_approver_of_its_region(activities: ServiceUnderTest, home: Home) -> None:
    home.move_to(at(9, day=2).replace(month=7))
    assert code(await activities.ask(close("2026-07"))) == "period-not-over"
    assert code(await activities.ask(close(), roles=["editor"])) == "not-permitted"
    assert code(await activities.ask(close(region=CITY), region=STREET)) == "not-permitted"
    query = ListCounts(region=COMMUNITY, period="2026-06")
    assert code(await activities.query(query)) == "period-open"

    rivals = await activities.ask_at_once([close() for _ in range(8)], roles=["approver"], region=COMMUNITY)

    [closed] = [each for each in rivals if isinstance(each, PeriodState)]
    refused = [each for each in rivals if isinstance(each, Refusal)]
    assert refused == [Refusal("period-closed", period_id=str(closed.period_id))] * 7
    assert len(await activities.said(PeriodClosed)) == 1
    [count] = done(await activities.query(query), CertifiedCounts).counts
    assert count == closed.total
    elsewhere = GetCount(count_id=count.count_id)
    assert code(await activities.query(elsewhere, region="350502000000")) == "unknown-count"
    assert code(await activities.query(ListCountFacts(count_id=uuid4()))) == "unknown-count"


async def test_numbers_stay_right_when_sessions_are_closed_corrected_and_frozen_at_once(
    activities: ServiceUnderTest, home: Home
) -> None:
    """The race: six sessions of the same people closed, four counted ones corrected, two levels frozen, together."""
    people = await home.people(7)
    counted = [await held(home, people[number : number + 3], hour=10 + number) for number in range(4)]
    open_sessions = []
    for number in range(6):
        session = await home.session(60, starts_at=at(10 + number, day=4), ends_at=at(11 + number, day=4))
        came = people[number % 3 : number % 3 + 4]
        await activities.ask_together([enrol(session, [person]) for person in came])
        home.move_to(at(10 + number, day=4))
        await activities.ask_together([home.scan(session, person) for person in came])
        open_sessions.append(session)
    facts = ListStatisticsFacts(region=CITY, period="2026-06")
    mistakes = {fact.session_id: fact for fact in done(await activities.query(facts), CountFacts).facts}
    home.move_to(at(9, day=2).replace(month=7))
    rivals: list[Command[Any]] = [CloseSession(session_id=session) for session in open_sessions]
    for number, session in enumerate(counted):
        gone = mistakes[session]
        come = people[(number + 3) % 7]
        rivals.insert(2 * number, correct(session, came=(come,), not_came=(gone.attendance_id,)))
    freezing = [close(region=region, leave_uncounted=True) for region in (CITY, COMMUNITY)]
    rivals.insert(3, freezing[0])
    rivals.insert(7, freezing[1])

    answers = await activities.ask_at_once(rivals)

    assert not [answer for answer in answers if isinstance(answer, Refusal)]
    kept, recounted = await kept_and_recounted(activities.admin)
    assert kept == recounted
    now = done(await activities.query(GetStatistics(region=CITY, period="2026-06")), Statistics).total
    for period in (answer for answer in answers if isinstance(answer, PeriodState)):
        history = done(await activities.query(GetCount(count_id=period.total.count_id)), CountHistory)
        assert history.count.adjusted == now
        assert len(await all_facts(home, period.total.count_id)) == history.count.frozen.person_times


async def test_declared_heads_stand_beside_the_identified_and_are_never_added(
    activities: ServiceUnderTest, home: Home
) -> None:
    """A23: 广场舞 with 80 heads and no name is no 人次; of two declarations the last one counts."""
    session = await home.session(starts_at=at(10), ends_at=at(11))
    home.move_to(at(10))
    for heads in (60, 80):
        declared = DeclareHeadcount(
            headcount_id=uuid4(), session_id=session, heads=heads, method=HeadcountMethod.COUNTED
        )
        done(await activities.ask(declared), HeadcountState)
        home.move(minutes=1)
    done_closing(await activities.ask(CloseSession(session_id=session)))
    await held(home, await home.people(6))

    total = done(await activities.query(GetStatistics(region=CITY, period="2026-06")), Statistics).total

    assert (total.sessions_held, total.person_times, total.persons) == (1, 6, 6)
    assert (total.sessions_declared, total.declared_heads) == (1, 80)
