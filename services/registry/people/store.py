"""All SQL about persons: the only statements that touch names and addresses."""

from collections.abc import Collection, Sequence
from uuid import UUID

from contracts.registry.v1 import Contact, PersonState, RegisterPerson
from services.chassis import Transaction
from services.registry.people.rules import MINORS

FIND_PERSON = "SELECT person_id, age_band, version FROM person WHERE person_id = $1"
FIND_PEOPLE = "SELECT person_id, age_band, version FROM person WHERE person_id = ANY ($1::uuid[])"
FIND_HOME = "SELECT region FROM person WHERE person_id = $1"
FIND_GUARDIAN = "SELECT guardian_id FROM person WHERE person_id = $1"
ADD_PEOPLE = """
INSERT INTO person (person_id, region, name, email, language, age_band, guardian_id, version)
SELECT *, 1 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[])
"""
LIST_CONTACTS = """
SELECT asked.region, asked.person_id, reached.name, reached.email, reached.language
FROM person AS asked JOIN person AS reached ON reached.person_id =
    CASE WHEN asked.age_band = ANY ($2::text[]) THEN asked.guardian_id ELSE asked.person_id END
WHERE asked.person_id = ANY ($1::uuid[]) ORDER BY array_position($1::uuid[], asked.person_id)
"""


async def find_person(tx: Transaction, person_id: UUID) -> PersonState | None:
    row = await tx.find(FIND_PERSON, person_id)
    return PersonState(**dict(row)) if row else None


async def find_people(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, PersonState]:
    """The registered persons of these ids."""
    return {row["person_id"]: PersonState(**dict(row)) for row in await tx.fetch(FIND_PEOPLE, list(ids))}


async def find_home(tx: Transaction, person_id: UUID) -> str | None:
    """The region in which a person is registered; None for somebody unknown."""
    home: str | None = await tx.value(FIND_HOME, person_id)
    return home


async def find_guardian(tx: Transaction, person_id: UUID) -> UUID | None:
    guardian: UUID | None = await tx.value(FIND_GUARDIAN, person_id)
    return guardian


async def add_people(tx: Transaction, people: Sequence[RegisterPerson]) -> None:
    """Adds persons in the order given, guardians before their children."""
    rows = [
        (each.person_id, each.region, each.name, each.email, each.language, each.age_band, each.guardian_id)
        for each in people
    ]
    if rows:
        await tx.execute(ADD_PEOPLE, *map(list, zip(*rows, strict=True)))


async def list_contacts(tx: Transaction, people: Sequence[UUID]) -> list[tuple[str, Contact]]:
    """Whom a message to each person reaches, with the person's region, in the order asked; unknown ids are left out."""
    return [(row["region"], Contact(**dict(row))) for row in await tx.fetch(LIST_CONTACTS, people, MINORS)]
