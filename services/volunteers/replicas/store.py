"""All SQL that writes what others told."""

from collections.abc import Collection, Mapping
from uuid import UUID

from contracts.data import AgeBand
from services.chassis import Transaction

Described = tuple[AgeBand, UUID | None]
"""Age band, and for a minor the guardian."""

ADD_SITES = """
INSERT INTO site (site_id, unit_id, region) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[])
ON CONFLICT (site_id) DO UPDATE SET unit_id = EXCLUDED.unit_id, region = EXCLUDED.region, closed = false
"""
CLOSE_SITES = "UPDATE site SET closed = true WHERE site_id = ANY ($1::uuid[])"
ADD_PEOPLE = """
INSERT INTO person (person_id, age_band, guardian_id) SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[])
ON CONFLICT (person_id) DO UPDATE
SET age_band = EXCLUDED.age_band, guardian_id = EXCLUDED.guardian_id, agreed_to_volunteering = false,
    restricted = false
"""
SET_AGREED = """
UPDATE person SET agreed_to_volunteering = told.agreed FROM unnest($1::uuid[], $2::boolean[]) AS told (id, agreed)
WHERE person_id = told.id
"""
CORRECT_PEOPLE = """
UPDATE person SET age_band = told.age_band, guardian_id = told.guardian_id
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS told (id, age_band, guardian_id)
WHERE person_id = told.id
"""
SET_RESTRICTED = """
UPDATE person SET restricted = told.restricted FROM unnest($1::uuid[], $2::boolean[]) AS told (id, restricted)
WHERE person_id = told.id
"""
FORGET_PEOPLE = "DELETE FROM person WHERE person_id = ANY ($1::uuid[])"
ADD_SESSIONS = """
INSERT INTO session (session_id) SELECT unnest($1::uuid[])
ON CONFLICT (session_id) DO UPDATE SET cancelled = false
"""
CANCEL_SESSIONS = "UPDATE session SET cancelled = true WHERE session_id = ANY ($1::uuid[])"


async def add_sites(tx: Transaction, sites: Collection[tuple[UUID, UUID, str]]) -> None:
    """Open sites: id, unit, region."""
    if sites:
        await tx.execute(ADD_SITES, *map(list, zip(*sites, strict=True)))


async def close_sites(tx: Transaction, ids: Collection[UUID]) -> None:
    if ids:
        await tx.execute(CLOSE_SITES, ids)


async def add_people(tx: Transaction, people: Mapping[UUID, Described]) -> None:
    """Age band and guardian of each person."""
    if people:
        await tx.execute(ADD_PEOPLE, list(people), *map(list, zip(*people.values(), strict=True)))


async def set_agreed(tx: Transaction, agreed: Mapping[UUID, bool]) -> None:
    """Whether each person, or for a minor the guardian, agrees to volunteering now."""
    if agreed:
        await tx.execute(SET_AGREED, list(agreed), list(agreed.values()))


async def correct_people(tx: Transaction, people: Mapping[UUID, Described]) -> None:
    if people:
        await tx.execute(CORRECT_PEOPLE, list(people), *map(list, zip(*people.values(), strict=True)))


async def set_restricted(tx: Transaction, restricted: Mapping[UUID, bool]) -> None:
    if restricted:
        await tx.execute(SET_RESTRICTED, list(restricted), list(restricted.values()))


async def forget_people(tx: Transaction, people: Collection[UUID]) -> None:
    """Whoever was erased is known no more."""
    if people:
        await tx.execute(FORGET_PEOPLE, list(people))


async def add_sessions(tx: Transaction, ids: Collection[UUID]) -> None:
    if ids:
        await tx.execute(ADD_SESSIONS, ids)


async def cancel_sessions(tx: Transaction, ids: Collection[UUID]) -> None:
    if ids:
        await tx.execute(CANCEL_SESSIONS, ids)
