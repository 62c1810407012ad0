"""Scans at the door: offline uploads never count twice, undo leaves a trace, counts are certified once (A17-A24)."""

from collections import Counter
from datetime import UTC, timedelta
from uuid import uuid4

from contracts.activities.v1 import (
    AttendanceMark,
    AttendanceRecorded,
    AttendanceReverted,
    AttendanceState,
    CancelSession,
    CloseSession,
    CountActivities,
    GetRoster,
    RevertAttendance,
    Roster,
    SessionClosed,
    SessionState,
)
from contracts.data import AgeBand
from contracts.refusals import Refusal
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest

OUT = AttendanceMark.CHECK_OUT


def reached(outcomes: list[AttendanceState | Refusal]) -> Counter[str]:
    """How many came in, and how many were refused for which reason."""
    return Counter("inside" if isinstance(outcome, AttendanceState) else outcome.code for outcome in outcomes)


async def test_forty_scans_on_two_phones_uploaded_twice_are_34_attendances(
    activities: ServiceUnderTest, home: Home
) -> None:
    """Contest 3: 40 scans made offline on two phones, 6 of them of the same children."""
    session = await home.session(60)
    children = await home.people(34, AgeBand.SCHOOL, consent=True)
    await activities.ask_together([enrol(session, [child]) for child in children])
    home.move_to(at(15))
    phone_a = [home.scan(session, child) for child in children[:20]]
    phone_b = [home.scan(session, child, occurred_at=at(15, 2)) for child in children[14:]]
    home.move_to(at(18))

    first = [reached(await activities.ask_together(scans)) for scans in (phone_a, phone_b)]
    again = [reached(await activities.ask_together(scans)) for scans in (phone_b, phone_a)]

    assert first == [{"inside": 20}, {"inside": 14, "already-inside": 6}]
    assert again == [{"inside": 14, "already-inside": 6}, {"inside": 20}]
    assert len(await activities.said(AttendanceRecorded)) == 34
    closed = done(await activities.ask(CloseSession(session_id=session)), SessionState)
    [fact] = await activities.said(SessionClosed)
    assert (fact.person_times, fact.persons, fact.held, fact.rule) == (34, 34, True, "attendance-count-1")
    assert closed.status.value == "closed"


async def test_the_same_uploads_at_once_count_once(activities: ServiceUnderTest, home: Home) -> None:
    session, [child] = await home.seated(1)
    scan = home.scan(session, child)

    answers = await activities.ask_at_once([scan] * 8)

    assert len({done(answer, AttendanceState).attendance_id for answer in answers}) == 1
    assert len(await activities.said(AttendanceRecorded)) == 1


async def test_of_rival_phones_at_the_door_one_counts(activities: ServiceUnderTest, home: Home) -> None:
    session, [child] = await home.seated(1)

    answers = await activities.ask_at_once(home.scan(session, child) for _ in range(8))

    assert reached(answers) == {"inside": 1, "already-inside": 7}
    refusal = next(answer for answer in answers if isinstance(answer, Refusal))
    assert refusal.params == {"since": "2026-06-03T14:30:00+08:00"}
    assert await activities.count("attendance") == 1


async def test_one_upload_may_hold_coming_and_going_and_other_people(activities: ServiceUnderTest, home: Home) -> None:
    session, [child, other] = await home.seated(2)
    scans = [
        home.scan(session, child, occurred_at=at(14, 10)),
        home.scan(session, other, OUT, occurred_at=at(14, 11)),
        home.scan(session, child, OUT, occurred_at=at(14, 12)),
        home.scan(session, uuid4(), occurred_at=at(14, 13)),
        home.scan(session, child, occurred_at=at(14, 14)),
        home.scan(uuid4(), child),
    ]

    answers = await activities.ask_together([*scans, scans[0]])

    assert list(map(_word, answers)) == [
        "inside", "not-inside", "outside", "not-enrolled", "inside", "unknown-session", "inside",
    ]  # fmt: skip
    came_back = done(answers[4], AttendanceState)
    assert (came_back.checked_in_at, came_back.version) == (at(14, 10), 3)
    assert answers[6] == came_back
    assert await activities.count("attendance") == 1


def _word(outcome: AttendanceState | Refusal) -> str:
    if isinstance(outcome, Refusal):
        return outcome.code
    return "inside" if outcome.inside else "outside"


async def test_the_roster_shows_who_is_inside_now(activities: ServiceUnderTest, home: Home) -> None:
    session, people = await home.session(), await home.people(3)
    await activities.ask(enrol(session, people))
    home.move_to(at(15))
    await activities.ask_together([home.scan(session, person) for person in people[:2]])
    await activities.ask(home.scan(session, people[0], OUT))

    roster = done(await activities.query(GetRoster(session_id=session)), Roster)

    [entry] = roster.entries
    assert (entry.people, entry.present) == (tuple(people), (people[1],))


async def test_only_a_confirmed_seat_opens_the_door(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(1)
    seat, waiting = await home.families(session, 1, 1)
    await activities.ask_together([seat, waiting])
    home.move_to(at(14))

    answers = await activities.ask_together([home.scan(session, each.people[0]) for each in (seat, waiting)])

    assert reached(answers) == {"inside": 1, "not-enrolled": 1}


async def test_whoever_is_at_the_wrong_door_is_told_the_right_one(activities: ServiceUnderTest, home: Home) -> None:
    here = await home.session()
    evening = await home.session(starts_at=at(19), ends_at=at(20))
    tomorrow = await home.session(starts_at=at(15, day=4), ends_at=at(16, day=4))
    [now, later, other_day] = await home.people(3)
    for session, person in ((here, now), (evening, later), (tomorrow, other_day)):
        await activities.ask(enrol(session, [person]))
    home.move_to(at(15))

    answers = await activities.ask_together([home.scan(here, person) for person in (now, later, other_day)])

    assert answers[1] == Refusal("wrong-session", session_id=str(evening))
    assert [_word(answers[0]), _word(answers[2])] == ["inside", "not-enrolled"]


async def test_scans_out_of_time_are_refused_and_leave_nothing(activities: ServiceUnderTest, home: Home) -> None:
    session, [child] = await home.seated(1)

    early = await activities.ask(home.scan(session, child, occurred_at=at(13, 59)))
    ahead = await activities.ask(home.scan(session, child, occurred_at=at(14, 36)))

    assert early == Refusal("too-early", from_time="2026-06-03T14:00:00+08:00")
    assert code(ahead) == "clock-skew"
    assert await activities.count("attendance") + await activities.count("scan") == 0


async def test_nobody_checks_in_to_a_cancelled_or_counted_session(activities: ServiceUnderTest, home: Home) -> None:
    session, [child, late] = await home.seated(2)
    scan = home.scan(session, child)
    first = await activities.ask(scan)
    home.move_to(at(17))
    await activities.ask(CloseSession(session_id=session))
    cancelled = await home.session(starts_at=at(18), ends_at=at(19))
    await activities.ask(CancelSession(session_id=cancelled, reason="停电"))

    assert code(await activities.ask(home.scan(session, late))) == "attendance-closed"
    assert code(await activities.ask(home.scan(session, child, OUT))) == "attendance-closed"
    assert await activities.ask(scan) == first
    assert code(await activities.ask(home.scan(cancelled, child))) == "session-cancelled"


async def test_a_reverted_check_in_leaves_its_trace_and_does_not_count(
    activities: ServiceUnderTest, home: Home
) -> None:
    session, [child, other] = await home.seated(2)
    scan = home.scan(session, child)
    mistaken = done(await activities.ask(scan), AttendanceState)
    await activities.ask(home.scan(session, other))
    revert = RevertAttendance(attendance_id=mistaken.attendance_id)

    reverted = done(await activities.ask(revert), AttendanceState)

    assert (reverted.inside, reverted.version) == (False, 2)
    assert code(await activities.ask(revert)) == "already-reverted"
    assert await activities.ask(scan) == reverted  # the old upload comes again: nobody rises from it
    assert [fact.person_id for fact in await activities.said(AttendanceReverted)] == [child]
    assert await activities.count("attendance") == 2
    assert await activities.count("scan") == 2

    home.move_to(at(16))
    later = done(await activities.ask(home.scan(session, child)), AttendanceState)
    assert later.attendance_id != mistaken.attendance_id
    await activities.ask(RevertAttendance(attendance_id=later.attendance_id))
    await activities.ask(CloseSession(session_id=session))
    [fact] = await activities.said(SessionClosed)
    assert fact.person_times == 1
    still = RevertAttendance(attendance_id=later.attendance_id)
    assert code(await activities.ask(still)) == "attendance-closed"
    assert code(await activities.ask(RevertAttendance(attendance_id=uuid4()))) == "unknown-attendance"


async def test_of_rivals_taking_a_scan_back_one_does(activities: ServiceUnderTest, home: Home) -> None:
    session, [child] = await home.seated(1)
    state = done(await activities.ask(home.scan(session, child)), AttendanceState)

    answers = await activities.ask_at_once([RevertAttendance(attendance_id=state.attendance_id)] * 8)

    assert sorted(isinstance(answer, Refusal) for answer in answers) == [False] + [True] * 7
    assert len(await activities.said(AttendanceReverted)) == 1


async def test_a_scan_keeps_the_clock_of_the_device_and_of_the_service(
    activities: ServiceUnderTest, home: Home
) -> None:
    session, [child] = await home.seated(1)
    scanned_at = at(14, 20).astimezone(UTC)
    await activities.ask(home.scan(session, child, occurred_at=scanned_at))

    [fact] = await activities.said(AttendanceRecorded)
    clocks = await activities.admin.fetchrow("SELECT occurred_at, received_at FROM scan")
    assert fact.occurred_at == scanned_at
    assert clocks is not None
    assert tuple(clocks) == (scanned_at, scanned_at + timedelta(minutes=10))


async def test_nobody_scans_reverts_or_counts_outside_the_own_subtree(activities: ServiceUnderTest, home: Home) -> None:
    session, [child] = await home.seated(1)
    state = done(await activities.ask(home.scan(session, child)), AttendanceState)
    away = "350502000000"
    home.move_to(at(16))

    revert = RevertAttendance(attendance_id=state.attendance_id)
    assert code(await activities.ask(revert, region=away)) == "unknown-attendance"
    for command in (
        home.scan(session, child, OUT),
        CloseSession(session_id=session),
        CancelSession(session_id=session, reason="台风"),
    ):
        assert code(await activities.ask(command, region=away)) == "not-permitted"
    query = CountActivities(region=COMMUNITY, since=at(0), until=at(23))
    assert code(await activities.query(query, region=away)) == "not-permitted"
