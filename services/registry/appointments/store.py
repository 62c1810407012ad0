"""All SQL about appointments."""

from datetime import date
from uuid import UUID

from contracts.registry.v1 import Appoint, AppointmentState
from services.chassis import Transaction

LOCK_APPOINTMENT = """
SELECT appointment_id, person_id, unit_id, post, since, until FROM appointment WHERE appointment_id = $1 FOR UPDATE
"""
# The same as the exclusion constraint, so that a plain overlap is a refusal; only true rivals meet the constraint.
FIND_OVERLAP = """
SELECT appointment_id FROM appointment
WHERE appointment_id = $1
   OR (unit_id = $2 AND person_id = $3 AND post = $4 AND daterange(since, until, '[]') && daterange($5, NULL))
LIMIT 1
"""
ADD_APPOINTMENT = """
INSERT INTO appointment (appointment_id, unit_id, person_id, post, since, version) VALUES ($1, $2, $3, $4, $5, 1)
"""
END_APPOINTMENT = "UPDATE appointment SET until = $2, version = 2 WHERE appointment_id = $1"
LIST_OFFICERS = """
SELECT appointment_id, person_id, unit_id, post, since, until FROM appointment
WHERE unit_id = $1 AND daterange(since, until, '[]') @> $2::date ORDER BY since, appointment_id
"""


async def lock_appointment(tx: Transaction, appointment_id: UUID) -> AppointmentState | None:
    """The appointment, locked until commit."""
    row = await tx.find(LOCK_APPOINTMENT, appointment_id)
    return AppointmentState(**dict(row)) if row else None


async def find_overlap(tx: Transaction, asked: Appoint) -> UUID | None:
    """An appointment that stands in the way: of this id, or of the person in the post on a day from `since` on."""
    found: UUID | None = await tx.value(
        FIND_OVERLAP, asked.appointment_id, asked.unit_id, asked.person_id, asked.post, asked.since
    )
    return found


async def add_appointment(tx: Transaction, asked: Appoint) -> None:
    await tx.execute(ADD_APPOINTMENT, asked.appointment_id, asked.unit_id, asked.person_id, asked.post, asked.since)


async def end_appointment(tx: Transaction, appointment_id: UUID, until: date) -> None:
    await tx.execute(END_APPOINTMENT, appointment_id, until)


async def list_officers(tx: Transaction, unit_id: UUID, on: date) -> list[AppointmentState]:
    """Who held a post at the unit on the day, the longest in office first."""
    return [AppointmentState(**dict(row)) for row in await tx.fetch(LIST_OFFICERS, unit_id, on)]
