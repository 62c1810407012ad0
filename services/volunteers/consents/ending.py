"""How volunteering ends: coming shifts are given back, clearances taken back, memberships over, each said as a fact."""

from collections.abc import Collection
from uuid import UUID

from contracts.volunteers.v1 import ClearanceWithdrawn, ShiftReleased, VolunteerWithdrawn
from services.chassis import Transaction
from services.chassis.transaction import Cause
from services.volunteers.clearances.store import end_clearances, lock_clearances
from services.volunteers.consents import store
from services.volunteers.roster.store import lock_people
from services.volunteers.shifts.store import find_assignment, lock_shift, release


async def end_volunteering(
    tx: Transaction, people: Collection[UUID], leaving: Collection[UUID], cause: Cause | None = None
) -> tuple[list[UUID], list[UUID]]:
    """Ends the memberships `leaving` of the people; the assignments that were given back, and what ended."""
    given = await _give_back(tx, people, leaving, cause)
    return given, await _end_memberships(tx, people, leaving, cause)


async def _give_back(
    tx: Transaction, people: Collection[UUID], leaving: Collection[UUID], cause: Cause | None
) -> list[UUID]:
    given: list[UUID] = []
    for assignment_id, shift_id in await store.list_ahead(tx, people, leaving):
        shift = await lock_shift(tx, shift_id)
        assignment = await find_assignment(tx, assignment_id)
        if shift is None or assignment is None or not assignment.active:
            continue
        await release(tx, assignment)
        fact = ShiftReleased(
            assignment_id=assignment_id,
            shift_id=shift_id,
            volunteer_id=assignment.volunteer_id,
            person_id=assignment.person_id,
        )
        tx.say(fact, region=shift.region, version=assignment.version + 1, cause=cause)
        given.append(assignment_id)
    return given


async def _end_memberships(
    tx: Transaction, people: Collection[UUID], leaving: Collection[UUID], cause: Cause | None
) -> list[UUID]:
    await lock_people(tx, people)
    ending = [each for each in await store.list_serving(tx, people) if each.volunteer_id in set(leaving)]
    ids = [each.volunteer_id for each in ending]
    clearances = await lock_clearances(tx, await store.list_cleared(tx, ids))
    await end_clearances(tx, [each.clearance_id for each in clearances])
    for clearance in clearances:
        taken = ClearanceWithdrawn(
            clearance_id=clearance.clearance_id,
            volunteer_id=clearance.volunteer_id,
            person_id=clearance.person_id,
            kind=clearance.kind,
        )
        tx.say(taken, region=clearance.region, version=clearance.version + 1, cause=cause)
    await store.end_memberships(tx, ids)
    for each in ending:
        left = VolunteerWithdrawn(volunteer_id=each.volunteer_id, person_id=each.person_id, team_id=each.team_id)
        tx.say(left, region=each.region, version=each.version + 1, cause=cause)
    return ids
