"""All SQL that reads a person's record. Names and addresses are sealed in these rows (people/values.py)."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from contracts.registry.v1 import ConsentEntry, ConsentPurpose
from services.chassis import Transaction
from services.registry.consents.rules import EFFECTS

FIND_PERSON = """
SELECT person_id, sealed, name, email, age_band, region, language, guardian_id FROM person
WHERE person_id = $1 AND erased_at IS NULL
"""
LIST_GUARDIANS = "SELECT person_id, sealed, name, email FROM person WHERE person_id = ANY ($1::uuid[])"
LIST_CONSENTS = """
SELECT consent_id, purpose, notice_version, given_by, given_at, method, evidence, recorded_by, expires_at,
    coalesce(withdrawn_at, renewed_at) AS ended_at,
    CASE WHEN withdrawn_at IS NOT NULL THEN coalesce(ended_why, 'withdrawn')
         WHEN renewed_at IS NOT NULL THEN 'renewed' END AS ended_why
FROM consent WHERE person_id = $1 ORDER BY given_at, consent_id
"""


async def find_person(tx: Transaction, person_id: UUID) -> Record | None:
    """What is sealed of a person, her age band, region, language and guardian."""
    return await tx.find(FIND_PERSON, person_id)


async def list_guardians(tx: Transaction, ids: Sequence[UUID]) -> list[Record]:
    """What is sealed of guardians."""
    return await tx.fetch(LIST_GUARDIANS, ids)


async def list_consents(tx: Transaction, person_id: UUID) -> tuple[ConsentEntry, ...]:
    """Every giving of a consent, oldest first, with what its end stops."""
    rows = await tx.fetch(LIST_CONSENTS, person_id)
    return tuple(ConsentEntry(**dict(row), effects=EFFECTS[ConsentPurpose(row["purpose"])]) for row in rows)
