"""All SQL about persons. Whoever was erased is unknown to every statement here."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from asyncpg import Record

from contracts.registry.v1 import PersonState, RegisterPerson
from services.chassis import Transaction
from services.registry.people.rules import MINORS

STATE = "person_id, age_band, restricted_at IS NOT NULL AS restricted, version"
# Alone to the commit: what she holds is read after the lock.
LOCK_PERSON = f"SELECT {STATE} FROM person WHERE person_id = $1 AND erased_at IS NULL FOR NO KEY UPDATE"
# Shared to the commit: nobody is erased while something new begins for her.
SHARE_PEOPLE = f"""
SELECT {STATE}, erased_at IS NOT NULL AS erased FROM person
WHERE person_id = ANY ($1::uuid[]) ORDER BY person_id FOR KEY SHARE
"""
SHARE_HOME = "SELECT region FROM person WHERE person_id = $1 AND erased_at IS NULL FOR KEY SHARE"
FIND_GUARDIAN = "SELECT guardian_id FROM person WHERE person_id = $1 AND age_band = ANY ($2::text[])"
ADD_PEOPLE = """
INSERT INTO person (person_id, region, sealed, language, age_band, guardian_id, version)
SELECT *, 1 FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::uuid[])
"""
LIST_REACHED = """
SELECT asked.region, asked.person_id AS asked_id, reached.person_id, reached.sealed, reached.name, reached.email,
    reached.language
FROM person AS asked JOIN person AS reached ON reached.person_id =
    CASE WHEN asked.age_band = ANY ($2::text[]) THEN asked.guardian_id ELSE asked.person_id END
WHERE asked.person_id = ANY ($1::uuid[]) AND asked.restricted_at IS NULL
  AND reached.restricted_at IS NULL AND reached.erased_at IS NULL
ORDER BY array_position($1::uuid[], asked.person_id)
"""
LIST_KNOWN = "SELECT person_id FROM person WHERE person_id = ANY ($1::uuid[]) AND erased_at IS NULL"
LIST_UNSEALED = """
SELECT person_id, name, email FROM person WHERE name IS NOT NULL ORDER BY person_id LIMIT $1 FOR NO KEY UPDATE
"""
SET_SEALED = """
UPDATE person SET sealed = new.sealed, name = NULL, email = NULL
FROM unnest($1::uuid[], $2::bytea[]) AS new (id, sealed) WHERE person_id = new.id
"""


async def lock_person(tx: Transaction, person_id: UUID) -> PersonState | None:
    """A registered person, locked until commit: of rivals who give her posts each sees what the other gave."""
    row = await tx.find(LOCK_PERSON, person_id)
    return PersonState(**dict(row)) if row else None


async def share_people(tx: Transaction, ids: Collection[UUID]) -> tuple[dict[UUID, PersonState], set[UUID]]:
    """The registered persons of these ids, none of whom is erased before the commit; and which ids are given."""
    rows = await tx.fetch(SHARE_PEOPLE, list(ids))
    known = {row["person_id"]: PersonState(**dict(row)) for row in rows if not row["erased"]}
    return known, {row["person_id"] for row in rows}


async def share_home(tx: Transaction, person_id: UUID) -> str | None:
    """The region in which a person is registered; None for somebody unknown."""
    home: str | None = await tx.value(SHARE_HOME, person_id)
    return home


async def find_guardian(tx: Transaction, person_id: UUID) -> UUID | None:
    """Who answers for a minor; nobody answers for whoever is of age."""
    guardian: UUID | None = await tx.value(FIND_GUARDIAN, person_id, MINORS)
    return guardian


async def add_people(tx: Transaction, people: Sequence[RegisterPerson], sealed: Mapping[UUID, bytes]) -> None:
    """Adds persons in the order given, guardians before their children."""
    rows = [
        (each.person_id, each.region, sealed[each.person_id], each.language, each.age_band, each.guardian_id)
        for each in people
    ]
    if rows:
        await tx.execute(ADD_PEOPLE, *map(list, zip(*rows, strict=True)))


async def list_reached(tx: Transaction, people: Sequence[UUID]) -> list[Record]:
    """Whom a message to each person (`asked_id`, of `region`) reaches, in the order asked, with what is sealed of her.

    Left out are unknown ids, whoever was erased, and whoever asked that nothing be done with her data.
    """
    return await tx.fetch(LIST_REACHED, people, MINORS)


async def list_known(tx: Transaction, people: Collection[UUID]) -> list[UUID]:
    """Those of the people who are registered and not erased."""
    return [row["person_id"] for row in await tx.fetch(LIST_KNOWN, list(people))]


async def list_unsealed(tx: Transaction, most: int) -> list[Record]:
    """Persons of an earlier release whose values lie open, locked."""
    return await tx.fetch(LIST_UNSEALED, most)


async def set_sealed(tx: Transaction, sealed: Mapping[UUID, bytes]) -> None:
    """Keeps the values sealed, and no longer open."""
    await tx.execute(SET_SEALED, list(sealed), list(sealed.values()))
