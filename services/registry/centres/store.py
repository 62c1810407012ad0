"""All SQL about neighbourhood centres."""

from uuid import UUID

from contracts.registry.v1 import CentreState, OpenCentre
from services.chassis import Transaction

FIND_CENTRE = "SELECT centre_id, name, region FROM centre WHERE centre_id = $1"
ADD_CENTRE = "INSERT INTO centre (centre_id, name, unit_id, region, version) VALUES ($1, $2, $3, $4, 1)"


async def find_centre(tx: Transaction, centre_id: UUID) -> CentreState | None:
    row = await tx.find(FIND_CENTRE, centre_id)
    return CentreState(**dict(row)) if row else None


async def add_centre(tx: Transaction, centre: OpenCentre) -> None:
    await tx.execute(ADD_CENTRE, centre.centre_id, centre.name, centre.unit_id, centre.region)
