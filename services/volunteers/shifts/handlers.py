"""What volunteers does when helpers are needed, and when somebody takes a place."""

from contracts.refusals import Refusal
from contracts.volunteers.v1 import (
    AssignmentState,
    OpenShift,
    ReleaseAssignment,
    ShiftOpened,
    ShiftReleased,
    ShiftState,
    ShiftTaken,
    TakeShift,
)
from services.chassis import Transaction
from services.chassis.access import decide
from services.volunteers import volunteers
from services.volunteers.roster.store import find_volunteer, lock_people
from services.volunteers.shifts import rules, store
from services.volunteers.stints.store import find_open
from services.volunteers.teams.store import find_team


@volunteers.decides(OpenShift)
async def open_shift(command: OpenShift, tx: Transaction) -> ShiftState | Refusal:
    team = await find_team(tx, command.team_id)
    if team is None:
        return Refusal("unknown-team", team_id=str(command.team_id))
    known = await store.is_shift(tx, command.shift_id)
    session_on = command.session_id is not None and await store.lock_session(tx, command.session_id)

    refusal = decide(tx.actor, OpenShift.contract.permission, team.region)
    refusal = refusal or rules.may_open(command, known, session_on)
    if refusal:
        return refusal

    state = ShiftState(**command.model_dump(exclude={"session_id", "risk_notice"}), assigned=0, version=1)
    await store.add_shift(tx, command, team, state.version)
    tx.say(ShiftOpened(**command.model_dump(exclude={"risk_notice"})), region=team.region, version=state.version)
    return state


@volunteers.decides(TakeShift)
async def take_shift(command: TakeShift, tx: Transaction) -> AssignmentState | Refusal:
    shift = await store.lock_shift(tx, command.shift_id)
    if shift is None:
        return Refusal("unknown-shift", shift_id=str(command.shift_id))
    volunteer = await find_volunteer(tx, command.volunteer_id)
    if volunteer is None:
        return Refusal("unknown-volunteer", volunteer_id=str(command.volunteer_id))
    if volunteer.volunteer_id not in await lock_people(tx, [volunteer.person_id]):
        return Refusal("volunteer-withdrawn")
    diary = await store.find_diary(tx, command, shift, volunteer.person_id)

    refusal = decide(tx.actor, TakeShift.contract.permission, shift.region)
    refusal = refusal or rules.may_take(command, shift, volunteer, diary, tx.now)
    if refusal:
        return refusal

    state = AssignmentState(**command.model_dump(exclude={"risk_acknowledged"}), status="made", version=1)
    await store.add_assignment(tx, command, shift, volunteer, state.version)
    fact = ShiftTaken(
        assignment_id=state.assignment_id,
        shift_id=shift.shift_id,
        volunteer_id=volunteer.volunteer_id,
        person_id=volunteer.person_id,
    )
    tx.say(fact, region=shift.region, version=state.version)
    return state


@volunteers.decides(ReleaseAssignment)
async def release_assignment(command: ReleaseAssignment, tx: Transaction) -> AssignmentState | Refusal:
    found = await store.find_assignment(tx, command.assignment_id)
    shift = await store.lock_shift(tx, found.shift_id) if found else None
    if found is None or shift is None:
        return Refusal("unknown-assignment")
    await lock_people(tx, [found.person_id])
    assignment = await store.find_assignment(tx, command.assignment_id) or found
    on_duty = await find_open(tx, assignment.person_id, shift.shift_id)
    refusal = decide(tx.actor, ReleaseAssignment.contract.permission, shift.region)
    refusal = refusal or rules.may_release(assignment, shift, on_duty, tx.now)
    if refusal:
        return refusal

    await store.release(tx, assignment)
    fact = ShiftReleased(
        assignment_id=assignment.assignment_id,
        shift_id=assignment.shift_id,
        volunteer_id=assignment.volunteer_id,
        person_id=assignment.person_id,
    )
    tx.say(fact, region=shift.region, version=assignment.version + 1)
    return rules.released(assignment)
