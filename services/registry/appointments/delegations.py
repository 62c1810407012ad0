"""What registry does when somebody stands in for the holder of a post (X14)."""

from contracts.audit import AuditAction
from contracts.refusals import Refusal
from contracts.registry.v1 import Delegate, DelegationEnded, DelegationStarted, DelegationState, EndDelegation
from services.chassis import Transaction
from services.chassis.access import decide
from services.chassis.clock import day_of
from services.registry import registry
from services.registry.appointments import rules, store
from services.registry.people.store import lock_person
from services.registry.units.store import find_unit


@registry.decides(Delegate)
async def delegate(command: Delegate, tx: Transaction) -> DelegationState | Refusal:
    appointment = await store.lock_appointment(tx, command.appointment_id)
    unit = await find_unit(tx, appointment.unit_id) if appointment else None
    if appointment is None or unit is None:
        return Refusal("unknown-appointment")
    refusal = decide(tx.actor, command.contract.permission, unit.region) or rules.may_stand_in(
        command, appointment, day_of(tx.now)
    )
    if refusal:  # before anything is asked about days that are none
        return refusal
    async with tx.everywhere():  # whoever stands in may live elsewhere, and hold posts there
        person = await lock_person(tx, command.person_id)
        held = await store.list_held(tx, command.person_id, command.since, command.until)
    if person is None:
        return Refusal("unknown-person", person_id=str(command.person_id))
    refusal = rules.may_also_hold(appointment.post, unit.region, held)
    if refusal:
        return refusal
    if await store.find_delegation_clash(tx, command):
        return Refusal("delegation-exists")

    await store.add_delegation(tx, command)
    fact = DelegationStarted(**command.model_dump(), unit_id=unit.unit_id)
    tx.say(fact, region=unit.region, version=1)
    await tx.audit(AuditAction.DUTY_DELEGATED, about=command.person_id, thing=command.delegation_id, region=unit.region)
    return DelegationState(**command.model_dump())


@registry.decides(EndDelegation)
async def end_delegation(command: EndDelegation, tx: Transaction) -> DelegationState | Refusal:
    found = await store.lock_delegation(tx, command.delegation_id)
    if found is None:
        return Refusal("unknown-delegation")
    delegation, unit_id, region, ended = found
    denied = decide(tx.actor, command.contract.permission, region)
    if denied:
        return denied
    if not ended:
        await store.end_delegation(tx, command.delegation_id)
        fact = DelegationEnded(
            delegation_id=delegation.delegation_id,
            appointment_id=delegation.appointment_id,
            person_id=delegation.person_id,
            unit_id=unit_id,
        )
        tx.say(fact, region=region, version=2)
        await tx.audit(AuditAction.DELEGATION_ENDED, about=fact.person_id, thing=fact.delegation_id, region=region)
    return delegation
