"""Offline devices: all good scans count, bad ones are named, nothing counts twice, clocks may be wrong (A19)."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    AttendanceMark,
    AttendanceRecorded,
    CloseSession,
    GetPasses,
    Passes,
    RecordAttendance,
    Scan,
    SessionClosed,
    SessionState,
    UploadScans,
    UploadSummary,
)
from contracts.data import AgeBand
from tests.activities.world import Home, at, code, done, enrol

OUT = AttendanceMark.CHECK_OUT


def taken(home: Home, session: UUID, person: UUID | None, moment: datetime, **more: Any) -> Scan:
    single: RecordAttendance = home.scan(session, person or uuid4(), occurred_at=moment, **more)
    values = {name: value for name, value in single if name in Scan.model_fields}
    return Scan(**(values | ({} if person else {"person_id": None})))


def upload(home: Home, scans: Sequence[Scan], ahead: timedelta = timedelta(0)) -> UploadScans:
    return UploadScans(device_id=uuid4(), device_time=home.service.clock.now() + ahead, scans=tuple(scans))


def results(outcome: Any) -> Counter[str]:
    return Counter(each.result for each in done(outcome, UploadSummary).results)


async def test_contest_3_forty_scans_of_two_phones_six_the_same_children_uploaded_twice(door: Home) -> None:
    """40 scans made offline on two phones, 6 of them the same children; upload twice; 34 attendances."""
    session = await door.session(60)
    children = await door.people(34, AgeBand.SCHOOL, consent=True)
    await door.service.ask_together([enrol(session, [child]) for child in children])
    phone_a = [taken(door, session, child, at(15)) for child in children[:20]]
    phone_b = [taken(door, session, child, at(15, 2)) for child in children[14:]]
    assert len(phone_a) + len(phone_b) == 40
    door.move_to(at(18))

    first = [await door.service.ask(upload(door, scans)) for scans in (phone_a, phone_b)]
    door.move(minutes=5)
    again = [await door.service.ask(upload(door, scans)) for scans in (phone_a, phone_b)]

    assert [results(each) for each in first] == [{"counted": 20}, {"counted": 14, "already-inside": 6}]
    assert [done(each, UploadSummary).results for each in again] == [
        done(each, UploadSummary).results for each in first
    ]
    done(await door.service.ask(CloseSession(session_id=session)), SessionState)
    [fact] = [each for each in await door.service.said(SessionClosed) if each.session_id == session]
    assert (fact.person_times, fact.persons) == (34, 34)
    assert sum(each.session_id == session for each in await door.service.said(AttendanceRecorded)) == 34


async def test_bad_scans_are_named_and_their_neighbours_count(door: Home) -> None:
    session, [one, two, three] = await door.seated(3)
    family = await door.family(session, 1)
    await door.service.ask(family)
    [shown] = done(await door.service.query(GetPasses(enrolment_id=family.enrolment_id)), Passes).passes
    scans = [
        taken(door, session, one, at(14, 20), mark=OUT),  # taken after, sent before: order is that of the clock
        taken(door, session, one, at(14, 5)),
        taken(door, session, two, at(13)),
        taken(door, session, uuid4(), at(14, 6)),
        taken(door, uuid4(), three, at(14, 6)),
        taken(door, session, None, at(14, 7), pass_code=shown.pass_code),
        taken(door, session, None, at(14, 8), pass_code="ZZZZ-ZZZZ"),
        taken(door, session, three, at(14, 9)),
        taken(door, session, three, at(14, 10)),
    ]

    summary = done(await door.service.ask(upload(door, scans)), UploadSummary)

    assert [each.client_id for each in summary.results] == [each.client_id for each in scans]
    assert [each.result for each in summary.results] == [
        "counted", "counted", "too-early", "not-enrolled", "unknown-session", "counted", "unknown-code", "counted",
        "already-inside",
    ]  # fmt: skip
    assert (summary.counted, summary.refused) == (4, 5)
    assert summary.results[-1].since == at(14, 9).astimezone(UTC)


async def test_a_device_whose_clock_is_off_is_set_right_and_flagged(door: Home) -> None:
    session, [one, two] = await door.seated(2)
    fast, near = timedelta(hours=3), timedelta(minutes=4)

    off = done(await door.service.ask(upload(door, [taken(door, session, one, at(17, 10))], fast)), UploadSummary)
    good = done(await door.service.ask(upload(door, [taken(door, session, two, at(14, 29))], near)), UploadSummary)
    wild = await door.service.ask(upload(door, [taken(door, session, two, at(14, 29))], timedelta(days=2)))

    assert (off.skew_seconds, good.skew_seconds, code(wild)) == (10_800, 240, "clock-skew")
    rows = await door.service.admin.fetch(
        "SELECT attendance.person_id, flagged, occurred_at, received_at, skew_seconds FROM attendance JOIN scan "
        "USING (attendance_id) WHERE attendance.session_id = $1", session,
    )  # fmt: skip
    kept = {row["person_id"]: tuple(row)[1:] for row in rows}
    assert kept == {one: (True, at(14, 10), at(14, 30), 10_800), two: (False, at(14, 29), at(14, 30), 240)}


async def test_the_same_upload_at_once_from_rival_lines_counts_once(door: Home) -> None:
    session, people = await door.seated(6)
    scans = [taken(door, session, person, at(14, 20)) for person in people]

    answers = await door.service.ask_at_once([upload(door, scans)] * 6)

    assert [results(each) for each in answers] == [{"counted": 6}] * 6
    said = [fact for fact in await door.service.said(AttendanceRecorded) if fact.session_id == session]
    assert len(said) == 6


async def test_two_devices_with_the_same_children_at_once_count_each_once(door: Home) -> None:
    session, people = await door.seated(6)
    orders = (people, people[::-1])
    uploads = [upload(door, [taken(door, session, each, at(14, 20)) for each in order]) for order in orders]

    answers = await asyncio.gather(*(door.service.ask(each) for each in uploads))

    assert sum(done(each, UploadSummary).counted for each in answers) == 6
    assert results(answers[0]) + results(answers[1]) == {"counted": 6, "already-inside": 6}
