"""What volunteers does when a clearance is recorded, taken back, or its last day is over (V4, V5)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from contracts.refusals import Refusal
from contracts.volunteers.v1 import (
    ClearanceExpired,
    ClearanceRecorded,
    ClearanceState,
    ClearanceWithdrawn,
    RecordClearance,
    WithdrawClearance,
)
from services.chassis import Due, Transaction
from services.chassis.access import decide
from services.chassis.clock import day_of
from services.volunteers import volunteers
from services.volunteers.clearances import rules, store
from services.volunteers.clearances.rules import Clearance
from services.volunteers.roster.store import find_volunteer, lock_people

EXPIRES: Final = "clearance-expires"


@volunteers.decides(RecordClearance)
async def record_clearance(command: RecordClearance, tx: Transaction) -> ClearanceState | Refusal:
    volunteer = await find_volunteer(tx, command.volunteer_id)
    if volunteer is None:
        return Refusal("unknown-volunteer", volunteer_id=str(command.volunteer_id))
    serving = volunteer.volunteer_id in await lock_people(tx, [volunteer.person_id])
    known = await store.is_clearance(tx, command.clearance_id)
    refusal = decide(tx.actor, command.contract.permission, volunteer.region)
    refusal = refusal or (None if serving else Refusal("volunteer-withdrawn"))
    refusal = refusal or rules.may_record(command, known, volunteer.person_id, tx.actor.id, day_of(tx.now))
    if refusal:
        return refusal

    clearance = await store.add_clearance(tx, command, volunteer)
    tx.set_timer(EXPIRES, clearance.clearance_id, rules.over_at(clearance.valid_until))
    fact = ClearanceRecorded(
        clearance_id=clearance.clearance_id,
        volunteer_id=clearance.volunteer_id,
        person_id=clearance.person_id,
        kind=clearance.kind,
        valid_until=clearance.valid_until,
    )
    tx.say(fact, region=clearance.region, version=clearance.version)
    return rules.state_of(clearance)


@volunteers.decides(WithdrawClearance)
async def withdraw_clearance(command: WithdrawClearance, tx: Transaction) -> ClearanceState | Refusal:
    clearance = next(iter(await store.lock_clearances(tx, [command.clearance_id])), None)
    if clearance is None:
        return Refusal("unknown-clearance")
    refusal = decide(tx.actor, command.contract.permission, clearance.region)
    refusal = refusal or rules.may_withdraw(clearance, tx.actor.id)
    if refusal:
        return refusal

    await store.end_clearances(tx, [clearance.clearance_id])
    _say_ended(tx, ClearanceWithdrawn, clearance)
    return rules.state_of(replace(clearance, ended_at=tx.now, version=clearance.version + 1))


# A withdrawal does not take the timer back: it would wait for the timer's row while a firing one waits for ours.
@volunteers.when_due(EXPIRES)
async def expire(due: Sequence[Due], tx: Transaction) -> None:
    clearances = await store.lock_clearances(tx, [each.key for each in due])
    lapsed = [each for each in clearances if rules.has_lapsed(each, day_of(tx.now))]
    await store.end_clearances(tx, [each.clearance_id for each in lapsed])
    for clearance in lapsed:
        _say_ended(tx, ClearanceExpired, clearance)


def _say_ended(tx: Transaction, kind: type[ClearanceExpired | ClearanceWithdrawn], clearance: Clearance) -> None:
    fact = kind(
        clearance_id=clearance.clearance_id,
        volunteer_id=clearance.volunteer_id,
        person_id=clearance.person_id,
        kind=clearance.kind,
    )
    cause = tx.because_of(clearance.clearance_id)
    tx.say(fact, region=clearance.region, version=clearance.version + 1, cause=cause)
