"""All SQL about shifts and who took them."""

from collections.abc import Collection
from uuid import UUID

from contracts.volunteers.v1 import OpenShift, TakeShift, TeamState
from services.chassis import Transaction
from services.volunteers.roster.rules import Volunteer
from services.volunteers.shifts.rules import Assignment, Diary, Shift

IS_SHIFT = "SELECT EXISTS (SELECT FROM shift WHERE shift_id = $1)"
# Shared, so that a cancellation waits until the shift is there to be cancelled with it.
LOCK_SESSION = "SELECT cancelled FROM session WHERE session_id = $1 FOR SHARE"
ADD_SHIFT = """
INSERT INTO shift (shift_id, team_id, unit_id, region, session_id, title, starts_at, ends_at, needed, risk_notice,
    version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
# No lock in this service is on keys (NO KEY): a row that refers to a locked one, in another transaction, need not wait.
LOCK_SHIFT = """
SELECT shift_id, team_id, unit_id, region, starts_at, ends_at, needed, assigned, cancelled FROM shift
WHERE shift_id = $1 FOR NO KEY UPDATE
"""
FIND_DIARY = """
SELECT EXISTS (SELECT FROM assignment WHERE assignment_id = $1) AS id_used,
       EXISTS (SELECT FROM assignment WHERE shift_id = $2 AND volunteer_id = $3 AND active) AS has_this,
       (SELECT shift_id FROM assignment
        WHERE person_id = $4 AND tstzrange(starts_at, ends_at) && tstzrange($5, $6) AND active
        ORDER BY starts_at LIMIT 1) AS overlapping
"""
TAKE_PLACE = "UPDATE shift SET assigned = assigned + 1 WHERE shift_id = $1"
ADD_ASSIGNMENT = """
INSERT INTO assignment (assignment_id, shift_id, volunteer_id, person_id, starts_at, ends_at, made_at, version, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
FIND_ASSIGNMENT = """
SELECT assignment_id, shift_id, volunteer_id, person_id, active, version FROM assignment WHERE assignment_id = $1
"""
RELEASE = "UPDATE assignment SET active = false, version = version + 1 WHERE assignment_id = $1"
LEAVE_PLACE = "UPDATE shift SET assigned = assigned - 1 WHERE shift_id = $1"
LOCK_SHIFTS_OF_SESSIONS = """
SELECT shift_id FROM shift WHERE session_id = ANY ($1::uuid[]) ORDER BY shift_id FOR NO KEY UPDATE
"""
CANCEL_SHIFTS = "UPDATE shift SET cancelled = true WHERE shift_id = ANY ($1::uuid[])"
FREE_ASSIGNED = "UPDATE assignment SET active = false WHERE shift_id = ANY ($1::uuid[])"


async def is_shift(tx: Transaction, shift_id: UUID) -> bool:
    return bool(await tx.value(IS_SHIFT, shift_id))


async def lock_session(tx: Transaction, session_id: UUID) -> bool:
    """True when the session is known and not cancelled; it stays so until the commit."""
    row = await tx.find(LOCK_SESSION, session_id)
    return row is not None and not row["cancelled"]


async def add_shift(tx: Transaction, command: OpenShift, team: TeamState, version: int) -> None:
    await tx.execute(
        ADD_SHIFT,
        *(command.shift_id, team.team_id, team.unit_id, team.region, command.session_id, command.title),
        *(command.starts_at, command.ends_at, command.needed, command.risk_notice, version),
    )


async def lock_shift(tx: Transaction, shift_id: UUID) -> Shift | None:
    row = await tx.find(LOCK_SHIFT, shift_id)
    return Shift(**dict(row)) if row else None


async def find_diary(tx: Transaction, command: TakeShift, shift: Shift, person_id: UUID) -> Diary:
    """What else the person took at the time of the shift, in whatever team."""
    async with tx.everywhere():
        row = await tx.find(
            FIND_DIARY,
            *(command.assignment_id, command.shift_id, command.volunteer_id),
            *(person_id, shift.starts_at, shift.ends_at),
        )
    return Diary(**dict(row or {}))


async def add_assignment(tx: Transaction, command: TakeShift, shift: Shift, volunteer: Volunteer, version: int) -> None:
    """Takes one of the shift's places, whose row is locked."""
    await tx.execute(TAKE_PLACE, shift.shift_id)
    await tx.execute(
        ADD_ASSIGNMENT,
        *(command.assignment_id, shift.shift_id, volunteer.volunteer_id, volunteer.person_id),
        *(shift.starts_at, shift.ends_at, tx.now, version, shift.region),
    )


async def find_assignment(tx: Transaction, assignment_id: UUID) -> Assignment | None:
    """To change it hold the lock of its shift before this reads; an assignment never changes its shift."""
    row = await tx.find(FIND_ASSIGNMENT, assignment_id)
    return Assignment(**dict(row)) if row else None


async def release(tx: Transaction, assignment: Assignment) -> None:
    """Frees a place of the shift, whose row is locked."""
    await tx.execute(RELEASE, assignment.assignment_id)
    await tx.execute(LEAVE_PLACE, assignment.shift_id)


async def cancel_shifts(tx: Transaction, session_ids: Collection[UUID]) -> None:
    """Shifts of these sessions take nobody more; the time of those who took one is free again."""
    if session_ids:
        shifts = [row["shift_id"] for row in await tx.fetch(LOCK_SHIFTS_OF_SESSIONS, session_ids)]
        await tx.execute(CANCEL_SHIFTS, shifts)
        await tx.execute(FREE_ASSIGNED, shifts)
