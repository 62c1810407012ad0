"""Whoever is restricted takes no seat; whoever is erased gives back what lies ahead, and what is over stays counted."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.activities.v1 import (
    AttendanceState,
    AuthorisePickUp,
    Calendar,
    CalendarKind,
    CreateFeed,
    EnrolmentState,
    EnrolmentStatus,
    EnrolmentWithdrawn,
    FamilyChanged,
    HeldByActivities,
    PickUpEnded,
    ReadFeed,
    SeatsOffered,
)
from contracts.data import AgeBand
from contracts.holdings import Holdings
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    PersonCorrected,
    PersonErased,
    PersonRestricted,
    RestrictionGround,
    RestrictionLifted,
)
from services.activities.custody.rules import Kin
from services.activities.enrolment.rules import Enrolment
from services.activities.rights.rules import who_answers
from tests.activities.duty import child_of
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest

ME, MAN, CHILD, GRANNY, GONE, UNHEARD = (UUID(int=number) for number in range(1, 7))
SERVICE: dict[str, Any] = {"actor": "service:registry", "roles": ("service",)}


async def test_nobody_restricted_enrols_until_it_is_lifted(activities: ServiceUnderTest, home: Home) -> None:
    session, (mother, child) = await home.session(), await home.people(2)
    restricted = PersonRestricted(person_id=child, ground=RestrictionGround.OBJECTION)
    await activities.hear(restricted, region=COMMUNITY, version=2)

    refused = await activities.ask(enrol(session, [mother, child]))
    await activities.hear(RestrictionLifted(person_id=child), region=COMMUNITY, version=3)

    assert refused == Refusal("person-restricted", person_id=str(child))
    assert code(await activities.ask(enrol(session, [mother, child]))) == "confirmed"


async def test_a_corrected_age_counts_from_then_on(activities: ServiceUnderTest, home: Home) -> None:
    session, person = await home.session(audience=(AgeBand.SENIOR,)), await home.person()
    assert code(await activities.ask(enrol(session, [person]))) == "not-eligible"

    await activities.hear(PersonCorrected(person_id=person, age_band=AgeBand.SENIOR), region=COMMUNITY, version=2)

    assert code(await activities.ask(enrol(session, [person]))) == "confirmed"


async def test_the_erased_give_their_seats_to_those_who_wait(activities: ServiceUnderTest, home: Home) -> None:
    session, over = (
        await home.session(2),
        await home.session(starts_at=at(10), ends_at=at(11), room_id=home.other_room_id),
    )
    erased, friend, next_one = await home.people(3)
    for request in (
        enrol(over, [erased]), enrol(session, [erased]), enrol(session, [friend]), enrol(session, [next_one]),
    ):  # fmt: skip
        await activities.ask(request)
    home.move_to(at(12))

    await activities.hear(PersonErased(person_id=erased), region=COMMUNITY, version=2)

    [withdrawn] = await activities.said(EnrolmentWithdrawn)
    [offered] = await activities.said(SeatsOffered)
    assert (withdrawn.session_id, withdrawn.contact_id, offered.contact_id) == (session, erased, next_one)
    assert list((await home.roster(over)).values()) == [EnrolmentStatus.CONFIRMED], "what is over was counted"
    assert await activities.ask(enrol(session, [erased])) == Refusal("unknown-person", person_id=str(erased))


async def test_what_was_decided_while_the_fact_was_on_its_way_is_given_back_too(
    activities: ServiceUnderTest, home: Home
) -> None:
    session, person = await home.session(), await home.person()
    known = await activities.admin.fetchrow("DELETE FROM person WHERE person_id = $1 RETURNING *", person)
    assert known is not None
    await activities.hear(PersonErased(person_id=person), region=COMMUNITY, version=2)
    places = ", ".join(f"${number}" for number in range(1, len(known) + 1))
    await activities.admin.execute(f"INSERT INTO person ({', '.join(known.keys())}) VALUES ({places})", *known.values())
    assert code(await activities.ask(enrol(session, [person]))) == "confirmed"

    home.move(minutes=3)
    await activities.fire_timers()

    assert await home.roster(session) == {}
    assert len(await activities.said(EnrolmentWithdrawn)) == 1


async def test_health_notes_go_with_the_child(activities: ServiceUnderTest, home: Home) -> None:
    mother, child = await home.people(2)
    await activities.admin.execute(
        "INSERT INTO health_note (note_id, child_id, site_id, given_by, given_at, until, text, region) "
        "VALUES ($1, $1, $2, $3, now(), now()::date, '花生过敏', $4)",
        *(child, home.site_id, mother, COMMUNITY),
    )

    await activities.hear(PersonErased(person_id=child), region=COMMUNITY, version=2)

    assert await activities.count("health_note") == 0


KNOWN = {ME: Kin(AgeBand.MIDDLE, None), MAN: Kin(AgeBand.MIDDLE, None), CHILD: Kin(AgeBand.SCHOOL, GRANNY)}


@pytest.mark.parametrize(
    ("contact", "people", "erased", "answers"),
    [
        (ME, (ME, MAN), {MAN}, ME),
        (ME, (ME, MAN), {ME}, MAN),
        (ME, (ME, CHILD), {ME}, GRANNY),
        (ME, (CHILD, MAN), {ME}, MAN),
        (ME, (ME,), {ME}, None),
        (ME, (MAN,), {MAN}, None),
        (ME, (ME, MAN), {ME, MAN}, None),
        (ME, (ME, CHILD), {ME, GRANNY}, None),
        (ME, (GONE, MAN), {MAN, GONE}, None),
        (GONE, (ME, MAN), {MAN, GONE}, ME),
        (ME, (ME, UNHEARD), {ME}, ME),
    ],
)
def test_who_answers_for_a_family_when_one_of_them_is_erased(
    contact: UUID, people: tuple[UUID, ...], erased: set[UUID], answers: UUID | None
) -> None:
    enrolment = Enrolment(GONE, GONE, contact, people, len(people), EnrolmentStatus.CONFIRMED, None, None, 1)

    assert who_answers(enrolment, erased, KNOWN) == answers


async def test_a_familys_seats_stay_and_another_of_them_answers_for_it(door: Home) -> None:
    activities, session, (wife, husband) = door.service, await door.session(), await door.people(2)
    family = done(await activities.ask(enrol(session, [wife, husband])), EnrolmentState)

    await activities.hear(PersonErased(person_id=wife), region=COMMUNITY, version=2)

    assert list((await door.roster(session)).values()) == [EnrolmentStatus.CONFIRMED]
    [changed] = [each for each in await activities.said(FamilyChanged) if each.enrolment_id == family.enrolment_id]
    assert (changed.contact_id, changed.people) == (husband, (wife, husband)), "her seat is kept, and means nobody"
    door.move_to(at(14, 45))
    done(await activities.ask(door.scan(session, husband)), AttendanceState)

    await activities.hear(PersonErased(person_id=husband), region=COMMUNITY, version=2)

    withdrawn = [each for each in await activities.said(EnrolmentWithdrawn) if each.session_id == session]
    assert [each.enrolment_id for each in withdrawn] == [family.enrolment_id], "nobody is left to come"


async def test_calendars_permissions_to_fetch_and_standing_go_with_the_erased(door: Home) -> None:
    activities, (aunt, mother) = door.service, await door.people(2)
    child = await child_of(door, mother)
    pick_up = AuthorisePickUp(pick_up_id=uuid4(), child_id=child, person_id=aunt, site_id=door.site_id, given_by=mother)
    feed = CreateFeed(feed_id=uuid4(), kind=CalendarKind.PERSON, topic_id=aunt, token_hash=uuid4().hex * 2)
    for command in (pick_up, feed):
        assert not isinstance(await activities.ask(command), Refusal)
    edge: dict[str, Any] = {"actor": "service:registry", "roles": ("edge",)}
    done(await activities.query(ReadFeed(token_hash=feed.token_hash), **edge), Calendar)
    unit = uuid4()
    await activities.admin.execute(
        "INSERT INTO standing (standing_id, unit_id, person_id, version, region) VALUES ($1, $1, $2, 1, $3)",
        *(unit, aunt, COMMUNITY),
    )
    await activities.admin.execute(
        "INSERT INTO absence (enrolment_id, session_id, unit_id, person_id, at, lapses_at, region) "
        "VALUES ($1, $1, $1, $2, now(), now() + interval '1 day', $3)",
        *(unit, aunt, COMMUNITY),
    )

    await activities.hear(PersonErased(person_id=aunt), region=COMMUNITY, version=2)

    assert code(await activities.query(ReadFeed(token_hash=feed.token_hash), **edge)) == "unknown-feed"
    assert [each.pick_up_id for each in await activities.said(PickUpEnded) if each.child_id == child] == [
        pick_up.pick_up_id
    ]
    for table in ("standing", "absence"):
        assert await activities.admin.fetchval(f"SELECT count(*) FROM {table} WHERE person_id = $1", aunt) == 0


async def test_a_person_is_told_what_is_held_of_her(activities: ServiceUnderTest, home: Home) -> None:
    session, [person] = await home.seated(1)
    await activities.ask(home.scan(session, person))

    told = await activities.query(HeldByActivities(person_id=person), **SERVICE)
    denied = await activities.query(HeldByActivities(person_id=person))

    assert isinstance(told, Holdings)
    assert sorted(record.kind for record in told.records) == ["attendance", "enrolment", "person", "scan"]
    [enrolment] = [record for record in told.records if record.kind == "enrolment"]
    assert {fact.name: fact.value for fact in enrolment.facts}["title"] == "蓝色成长课堂第一讲"
    assert code(denied) == "not-permitted", "services alone"
