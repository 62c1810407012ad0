"""All SQL about persons: the only statements that touch names and addresses."""

from collections.abc import Sequence
from uuid import UUID

from contracts.registry.v1 import Contact, PersonState, RegisterPerson
from services.chassis import Transaction
from services.registry.people.rules import MINORS

FIND_PERSON = "SELECT person_id, age_band, version FROM person WHERE person_id = $1"
ADD_PERSON = """
INSERT INTO person (person_id, region, name, email, language, age_band, guardian_id, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
"""
LIST_CONTACTS = """
SELECT asked.person_id, reached.name, reached.email, reached.language
FROM person AS asked JOIN person AS reached ON reached.person_id =
    CASE WHEN asked.age_band = ANY ($2::text[]) THEN asked.guardian_id ELSE asked.person_id END
WHERE asked.person_id = ANY ($1::uuid[]) ORDER BY array_position($1::uuid[], asked.person_id)
"""


async def find_person(tx: Transaction, person_id: UUID) -> PersonState | None:
    row = await tx.find(FIND_PERSON, person_id)
    return PersonState(**dict(row)) if row else None


async def add_person(tx: Transaction, person: RegisterPerson) -> None:
    await tx.execute(
        ADD_PERSON, person.person_id, person.region, person.name, person.email, person.language, person.age_band,
        person.guardian_id,
    )  # fmt: skip


async def list_contacts(tx: Transaction, people: Sequence[UUID]) -> list[Contact]:
    """Whom a message to each person reaches, in the order asked; unknown ids are left out."""
    return [Contact(**dict(row)) for row in await tx.fetch(LIST_CONTACTS, people, MINORS)]
