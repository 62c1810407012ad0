"""All SQL about appointments."""

from datetime import date
from uuid import UUID

from contracts.registry.v1 import Appoint, AppointmentState, Delegate, DelegationState, PostKind
from services.chassis import Transaction
from services.registry.appointments.rules import Held

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
END_APPOINTMENT = """
UPDATE appointment SET until = $2, version = version + 1 WHERE appointment_id = $1 RETURNING version
"""
LIST_OFFICERS = """
SELECT appointment_id, person_id, unit_id, post, since, until FROM appointment
WHERE unit_id = $1 AND daterange(since, until, '[]') @> $2::date ORDER BY since, appointment_id
"""

LIST_HELD = """
SELECT unit_id, region, post, false AS acting FROM appointment JOIN unit USING (unit_id)
WHERE person_id = $1 AND daterange(since, until, '[]') && daterange($2, $3, '[]')
UNION ALL
SELECT unit_id, region, post, true FROM delegation JOIN appointment USING (appointment_id) JOIN unit USING (unit_id)
WHERE delegation.person_id = $1 AND ended_at IS NULL
  AND daterange(delegation.since, delegation.until, '[]') && daterange($2, $3, '[]')
  AND daterange(appointment.since, appointment.until, '[]') && daterange($2, $3, '[]')
"""
# The same as the exclusion constraint, so that a plain clash is a refusal; only true rivals meet the constraint.
FIND_DELEGATION_CLASH = """
SELECT delegation_id FROM delegation
WHERE delegation_id = $1
   OR (appointment_id = $2 AND ended_at IS NULL AND daterange(since, until, '[]') && daterange($3, $4, '[]'))
LIMIT 1
"""
ADD_DELEGATION = """
INSERT INTO delegation (delegation_id, appointment_id, person_id, since, until, version) VALUES ($1, $2, $3, $4, $5, 1)
"""
LOCK_DELEGATION = """
SELECT delegation_id, appointment_id, person_id, since, until, ended_at FROM delegation
WHERE delegation_id = $1 FOR UPDATE
"""
FIND_UNIT_OF = "SELECT unit_id, region FROM appointment JOIN unit USING (unit_id) WHERE appointment_id = $1"
END_DELEGATION = "UPDATE delegation SET ended_at = $2, version = 2 WHERE delegation_id = $1"


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


async def end_appointment(tx: Transaction, appointment_id: UUID, until: date) -> int:
    """Returns the version from now on."""
    version: int = await tx.value(END_APPOINTMENT, appointment_id, until)
    return version


async def list_officers(tx: Transaction, unit_id: UUID, on: date) -> list[AppointmentState]:
    """Who held a post at the unit on the day, the longest in office first."""
    return [AppointmentState(**dict(row)) for row in await tx.fetch(LIST_OFFICERS, unit_id, on)]


async def list_held(tx: Transaction, person_id: UUID, since: date, until: date | None) -> list[Held]:
    """The posts a person has or stands in on any day from `since` to `until` (None: for ever)."""
    rows = await tx.fetch(LIST_HELD, person_id, since, until)
    return [Held(row["unit_id"], row["region"], PostKind(row["post"]), row["acting"]) for row in rows]


async def find_delegation_clash(tx: Transaction, asked: Delegate) -> UUID | None:
    """A delegation that stands in the way: of this id, or of the post on one of the days."""
    found: UUID | None = await tx.value(
        FIND_DELEGATION_CLASH, asked.delegation_id, asked.appointment_id, asked.since, asked.until
    )
    return found


async def add_delegation(tx: Transaction, asked: Delegate) -> None:
    await tx.execute(
        ADD_DELEGATION, asked.delegation_id, asked.appointment_id, asked.person_id, asked.since, asked.until
    )


async def lock_delegation(tx: Transaction, delegation_id: UUID) -> tuple[DelegationState, UUID, str, bool] | None:
    """The delegation, locked; unit and region of its post, and whether it ended before."""
    row = await tx.find(LOCK_DELEGATION, delegation_id)
    if row is None:
        return None
    state = DelegationState(**{name: row[name] for name in DelegationState.model_fields})
    [unit] = await tx.fetch(FIND_UNIT_OF, state.appointment_id)
    return state, unit["unit_id"], unit["region"], row["ended_at"] is not None


async def end_delegation(tx: Transaction, delegation_id: UUID) -> None:
    await tx.execute(END_DELEGATION, delegation_id, tx.now)
