"""What registry does when somebody takes or leaves a post (职务), or is asked who was in office."""

from contracts.audit import AuditAction
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    Appoint,
    AppointmentEnded,
    AppointmentState,
    EndAppointment,
    ListOfficers,
    Officers,
    PersonAppointed,
)
from services.chassis import Transaction
from services.chassis.access import decide
from services.chassis.clock import day_of
from services.registry import registry
from services.registry.appointments import rules, store
from services.registry.people.store import lock_person
from services.registry.units.store import find_unit


@registry.decides(Appoint)
async def appoint(command: Appoint, tx: Transaction) -> AppointmentState | Refusal:
    unit = await find_unit(tx, command.unit_id)
    if unit is None:
        return Refusal("unknown-unit", unit_id=str(command.unit_id))
    denied = decide(tx.actor, command.contract.permission, unit.region)
    if denied:
        return denied
    async with tx.everywhere():  # an officer may live elsewhere, and hold posts there
        person = await lock_person(tx, command.person_id)
        held = await store.list_held(tx, command.person_id, command.since, None)
    if person is None:
        return Refusal("unknown-person", person_id=str(command.person_id))
    if await store.find_overlap(tx, command):
        return Refusal("appointment-overlaps")
    conflict = rules.may_also_hold(command.post, unit.region, held)
    if conflict:
        return conflict

    await store.add_appointment(tx, command)
    tx.say(PersonAppointed(**command.model_dump()), region=unit.region, version=1)
    await tx.audit(AuditAction.POST_GIVEN, about=command.person_id, thing=command.appointment_id, region=unit.region)
    return AppointmentState(**command.model_dump(), until=None)


@registry.decides(EndAppointment)
async def end_appointment(command: EndAppointment, tx: Transaction) -> AppointmentState | Refusal:
    appointment = await store.lock_appointment(tx, command.appointment_id)
    unit = await find_unit(tx, appointment.unit_id) if appointment else None
    if appointment is None or unit is None:
        return Refusal("unknown-appointment")
    denied = decide(tx.actor, command.contract.permission, unit.region)
    refusal = denied or rules.may_end(command, appointment, day_of(tx.now))
    if refusal:
        return refusal

    ended = appointment.model_copy(update={"until": command.until})
    version = await store.end_appointment(tx, command.appointment_id, command.until)
    tx.say(AppointmentEnded(**ended.model_dump(exclude={"since"})), region=unit.region, version=version)
    await tx.audit(AuditAction.POST_ENDED, about=ended.person_id, thing=ended.appointment_id, region=unit.region)
    return ended


@registry.answers(ListOfficers)
async def list_officers(query: ListOfficers, tx: Transaction) -> Officers | Refusal:
    unit = await find_unit(tx, query.unit_id)
    if unit is None:
        return Refusal("unknown-unit", unit_id=str(query.unit_id))
    denied = decide(tx.actor, query.contract.permission, unit.region)
    if denied:
        return denied
    return Officers(appointments=tuple(await store.list_officers(tx, query.unit_id, query.on)))
