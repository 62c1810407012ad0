"""Outreach visits: written down once, followed up by a day, counted apart, and silent about the household (A36)."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    CloseFollowUp,
    CountActivities,
    Counts,
    CountVisits,
    FollowUpClosed,
    FollowUpList,
    FollowUpOpened,
    FollowUpOverdue,
    FollowUpPlan,
    FollowUpState,
    HeldByActivities,
    ListFollowUps,
    ListVisits,
    ReadVisitNote,
    RecordVisit,
    VisitCounts,
    VisitList,
    VisitMade,
    VisitNote,
    VisitOutcome,
    VisitState,
)
from contracts.data import AgeBand
from contracts.holdings import Holdings
from contracts.registry.v1 import PersonErased
from tests.activities.world import COMMUNITY, Home, at, code, done

ELSEWHERE = "350502000000"
NOTE = "老人独居,腿脚不便,盼有人陪诊。"


def a_visit(home: Home, visitor: UUID, household: UUID | None, **changes: Any) -> RecordVisit:
    values: dict[str, Any] = {
        "visit_id": uuid4(), "unit_id": home.unit_id, "region": COMMUNITY, "contact_id": household,
        "visitors": (visitor,), "visited_at": at(8, 30), "outcome": VisitOutcome.MET, "people_met": 2,
        "findings": ("elderly-alone",),
    }  # fmt: skip
    return RecordVisit(**(values | changes))


def follow_up(assignee: UUID, day: int = 10) -> FollowUpPlan:
    return FollowUpPlan(follow_up_id=uuid4(), measure="visit-again", assignee_id=assignee, due_on=date(2026, 6, day))


async def facts(home: Home, kind: Any, id: UUID) -> list[Any]:
    return [each for each in await home.service.said(kind) if id in (each.follow_up_id, each.visit_id)]


async def test_a_visit_is_written_down_once_and_tells_nobody_whose_door_it_was(door: Home) -> None:
    director, household = await door.people(2)
    visit = a_visit(door, director, household, note=NOTE, follow_ups=(follow_up(director),))

    answers = await door.service.ask_at_once([visit, visit.model_copy(), visit.model_copy()])
    other = await door.service.ask(visit.model_copy(update={"people_met": 3}))

    assert len({done(each, VisitState).model_dump_json() for each in answers}) == 1
    assert code(other) == "visit-exists"
    [made] = [each for each in await door.service.said(VisitMade) if each.visit_id == visit.visit_id]
    assert (made.findings, made.visitors, len(made.follow_ups)) == (("elderly-alone",), (director,), 1)
    bodies = [row["body"] for row in await door.service.admin.fetch("SELECT body FROM outbox")]
    kept = [bytes(row["outcome"]) for row in await door.service.admin.fetch("SELECT outcome FROM command_log")]
    assert not any(str(household) in body for body in bodies if "visit" in body or "follow-up" in body)
    assert not any(NOTE in body for body in bodies)
    assert not any(NOTE.encode() in each for each in kept)


async def test_a_note_is_read_by_those_involved_alone_and_erased_in_time(door: Home) -> None:
    director, helper, stranger, household = await door.people(4)
    visit = a_visit(door, director, household, note=NOTE, note_until=date(2026, 6, 12), follow_ups=(follow_up(helper),))
    await door.service.ask(visit)
    read = ReadVisitNote(visit_id=visit.visit_id)

    for reader in (director, helper):
        assert done(await door.service.query(read, actor=str(reader)), VisitNote).note == NOTE
    kept = "SELECT text, position(convert_to($2, 'UTF8') IN sealed) AS at FROM visit_note WHERE visit_id = $1"
    [row] = await door.service.admin.fetch(kept, visit.visit_id, NOTE)
    assert tuple(row) == (None, 0), "sealed with a key of the household's contact"
    service: Any = {"actor": "service:registry", "roles": ("service",)}
    held = done(await door.service.query(HeldByActivities(person_id=household), **service), Holdings)
    assert NOTE in [fact.value for record in held.records for fact in record.facts], "her copy says it"
    assert code(await door.service.query(read, actor=str(stranger))) == "not-involved"
    assert code(await door.service.query(read, actor=str(director), region=ELSEWHERE)) == "unknown-visit"
    assert code(await door.service.query(read, actor=str(director), roles=["reader"])) == "not-permitted"
    audited = await door.service.admin.fetch(
        "SELECT actor FROM audit WHERE about = $1 AND reason = 'visit-note' ORDER BY at", household
    )
    assert [row["actor"] for row in audited] == [str(director), str(helper)]

    door.move_to(at(0, day=13))
    await door.service.fire_timers()
    assert code(await door.service.query(read, actor=str(director))) == "no-note"
    [row] = await door.service.admin.fetch(
        "SELECT count(*) AS count FROM visit_note WHERE visit_id = $1", visit.visit_id
    )
    assert row["count"] == 0


async def test_what_was_written_of_a_household_goes_with_its_person(door: Home) -> None:
    director, household = await door.people(2)
    visit = a_visit(door, director, household, note=NOTE)
    await door.service.ask(visit)

    await door.service.hear(PersonErased(person_id=household), region=COMMUNITY, version=2)

    query = "SELECT count(*) FROM visit_note WHERE visit_id = $1"
    assert await door.service.admin.fetchval(query, visit.visit_id) == 0


async def test_a_follow_up_is_overdue_once_and_closed_by_one_only(door: Home) -> None:
    director, household = await door.people(2)
    in_time, late = follow_up(director), follow_up(director, 12)
    visit = a_visit(door, director, household, follow_ups=(in_time, late))
    await door.service.ask(visit)
    done_now = CloseFollowUp(follow_up_id=in_time.follow_up_id, result="aid-granted")

    twice = await door.service.ask_at_once([done_now, CloseFollowUp(follow_up_id=in_time.follow_up_id, result="moved")])
    door.move_to(at(7, 59, day=13))
    await door.service.fire_timers()
    assert await facts(door, FollowUpOverdue, visit.visit_id) == []
    door.move_to(at(8, day=13))
    for _ in range(2):
        await door.service.fire_timers()
    open_ones = ListFollowUps(region=COMMUNITY, assignee_id=director)
    listed = done(await door.service.query(open_ones), FollowUpList).follow_ups
    dropped = CloseFollowUp(follow_up_id=late.follow_up_id, done=False, result="moved-away")
    last = done(await door.service.ask(dropped), FollowUpState)

    assert sorted("done" if isinstance(each, FollowUpState) else each.code for each in twice) == [
        "done", "follow-up-closed",
    ]  # fmt: skip
    [overdue] = await facts(door, FollowUpOverdue, visit.visit_id)
    assert (overdue.follow_up_id, overdue.assignee_id, overdue.unit_id) == (late.follow_up_id, director, door.unit_id)
    assert [(each.follow_up_id, each.status.value) for each in listed] == [(late.follow_up_id, "overdue")]
    assert (last.status.value, last.version) == ("dropped", 3)
    assert len(await facts(door, FollowUpOpened, visit.visit_id)) == 2
    assert len(await facts(door, FollowUpClosed, visit.visit_id)) == 2
    assert code(await door.service.ask(CloseFollowUp(follow_up_id=uuid4(), result="x"))) == "unknown-follow-up"
    assert code(await door.service.ask(dropped, region=ELSEWHERE)) == "unknown-follow-up"


async def test_visits_have_numbers_of_their_own_and_add_nothing_to_attendance(door: Home) -> None:
    director, *households = await door.people(7)
    programme = door.programme_id
    for number, household in enumerate(households):
        findings = ("elderly-alone",) if number < 5 else ("in-difficulty",)
        await door.service.ask(a_visit(door, director, household, programme_id=programme, findings=findings))
    again = a_visit(door, director, households[0], programme_id=programme)
    shut = a_visit(door, director, None, programme_id=programme, outcome="nobody_home", people_met=0, findings=())
    for each in (again, shut):
        done(await door.service.ask(each), VisitState)
    month = {"region": COMMUNITY, "since": at(0, day=1), "until": at(0, day=30)}

    counts = done(await door.service.query(CountVisits(**month, programme_id=programme)), VisitCounts)
    attended = done(await door.service.query(CountActivities(**month)), Counts)
    elsewhere = await door.service.query(CountVisits(**month | {"region": ELSEWHERE}), region=COMMUNITY)
    visits = done(await door.service.query(ListVisits(**month, contact_id=households[0])), VisitList).visits
    child = await door.person(AgeBand.SCHOOL)
    await door.service.ask(a_visit(door, director, child))
    await door.service.query(ListVisits(**month))

    assert (counts.visits, counts.attempts, counts.households, counts.people_met) == (7, 1, 6, 14)
    assert {each.finding: each.households for each in counts.findings} == {"elderly-alone": None, "in-difficulty": None}
    assert attended.person_times == 0
    assert code(elsewhere) == "not-permitted"
    assert again.visit_id in {each.visit_id for each in visits}
    assert len(visits) == 2
    audited = await door.service.admin.fetch("SELECT about FROM audit WHERE reason = 'visits'")
    assert [row["about"] for row in audited] == [child]


async def test_what_cannot_be_is_not_written_down(door: Home) -> None:
    director, household = await door.people(2)
    good = a_visit(door, director, household)
    taken = follow_up(director)
    await door.service.ask(a_visit(door, director, household, follow_ups=(taken,)))

    async def refused(**changes: Any) -> str:
        return code(await door.service.ask(good.model_copy(update={"visit_id": uuid4()} | changes)))

    assert await refused(visited_at=at(9, 30)) == "visit-ahead"
    assert await refused(contact_id=None) == "household-missing"
    assert await refused(people_met=0) == "household-missing"
    nobody = {"contact_id": None, "outcome": VisitOutcome.NOBODY_HOME, "people_met": 0}
    assert await refused(note=NOTE, **nobody) == "note-without-household"
    assert await refused(outcome=VisitOutcome.DECLINED) == "household-missing"
    assert await refused(visitors=(uuid4(),)) == "unknown-person"
    assert await refused(programme_id=uuid4()) == "unknown-programme"
    assert await refused(follow_ups=(taken,)) == "follow-up-exists"
    assert await refused(follow_ups=(follow_up(director, 2),)) == "date-wrong"
    assert await refused(note=NOTE, note_until=date(2026, 6, 2)) == "date-wrong"
    assert code(await door.service.ask(good, region=ELSEWHERE)) == "not-permitted"
