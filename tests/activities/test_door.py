"""At the door: passes, the code on the screen, walk-ins, paper, online, and what the screen shows (A17-A26, A32)."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.activities.v1 import (
    AbsenceExcused,
    AbsenceUnexcused,
    AttendanceMark,
    AttendanceMethod,
    AttendanceState,
    CloseSession,
    DeclareHeadcount,
    Door,
    DoorEntry,
    EnrolmentConfirmed,
    GetDoor,
    GetPasses,
    GetSessionReport,
    HeadcountDeclared,
    HeadcountMethod,
    HeadcountState,
    MarkExcused,
    OnSiteCode,
    Pass,
    Passes,
    PresenceState,
    RevertAttendance,
    SessionClosed,
    SessionMode,
    SessionReport,
    ShowOnSiteCode,
)
from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import ConsentGiven, ConsentPurpose
from services.activities.door import passes
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import SOMEBODY

SECRET = b"violet river lantern"
OUT = AttendanceMark.CHECK_OUT


async def passes_of(home: Home, session: UUID, people: list[UUID]) -> list[Pass]:
    family = enrol(session, people)
    await home.service.ask(family)
    told = done(await home.service.query(GetPasses(enrolment_id=family.enrolment_id)), Passes)
    return list(told.passes)


async def scan(home: Home, session: UUID, person: UUID | None = None, **more: Any) -> AttendanceState | Refusal:
    return await home.service.ask(home.scan(session, person, **more))  # type: ignore[arg-type]


async def screen(home: Home, session: UUID, known: str | None = None) -> Door:
    return done(await home.service.query(GetDoor(session_id=session, known=known)), Door)


def test_a_pass_names_its_session_and_person_and_no_other_secret_opens_it() -> None:
    place, other = (uuid4(), uuid4()), (uuid4(), uuid4())
    text = passes.qr_of(SECRET, place)

    assert passes.read_qr(SECRET, text.lower()) == place
    assert passes.read_qr(b"another", text) is None
    assert passes.read_qr(SECRET, f"{passes.qr_of(SECRET, other).rpartition('-')[0]}-{text.rpartition('-')[2]}") is None
    assert all(
        passes.read_qr(SECRET, junk) is None for junk in ("", "LL1---", "LL1-U-U-U", f"LL1-{'Z' * 26}-{'Z' * 26}-0")
    )
    assert set(text) <= set(f"{passes.ALPHABET}L-")


def test_a_readable_code_forgives_dashes_case_and_look_alikes() -> None:
    place = (UUID(int=7), UUID(int=9))
    written = passes.code_of(SECRET, place)
    typed = written.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    found = passes.by_code(SECRET, [place, (UUID(int=7), UUID(int=10))])

    assert len(written) == 9
    assert found[UUID(int=7), passes.read_code(typed)] == place


def test_a_code_that_two_people_share_is_nobodys() -> None:
    place = (uuid4(), uuid4())
    assert list(passes.by_code(SECRET, [place, place]).values()) == [None]


def test_the_code_on_the_screen_lives_for_two_steps_at_most() -> None:
    session = uuid4()
    shown = passes.on_site_code(SECRET, session, at(15))

    assert passes.renew_at(at(15)) == at(15).replace(second=30)
    assert passes.is_fresh(SECRET, session, shown, at(15).replace(second=59))
    assert not passes.is_fresh(SECRET, session, shown, at(15, 1))
    assert not passes.is_fresh(SECRET, uuid4(), shown, at(15))


async def test_qr_and_readable_code_let_the_same_person_in_once(door: Home) -> None:
    session, people = await door.session(), await door.people(2)
    mother, child = await passes_of(door, session, people)
    door.move_to(at(15))

    first = done(await scan(door, session, pass_code=mother.qr), AttendanceState)
    again = await scan(door, session, pass_code=mother.pass_code.lower(), method=AttendanceMethod.CODE)
    typed = done(await scan(door, session, pass_code=child.pass_code, method=AttendanceMethod.CODE), AttendanceState)

    assert (first.person_id, code(again), typed.person_id) == (people[0], "already-inside", people[1])


async def test_a_pass_of_another_session_names_the_right_door_and_a_forged_one_nothing(door: Home) -> None:
    here, there = await door.session(), await door.session(starts_at=at(19), ends_at=at(20))
    [shown] = await passes_of(door, there, await door.people(1))
    door.move_to(at(15))

    assert await scan(door, here, pass_code=shown.qr) == Refusal("wrong-session", session_id=str(there))
    forged = f"{shown.qr[:-1]}{'0' if shown.qr[-1] != '0' else '1'}"
    for pass_code in (forged, shown.pass_code, "ABCD-EFGH"):
        assert code(await scan(door, here, pass_code=pass_code)) == "unknown-code"
    assert code(await scan(door, there, uuid4(), pass_code=shown.qr)) == "unknown-code"
    assert code(await scan(door, here)) == "unknown-code"
    assert code(await scan(door, here, uuid4(), method=AttendanceMethod.CODE)) == "unknown-code"


async def test_who_has_no_seat_has_no_pass(door: Home) -> None:
    session = await door.session(1)
    seat, waiting = await door.families(session, 1, 1)
    await door.service.ask_together([seat, waiting])

    assert code(await door.service.query(GetPasses(enrolment_id=waiting.enrolment_id))) == "no-seat-yet"
    away = await door.service.query(GetPasses(enrolment_id=seat.enrolment_id), region="350502000000")
    assert code(away) == "unknown-enrolment"


async def test_a_friends_code_from_the_screen_is_stale_a_minute_later(door: Home) -> None:
    session, people = await door.seated(2)
    shown = done(await door.service.query(ShowOnSiteCode(session_id=session)), OnSiteCode)
    in_time = door.scan(session, people[0], method=AttendanceMethod.CODE, on_site_code=shown.on_site_code)
    relayed = {"method": AttendanceMethod.CODE, "on_site_code": shown.on_site_code}

    came = done(await door.service.ask(in_time), AttendanceState)
    door.move(seconds=61)

    assert code(await scan(door, session, people[1], **relayed)) == "code-stale"
    assert code(await scan(door, session, people[1], occurred_at=at(14, 30), **relayed)) == "code-stale"
    assert await door.service.ask(in_time) == came  # what counted once is answered alike for ever


async def test_paper_needs_its_photo_and_online_half_of_the_time(door: Home) -> None:
    session = await door.session(60, mode=SessionMode.MIXED, join_link="https://live.example.org/42")
    people = await door.people(2)
    await door.service.ask_together([enrol(session, [each]) for each in people])
    door.move_to(at(18))
    paper = {"method": AttendanceMethod.PAPER, "occurred_at": at(15, 5)}
    online = {"method": AttendanceMethod.ONLINE, "occurred_at": at(16, 1)}

    assert code(await scan(door, session, people[0], **paper)) == "evidence-missing"
    done(await scan(door, session, people[0], **paper, evidence="photo:41"), AttendanceState)
    assert await scan(door, session, people[1], **online, minutes=59) == Refusal("dwell-too-short", needed=60)
    assert code(await scan(door, session, people[1], **online)) == "dwell-too-short"
    early = {**online, "occurred_at": at(15, 54), "minutes": 120}  # more than can have passed since three
    assert await scan(door, session, people[1], **early) == Refusal("dwell-too-short", needed=60)
    done(await scan(door, session, people[1], **online, minutes=60), AttendanceState)
    kept = await door.service.admin.fetch(
        "SELECT method, evidence, minutes FROM scan WHERE session_id = $1 ORDER BY method", session
    )
    assert [tuple(row) for row in kept] == [("online", None, 60), ("paper", "photo:41", None)]


async def test_nobody_is_online_in_a_room_nor_at_the_door_of_a_broadcast(door: Home) -> None:
    link = {"mode": SessionMode.ONLINE, "join_link": "https://live.example.org/42"}
    here = await door.session()
    there = await door.session(room_id=door.other_room_id, starts_at=at(12), ends_at=at(14), **link)
    [person] = await door.people(1)
    for session in (here, there):
        await door.service.ask(enrol(session, [person]))
    door.move_to(at(18))

    online = {"method": AttendanceMethod.ONLINE, "minutes": 120}
    assert await scan(door, here, person, **online, occurred_at=at(17)) == Refusal(
        "method-not-possible", method="online", mode="in_person"
    )
    for method in (AttendanceMethod.QR, AttendanceMethod.ASSISTED):
        refused = await scan(door, there, person, method=method, occurred_at=at(13))
        assert refused == Refusal("method-not-possible", method=method.value, mode="online")
    done(await scan(door, there, person, **online, occurred_at=at(14)), AttendanceState)


async def test_nobody_comes_in_half_an_hour_after_the_end_but_whoever_is_in_may_leave(door: Home) -> None:
    session, [early, late] = await door.seated(2)
    await scan(door, session, early)
    door.move_to(at(18))

    late_scan = await scan(door, session, late, occurred_at=at(17, 31))
    assert late_scan == Refusal("check-in-over", until_time="2026-06-03T17:30:00+08:00")
    assert not done(await scan(door, session, early, mark=OUT), AttendanceState).inside


async def test_a_walk_in_takes_a_seat_that_is_left_and_counts_like_anybody(door: Home) -> None:
    session, [seated] = await door.session(2), await door.people(1)
    await door.service.ask(enrol(session, [seated]))
    [stranger, too_many] = await door.people(2)
    door.move_to(at(15, 10))

    came = done(await scan(door, session, stranger, walk_in=True), AttendanceState)

    assert came.walk_in
    assert code(await scan(door, session, too_many, walk_in=True)) == "no-walk-in-seat"
    assert code(await scan(door, session, too_many)) == "not-enrolled"
    assert code(await scan(door, session, uuid4(), walk_in=True)) == "unknown-person"
    assert [fact.people for fact in await door.service.said(EnrolmentConfirmed) if fact.session_id == session] == [
        (seated,), (stranger,),
    ]  # fmt: skip
    assert (await door.find(session)).seats_taken == 2


async def test_a_walk_in_is_of_the_audience_and_a_child_needs_consent(door: Home) -> None:
    session = await door.session(audience=(AgeBand.SCHOOL,))
    adult, known, unknown = (
        await door.person(),
        await door.person(AgeBand.SCHOOL, True),
        await door.person(AgeBand.SCHOOL),
    )
    door.move_to(at(15))

    outcomes = await door.service.ask_together(
        [door.scan(session, person, walk_in=True) for person in (adult, known, unknown)]
    )

    assert [getattr(each, "code", "in") for each in outcomes] == ["not-eligible", "in", "guardian-consent-missing"]


async def test_of_rival_walk_ins_one_gets_the_last_seat(door: Home) -> None:
    session, rivals = await door.session(1), await door.people(8)
    door.move_to(at(15))

    answers = await door.service.ask_at_once(door.scan(session, each, walk_in=True) for each in rivals)

    assert sorted(getattr(each, "code", "in") for each in answers) == ["in"] + ["no-walk-in-seat"] * 7
    assert (await door.find(session)).seats_taken == 1


async def test_a_family_that_waits_does_not_walk_in_past_its_offer(door: Home) -> None:
    session = await door.session(2)
    await door.enrolled(session, 1)
    [waiting] = await door.families(session, 2)
    await door.service.ask(waiting)
    door.move_to(at(15))

    assert code(await scan(door, session, waiting.people[0], walk_in=True)) == "not-enrolled"


async def test_the_screen_shows_who_is_in_late_gone_missing_and_excused(door: Home) -> None:
    session, people = await door.session(), await door.people(5)
    await door.service.ask_together([enrol(session, [person]) for person in people])
    in_time, late, gone, missing, excused = people
    door.move_to(at(15))
    await door.service.ask_together([door.scan(session, each) for each in (in_time, gone)])
    await door.service.ask(MarkExcused(session_id=session, person_id=excused))
    door.move_to(at(15, 20))
    await scan(door, session, late)
    await scan(door, session, gone, mark=OUT)

    shown = await screen(door, session)
    states = {entry.person_id: entry.presence.value for entry in shown.entries}

    assert states == {in_time: "present", late: "late", gone: "left", missing: "expected", excused: "excused"}
    assert (shown.expected, shown.inside, shown.left, shown.missing) == (5, 2, 1, 1)
    door.move_to(at(17))
    after = await screen(door, session, known=shown.version)
    assert {entry.person_id: entry.presence.value for entry in after.entries}[missing] == "absent"


async def test_a_screen_that_shows_it_already_is_told_only_that(door: Home) -> None:
    session, [one, two] = await door.seated(2)
    seen = [await screen(door, session)]

    async def changed() -> bool:
        """Whether the screen got a new version since the last look; asked twice, the second time never."""
        fresh = await screen(door, session, seen[-1].version)
        seen.append(fresh)
        again = await screen(door, session, fresh.version)
        assert (again.unchanged, again.entries) == (True, ())
        return not fresh.unchanged

    assert not await changed()
    state = done(await scan(door, session, one), AttendanceState)
    assert await changed()
    await door.service.ask(RevertAttendance(attendance_id=state.attendance_id))
    assert await changed()
    await scan(door, session, one)
    assert await changed()
    await door.service.ask(MarkExcused(session_id=session, person_id=two))
    assert await changed()
    await door.service.hear(ConsentGiven(person_id=two, purpose=ConsentPurpose.PHOTOS), region=COMMUNITY, version=2)
    assert await changed()
    door.move_to(at(15, 16))
    assert await changed()
    assert not await changed()


async def test_opening_the_screen_is_audited_once_for_each_child_and_watching_it_is_not(door: Home) -> None:
    session, [child] = await door.session(), await door.people(1, AgeBand.SCHOOL, consent=True)
    await door.service.ask(enrol(session, [child]))
    opened = await screen(door, session)
    door.move_to(at(15))
    await scan(door, session, child)

    async def openings() -> int:
        found = "SELECT count(*) FROM audit WHERE action = 'roster-read' AND about = $1 AND thing = $2"
        return int(await door.service.admin.fetchval(found, child, session))

    watched = await screen(door, session, opened.version)
    assert (watched.inside, await openings()) == (1, 1)
    await screen(door, session, f"{watched.version[:-1]}x")
    assert await openings() == 2
    done(await door.service.query(GetDoor(session_id=session, known=watched.version), actor="somebody-else"), Door)
    assert await openings() == 3


async def test_the_screen_marks_children_whose_face_is_not_to_be_seen(door: Home) -> None:
    session = await door.session()
    shy, seen, mother = (
        await door.person(AgeBand.SCHOOL, True),
        await door.person(AgeBand.SCHOOL, True),
        await door.person(),
    )
    await door.service.hear(ConsentGiven(person_id=seen, purpose=ConsentPurpose.PHOTOS), region=COMMUNITY, version=3)
    await door.service.ask(enrol(session, [shy, seen, mother], contact=mother))

    def marks(entry: DoorEntry) -> tuple[str, bool, bool]:
        return entry.age_band.value, entry.no_face, entry.hand_over

    entries = {entry.person_id: marks(entry) for entry in (await screen(door, session)).entries}

    assert entries == {shy: ("6-13", True, False), seen: ("6-13", False, False), mother: ("35-59", False, False)}


async def test_an_excuse_is_taken_back_and_said_once(door: Home) -> None:
    session, [one, two] = await door.seated(2)
    mark = MarkExcused(session_id=session, person_id=one)
    await scan(door, session, two)

    first = [done(await door.service.ask(mark), PresenceState).presence.value for _ in range(2)]
    back = done(await door.service.ask(mark.model_copy(update={"excused": False})), PresenceState)

    assert (first, back.presence.value) == (["excused", "excused"], "expected")
    assert code(await door.service.ask(mark.model_copy(update={"person_id": two}))) == "already-inside"
    assert code(await door.service.ask(mark.model_copy(update={"person_id": uuid4()}))) == "not-enrolled"
    excused = [each.absence_id for each in await door.service.said(AbsenceExcused) if each.session_id == session]
    taken_back = [each.absence_id for each in await door.service.said(AbsenceUnexcused) if each.session_id == session]
    assert excused == taken_back
    assert len(excused) == 1


async def test_heads_without_names_stay_apart_from_those_with(door: Home) -> None:
    session, [named, _] = await door.seated(2)
    await scan(door, session, named)
    heads = DeclareHeadcount(headcount_id=uuid4(), session_id=session, heads=43, method=HeadcountMethod.COUNTED)
    assert code(await door.service.ask(heads)) == "session-not-started"
    door.move_to(at(16))

    photo = heads.model_copy(update={"headcount_id": uuid4(), "method": HeadcountMethod.PHOTO})
    assert code(await door.service.ask(photo)) == "evidence-missing"
    done(await door.service.ask(heads), HeadcountState)
    assert code(await door.service.ask(heads)) == "headcount-exists"
    more = heads.model_copy(update={"headcount_id": uuid4(), "heads": 45})
    await door.service.ask(more)

    said = [fact for fact in await door.service.said(HeadcountDeclared) if fact.session_id == session]
    assert [(fact.heads, str(fact.declared_by)) for fact in said] == [(43, SOMEBODY), (45, SOMEBODY)]
    assert (await screen(door, session)).heads_declared == 45
    await door.service.ask(CloseSession(session_id=session))
    [closed] = [fact for fact in await door.service.said(SessionClosed) if fact.session_id == session]
    assert (closed.person_times, code(await door.service.ask(more))) == (1, "attendance-closed")


async def test_the_last_word_about_heads_counts_whichever_clock_is_ahead(door: Home) -> None:
    session = await door.session()
    door.move_to(at(16))
    for heads, seconds in ((43, 0), (45, -1)):  # the second by an instance whose clock is behind
        door.move(seconds=seconds)
        await door.service.ask(
            DeclareHeadcount(headcount_id=uuid4(), session_id=session, heads=heads, method=HeadcountMethod.COUNTED)
        )
    shown = (await screen(door, session)).heads_declared

    await door.service.ask(CloseSession(session_id=session))

    report = done(await door.service.query(GetSessionReport(session_id=session)), SessionReport)
    assert (shown, report.figures.declared_heads) == (45, 45)


@pytest.mark.parametrize("query", [GetDoor, ShowOnSiteCode])
async def test_another_regions_staff_see_no_door(door: Home, query: type[GetDoor | ShowOnSiteCode]) -> None:
    session = await door.session()
    assert code(await door.service.query(query(session_id=session), region="350502000000")) == "not-permitted"
