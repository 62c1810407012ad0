"""All SQL about what registry owns and activities remembers: sites and people."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from asyncpg import Record
from pydantic import TypeAdapter

from contracts.data import AgeBand
from contracts.registry.v1 import OpeningHours, PersonCorrected, PersonRegistered, RoomPlan, SiteOpened
from services.activities.enrolment.eligibility import Person
from services.activities.sessions.rules import Site
from services.chassis import Transaction

ADD_SITE = """
INSERT INTO site (site_id, name, unit_id, region, rooms, hours, site_type)
VALUES ($1, $2, $3, $4, $5::text::jsonb, $6::text::jsonb, $7)
"""
CLOSE_SITE = "UPDATE site SET closed = true WHERE site_id = $1"
# Locked, so that plans for one site are made one after the other and see each other's rooms.
FIND_ROOMS = "SELECT rooms FROM site WHERE site_id = $1"
LOCK_SITES = """
SELECT site_id, name, unit_id, region, rooms, hours, closed FROM site
WHERE site_id = ANY ($1::uuid[]) ORDER BY site_id FOR UPDATE
"""
FIND_SITES = "SELECT site_id, name, unit_id, region, rooms, hours, closed FROM site WHERE site_id = ANY ($1::uuid[])"
ADD_PEOPLE = """
INSERT INTO person (person_id, age_band, guardian_id, region)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[])
"""
SET_CONSENTS = """
UPDATE person SET consented = said.consented FROM unnest($1::uuid[], $2::boolean[]) AS said (person_id, consented)
WHERE person.person_id = said.person_id
"""
CORRECT_PEOPLE = """
UPDATE person SET age_band = said.age_band, guardian_id = said.guardian_id
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS said (person_id, age_band, guardian_id)
WHERE person.person_id = said.person_id
"""
SET_RESTRICTED = """
UPDATE person SET restricted = said.restricted FROM unnest($1::uuid[], $2::boolean[]) AS said (person_id, restricted)
WHERE person.person_id = said.person_id
"""
FORGET_PEOPLE = "DELETE FROM person WHERE person_id = ANY ($1::uuid[])"
FIND_PEOPLE = "SELECT person_id, age_band, consented, region, restricted FROM person WHERE person_id = ANY ($1::uuid[])"
FIND_GUARDIAN = "SELECT guardian_id FROM person WHERE person_id = $1 AND age_band = ANY ($2::text[])"
LIST_MINORS = "SELECT person_id FROM person WHERE person_id = ANY ($1::uuid[]) AND age_band = ANY ($2::text[])"

MINORS: Final = tuple(band.value for band in AgeBand if band.is_minor)
_rooms: Final = TypeAdapter(tuple[RoomPlan, ...])
_hours: Final = TypeAdapter(tuple[OpeningHours, ...])


async def add_site(tx: Transaction, site: SiteOpened, region: str) -> None:
    rooms, hours = _rooms.dump_json(site.rooms).decode(), _hours.dump_json(site.hours).decode()
    await tx.execute(ADD_SITE, site.site_id, site.name, site.unit_id, region, rooms, hours, site.site_type.value)


async def close_site(tx: Transaction, site_id: UUID) -> None:
    await tx.execute(CLOSE_SITE, site_id)


async def lock_sites(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Site]:
    """The sites of these ids that are known, locked until the end of the transaction; sessions are locked before."""
    return {row["site_id"]: _site(row) for row in await tx.fetch(LOCK_SITES, list(ids))}


async def lock_site(tx: Transaction, site_id: UUID) -> Site | None:
    return (await lock_sites(tx, [site_id])).get(site_id)


async def find_sites(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Site]:
    return {row["site_id"]: _site(row) for row in await tx.fetch(FIND_SITES, list(ids))}


def _site(row: Record) -> Site:
    rooms = {room.room_id: room.capacity for room in _rooms.validate_json(row["rooms"])}
    hours = _hours.validate_json(row["hours"])
    return Site(row["site_id"], row["name"], row["unit_id"], row["region"], rooms, hours, row["closed"])


async def find_room_capacity(tx: Transaction, site_id: UUID, room_id: UUID) -> int | None:
    """The most people that a room holds; None for a room that the site no longer has."""
    rooms = _rooms.validate_json(await tx.value(FIND_ROOMS, site_id) or "[]")
    return next((room.capacity for room in rooms if room.room_id == room_id), None)


async def add_people(tx: Transaction, people: Sequence[tuple[PersonRegistered, str]]) -> None:
    """People, each with the region that she is registered in."""
    if people:
        rows = [(person.person_id, person.age_band, person.guardian_id, region) for person, region in people]
        await tx.execute(ADD_PEOPLE, *map(list, zip(*rows, strict=True)))


async def set_consents(tx: Transaction, consents: Mapping[UUID, bool]) -> None:
    if consents:
        await tx.execute(SET_CONSENTS, list(consents), list(consents.values()))


async def correct_people(tx: Transaction, corrected: Mapping[UUID, PersonCorrected]) -> None:
    if corrected:
        columns = zip(*((each.person_id, each.age_band, each.guardian_id) for each in corrected.values()), strict=True)
        await tx.execute(CORRECT_PEOPLE, *map(list, columns))


async def set_restricted(tx: Transaction, restricted: Mapping[UUID, bool]) -> None:
    if restricted:
        await tx.execute(SET_RESTRICTED, list(restricted), list(restricted.values()))


async def forget_people(tx: Transaction, people: Collection[UUID]) -> None:
    """Whoever was erased is known no more."""
    if people:
        await tx.execute(FORGET_PEOPLE, list(people))


async def find_people(tx: Transaction, people: Collection[UUID]) -> dict[UUID, Person]:
    """The people of these ids that are known."""
    rows = await tx.fetch(FIND_PEOPLE, list(people))
    return {
        row["person_id"]: Person(AgeBand(row["age_band"]), row["consented"], row["region"], row["restricted"])
        for row in rows
    }


async def list_minors(tx: Transaction, people: Collection[UUID]) -> list[UUID]:
    """Those of the people who are known as minors."""
    return [row["person_id"] for row in await tx.fetch(LIST_MINORS, list(people), MINORS)]


async def find_guardian(tx: Transaction, person_id: UUID) -> UUID | None:
    """Who answers for a minor; nobody answers for whoever is of age."""
    guardian: UUID | None = await tx.value(FIND_GUARDIAN, person_id, MINORS)
    return guardian
