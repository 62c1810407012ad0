"""Children in our hands: who may fetch them, hand-over, the overdue alarm, health notes (A27, A28)."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest

from contracts.activities.v1 import (
    AttendanceMark,
    AttendanceState,
    AuthorisePickUp,
    ChildHandedOver,
    ChildOverdue,
    CloseSession,
    ConsentWithdrawalApplied,
    EndPickUp,
    EnrolmentState,
    GetDoor,
    GiveHealthNote,
    HandOver,
    HandOverState,
    HealthNotes,
    HealthNoteState,
    HeldByActivities,
    ListPickUps,
    PickUpEnded,
    PickUps,
    PickUpState,
    ReadHealthNotes,
    Scan,
    UploadScans,
    WithdrawHealthNote,
)
from contracts.data import AgeBand
from contracts.holdings import Holdings
from contracts.refusals import Refusal
from contracts.registry.v1 import ConsentPurpose, ConsentWithdrawn
from services.activities.health_notes.earlier import seal_batch
from tests.activities.duty import Helper, child_of, keeper_of, take_into_care
from tests.activities.lent_keys import ERASED
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import Servers

LATER = date(2026, 12, 31)
PEANUTS = "对花生过敏"


class Afternoon:
    """四点半课堂 from 15:00 to 17:00, with one child inside since 15:00, her mother, and a cleared volunteer."""

    def __init__(self, home: Home, session: UUID, mother: UUID, child: UUID, helper: Helper, keeper: UUID) -> None:
        self.home, self.session, self.mother, self.child = home, session, mother, child
        self.helper, self.keeper = helper, keeper

    @classmethod
    async def begun(cls, home: Home, inside: bool = True) -> "Afternoon":
        await take_into_care(home)
        session, mother, keeper = await home.session(), await home.person(), await keeper_of(home)
        child = await child_of(home, mother)
        helper = await (await Helper.joined(home, uuid4())).cleared(LATER)
        await helper.on_duty(session, at(15), at(17))
        done(await home.service.ask(enrol(session, [child], contact=mother)), EnrolmentState)
        home.move_to(at(15))
        if inside:
            done(await home.service.ask(home.scan(session, child)), AttendanceState)
        return cls(home, session, mother, child, helper, keeper)

    def pick_up(self, person: UUID, **changes: Any) -> AuthorisePickUp:
        values: dict[str, Any] = {
            "pick_up_id": uuid4(),
            "child_id": self.child,
            "person_id": person,
            "site_id": self.home.site_id,
            "given_by": self.mother,
        }
        return AuthorisePickUp(**(values | changes))

    async def authorised(self, person: UUID, **changes: Any) -> PickUpState:
        return done(await self.home.service.ask(self.pick_up(person, **changes)), PickUpState)

    def hand_over(self, receiver: UUID, **changes: Any) -> HandOver:
        values: dict[str, Any] = {
            "hand_over_id": uuid4(),
            "session_id": self.session,
            "child_id": self.child,
            "received_by": receiver,
            "signature": "paper:14",
            "occurred_at": self.home.service.clock.now(),
        }
        return HandOver(**(values | changes))

    async def handed(self, receiver: UUID, **changes: Any) -> HandOverState | Refusal:
        return await self.home.service.ask(self.hand_over(receiver, **changes))

    def note(self, **changes: Any) -> GiveHealthNote:
        values: dict[str, Any] = {
            "note_id": uuid4(),
            "child_id": self.child,
            "site_id": self.home.site_id,
            "given_by": self.mother,
            "text": PEANUTS,
            "until": LATER,
        }
        return GiveHealthNote(**(values | changes))

    async def read(self, reader: UUID | str) -> list[str] | str:
        answer = await self.home.service.query(ReadHealthNotes(session_id=self.session), actor=str(reader))
        return [note.text for note in answer.notes] if isinstance(answer, HealthNotes) else code(answer)

    async def overdue(self) -> list[ChildOverdue]:
        return [fact for fact in await self.home.service.said(ChildOverdue) if fact.session_id == self.session]


async def test_a_mother_fetches_her_child_and_nobody_by_a_mere_check_out(door: Home) -> None:
    afternoon = await Afternoon.begun(door)
    door.move_to(at(17))
    out = door.scan(afternoon.session, afternoon.child, AttendanceMark.CHECK_OUT)

    assert code(await door.service.ask(out)) == "hand-over-needed"
    done(await afternoon.handed(afternoon.mother), HandOverState)

    [fact] = [each for each in await door.service.said(ChildHandedOver) if each.child_id == afternoon.child]
    assert (fact.received_by, fact.late) == (afternoon.mother, False)
    again = await afternoon.handed(afternoon.mother)
    assert again == Refusal("already-left", since="2026-06-03T17:00:00+08:00")
    screen: Any = await door.service.query(GetDoor(session_id=afternoon.session))
    [entry] = screen.entries
    assert (entry.presence.value, entry.hand_over) == ("left", True)


async def test_no_session_is_closed_over_a_child_that_is_still_inside(door: Home) -> None:
    """Whoever comes first, the hand-over or the closing: the child goes into somebody's hands."""
    afternoon = await Afternoon.begun(door)
    door.move_to(at(17))
    close = CloseSession(session_id=afternoon.session)

    assert await door.service.ask(close) == Refusal("children-inside", count=1)
    handed, *closings = await door.service.ask_at_once([afternoon.hand_over(afternoon.mother), close, close, close])

    done(handed, HandOverState)
    assert {code(each) for each in closings} <= {"children-inside", "closed"}
    assert code(await door.service.ask(close)) == "closed"


async def test_a_stranger_gets_no_child(door: Home) -> None:
    afternoon, stranger = await Afternoon.begun(door), await door.person()
    refused = await afternoon.handed(stranger, checked_by=afternoon.helper.person_id)
    assert refused == Refusal("not-authorised", person_id=str(stranger))


async def test_whom_the_mother_named_today_is_looked_at_by_a_second_person_on_duty(door: Home) -> None:
    afternoon, aunt = await Afternoon.begun(door), await door.person()
    await afternoon.authorised(aunt)
    officer = str(uuid4())

    async def fetch(checked_by: UUID | None, actor: str = officer) -> HandOverState | Refusal:
        return await door.service.ask(afternoon.hand_over(aunt, checked_by=checked_by), actor=actor)

    needed = Refusal("second-check-needed", why="new-authorisation")
    assert await fetch(None) == needed
    assert await fetch(await door.person()) == needed  # not on duty
    assert await fetch(aunt) == needed
    assert await fetch(afternoon.keeper, actor=str(afternoon.keeper)) == needed  # not oneself
    done(await fetch(afternoon.keeper), HandOverState)


async def test_who_came_before_needs_no_second_look_and_who_is_new_to_the_child_does(door: Home) -> None:
    afternoon, aunt = await Afternoon.begun(door, inside=False), await door.person()
    door.move_to(at(9, day=1))
    await afternoon.authorised(aunt)
    door.move_to(at(15))
    for checked_by, expected in ((None, "first-time"), (afternoon.helper.person_id, None)):
        await door.service.ask(door.scan(afternoon.session, afternoon.child))
        answer = await afternoon.handed(aunt, checked_by=checked_by)
        assert answer.params["why"] == expected if isinstance(answer, Refusal) else expected is None
    door.move(minutes=5)
    await door.service.ask(door.scan(afternoon.session, afternoon.child))

    done(await afternoon.handed(aunt), HandOverState)


async def test_an_authorisation_that_ended_or_lapsed_opens_nothing(door: Home) -> None:
    afternoon, aunt, uncle = await Afternoon.begun(door), await door.person(), await door.person()
    named = await afternoon.authorised(aunt)
    await afternoon.authorised(uncle, until=date(2026, 6, 2))
    end = EndPickUp(pick_up_id=named.pick_up_id, given_by=afternoon.mother)

    assert code(await door.service.ask(end.model_copy(update={"given_by": aunt}))) == "not-the-guardian"
    assert done(await door.service.ask(end), PickUpState).ended
    assert code(await door.service.ask(end)) == "pick-up-ended"
    for person in (aunt, uncle):
        assert code(await afternoon.handed(person, checked_by=afternoon.keeper)) == "not-authorised"
    asked = ListPickUps(session_id=afternoon.session, child_id=afternoon.child)
    listed = done(await door.service.query(asked), PickUps)
    assert (listed.guardian_id, listed.pick_ups) == (afternoon.mother, ())
    assert code(await door.service.query(asked.model_copy(update={"child_id": aunt}))) == "unknown-person"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"given_by": uuid4()}, "not-the-guardian"),
        ({"site_id": uuid4()}, "unknown-site"),
        ({"person_id": uuid4()}, "unknown-person"),
        ({"child_id": uuid4()}, "unknown-person"),
    ],
)
async def test_only_the_guardian_names_somebody_known(door: Home, changes: dict[str, UUID], reason: str) -> None:
    afternoon, aunt = await Afternoon.begun(door), await door.person()
    assert code(await door.service.ask(afternoon.pick_up(aunt, **changes))) == reason


async def test_a_big_sister_of_sixteen_may_not_fetch_and_an_adult_is_no_child(door: Home) -> None:
    afternoon, sister, aunt = await Afternoon.begun(door), await door.person(AgeBand.TEEN), await door.person()

    assert code(await door.service.ask(afternoon.pick_up(sister))) == "too-young-to-fetch"
    assert code(await door.service.ask(afternoon.pick_up(aunt, child_id=aunt))) == "not-a-child"
    named = await afternoon.authorised(aunt)
    assert await door.service.ask(afternoon.pick_up(aunt)) == Refusal(
        "pick-up-exists", pick_up_id=str(named.pick_up_id)
    )


async def test_of_rival_hand_overs_one_takes_the_child(door: Home) -> None:
    afternoon = await Afternoon.begun(door)
    door.move_to(at(17))

    answers = await door.service.ask_at_once(afternoon.hand_over(afternoon.mother) for _ in range(8))

    assert sorted(getattr(each, "code", "done") for each in answers) == ["already-left"] * 7 + ["done"]
    assert sum(each.child_id == afternoon.child for each in await door.service.said(ChildHandedOver)) == 1


async def test_a_child_nobody_fetches_raises_the_alarm_once_the_grace_is_over(door: Home) -> None:
    afternoon = await Afternoon.begun(door)
    door.move_to(at(17, 14))
    await door.service.fire_timers()
    assert await afternoon.overdue() == []

    door.move_to(at(17, 15))
    await door.service.fire_timers()
    door.move_to(at(18))
    await door.service.fire_timers()

    [fact] = await afternoon.overdue()
    assert fact.tell == (afternoon.mother, afternoon.helper.person_id, afternoon.keeper)
    assert done(await afternoon.handed(afternoon.mother), HandOverState).version == 2
    [left] = [each for each in await door.service.said(ChildHandedOver) if each.child_id == afternoon.child]
    assert left.late


async def test_a_child_that_was_fetched_raises_no_alarm(door: Home) -> None:
    afternoon = await Afternoon.begun(door)
    door.move_to(at(17))
    done(await afternoon.handed(afternoon.mother), HandOverState)

    door.move_to(at(17, 30))
    await door.service.fire_timers()

    assert await afternoon.overdue() == []


async def test_a_check_in_that_is_uploaded_after_the_time_raises_the_alarm_at_once(door: Home) -> None:
    afternoon = await Afternoon.begun(door, inside=False)
    came = door.scan(afternoon.session, afternoon.child, occurred_at=at(15))
    scan = Scan(**{name: value for name, value in came if name in Scan.model_fields})
    door.move_to(at(17, 40))

    await door.service.ask(UploadScans(device_id=uuid4(), device_time=at(17, 40), scans=(scan,)))

    assert [fact.child_id for fact in await afternoon.overdue()] == [afternoon.child]


async def test_health_notes_open_on_the_day_to_those_on_duty_alone(door: Home) -> None:
    afternoon, officer = await Afternoon.begun(door), uuid4()
    done(await door.service.ask(afternoon.note()), HealthNoteState)

    assert await afternoon.read(afternoon.helper.person_id) == [PEANUTS]
    assert await afternoon.read(afternoon.keeper) == [PEANUTS]
    read = await door.service.admin.fetch(
        "SELECT actor, thing, reason FROM audit WHERE action = 'record-read' AND about = $1 ORDER BY id",
        afternoon.child,
    )
    readers = [str(afternoon.helper.person_id), str(afternoon.keeper)]
    assert [tuple(row) for row in read] == [(reader, afternoon.session, "health-note") for reader in readers]
    for outsider in (officer, afternoon.mother, "service:gateway"):
        assert await afternoon.read(outsider) == "not-on-duty"
    door.move_to(at(0, 1, day=4))
    assert await afternoon.read(afternoon.keeper) == "not-today"
    screen: Any = await door.service.query(GetDoor(session_id=afternoon.session))
    assert screen.entries[0].health_note


async def test_what_a_note_says_is_in_no_event_and_no_stored_answer_and_is_erased(door: Home) -> None:
    afternoon = await Afternoon.begun(door)
    first, second = afternoon.note(), afternoon.note(text=f"{PEANUTS}和牛奶过敏", until=date(2026, 6, 4))
    for note in (first, second):
        done(await door.service.ask(note), HealthNoteState)

    assert await afternoon.read(afternoon.keeper) == [f"{PEANUTS}和牛奶过敏"]
    [spread] = await door.service.admin.fetch(
        "SELECT (SELECT count(*) FROM outbox WHERE body LIKE $1) + (SELECT count(*) FROM command_log "
        "WHERE convert_from(outcome, 'UTF8') LIKE $1) + (SELECT count(*) FROM health_note AS n "
        "WHERE n::text LIKE $1 OR position(convert_to($2, 'UTF8') IN sealed) > 0) AS found", f"%{PEANUTS}%", PEANUTS,
    )  # fmt: skip
    assert spread["found"] == 0
    withdraw = WithdrawHealthNote(note_id=second.note_id, given_by=uuid4())
    assert code(await door.service.ask(withdraw)) == "not-the-guardian"
    door.move_to(at(0, 0, day=5))
    await door.service.fire_timers()
    assert code(await door.service.ask(withdraw)) == "unknown-health-note"


async def test_a_note_is_withdrawn_as_easily_as_it_was_given(door: Home) -> None:
    afternoon = await Afternoon.begun(door)
    note = afternoon.note()
    await door.service.ask(note)

    assert code(await door.service.ask(note)) == "health-note-exists"
    await door.service.ask(WithdrawHealthNote(note_id=note.note_id, given_by=afternoon.mother))

    assert await afternoon.read(afternoon.keeper) == []
    assert code(await door.service.ask(afternoon.note(until=date(2026, 6, 2)))) == "date-wrong"
    assert code(await door.service.ask(afternoon.note(until=date(2027, 6, 5)))) == "date-wrong"
    assert code(await door.service.ask(afternoon.note(given_by=uuid4()))) == "not-the-guardian"


async def test_what_a_note_says_ends_with_the_childs_key_and_waits_for_registry(door: Home, servers: Servers) -> None:
    afternoon = await Afternoon.begun(door)
    done(await door.service.ask(afternoon.note()), HealthNoteState)

    ERASED.add(afternoon.child)
    assert await afternoon.read(afternoon.keeper) == [], "a backup brings the row back, and nobody reads it"
    assert code(await door.service.ask(afternoon.note())) == "unknown-person"
    ERASED.clear()
    assert await afternoon.read(afternoon.keeper) == [PEANUTS]

    away = await nats.connect(servers.nats_url)
    await away.close()
    connected, door.service.running.nats = door.service.running.nats, away
    try:
        assert code(await door.service.ask(afternoon.note())) == "unavailable"
        assert await afternoon.read(afternoon.keeper) == "unavailable"
    finally:
        door.service.running.nats = connected


async def test_notes_of_an_earlier_release_are_sealed_and_told_in_the_copy(door: Home) -> None:
    afternoon = await Afternoon.begun(door)
    note = afternoon.note()
    done(await door.service.ask(note), HealthNoteState)
    await door.service.admin.execute(
        "UPDATE health_note SET sealed = NULL, text = $2 WHERE note_id = $1", note.note_id, PEANUTS
    )

    assert await seal_batch(door.service.running) == 1
    assert await seal_batch(door.service.running) == 0

    assert await afternoon.read(afternoon.keeper) == [PEANUTS]
    who: dict[str, Any] = {"actor": "service:registry", "roles": ("service",)}
    held = done(await door.service.query(HeldByActivities(person_id=afternoon.child), **who), Holdings)
    [told] = [record for record in held.records if record.kind == "health_note"]
    assert {fact.name: fact.value for fact in told.facts}["text"] == PEANUTS


async def test_a_note_goes_with_the_consent_to_taking_part(door: Home) -> None:
    afternoon = await Afternoon.begun(door)
    done(await door.service.ask(afternoon.note()), HealthNoteState)
    withdrawn = ConsentWithdrawn(person_id=afternoon.child, purpose=ConsentPurpose.ACTIVITIES)

    await door.service.hear(withdrawn, region=COMMUNITY, version=3)

    kept = "SELECT count(*) FROM health_note WHERE child_id = $1"
    assert await door.service.admin.fetchval(kept, afternoon.child) == 0
    [applied] = [
        each for each in await door.service.said(ConsentWithdrawalApplied) if each.person_id == afternoon.child
    ]
    assert "health-notes-erased" in applied.effects


async def test_an_authorisation_whose_last_day_is_over_is_given_anew(door: Home) -> None:
    afternoon, aunt = await Afternoon.begun(door, inside=False), await door.person()
    lapsed = await afternoon.authorised(aunt, until=date(2026, 6, 3))
    assert code(await door.service.ask(afternoon.pick_up(aunt))) == "pick-up-exists"
    door.move_to(at(9, day=4))

    anew = await afternoon.authorised(aunt, until=LATER)

    assert anew.pick_up_id != lapsed.pick_up_id
    ended = [each.pick_up_id for each in await door.service.said(PickUpEnded) if each.child_id == afternoon.child]
    assert ended == [lapsed.pick_up_id]
