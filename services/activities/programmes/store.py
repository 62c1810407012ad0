"""All SQL about programmes."""

from uuid import UUID

from contracts.activities.v1 import CreateProgramme
from services.chassis import Transaction

FIND_PROGRAMME = """
SELECT programme_id, name, theme, parent_id, unit_id, region FROM programme WHERE programme_id = $1
"""
ADD_PROGRAMME = """
INSERT INTO programme (programme_id, name, theme, parent_id, unit_id, region) VALUES ($1, $2, $3, $4, $5, $6)
"""


async def find_programme(tx: Transaction, programme_id: UUID) -> CreateProgramme | None:
    """The programme as it was created."""
    row = await tx.find(FIND_PROGRAMME, programme_id)
    return CreateProgramme(**dict(row)) if row else None


async def add_programme(tx: Transaction, new: CreateProgramme) -> None:
    await tx.execute(ADD_PROGRAMME, new.programme_id, new.name, new.theme, new.parent_id, new.unit_id, new.region)
