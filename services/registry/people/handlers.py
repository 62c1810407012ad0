"""What registry does when a person is registered, or a service must reach somebody."""

from contracts.refusals import Refusal
from contracts.registry.v1 import Contacts, GetContacts, PersonRegistered, PersonState, RegisterPerson
from services.chassis import Transaction
from services.chassis.access import decide
from services.registry import registry
from services.registry.people import rules, store


@registry.decides(RegisterPerson)
async def register_person(command: RegisterPerson, tx: Transaction) -> PersonState | Refusal:
    denied = decide(tx.actor, command.contract.permission, command.region)
    if denied:
        return denied
    known = await store.find_person(tx, command.person_id)
    guardian = await store.find_person(tx, command.guardian_id) if command.guardian_id else None

    refusal = rules.may_register(command, known, guardian)
    if refusal:
        return refusal

    await store.add_person(tx, command)
    state = PersonState(person_id=command.person_id, age_band=command.age_band, version=1)
    tx.say(
        PersonRegistered(person_id=state.person_id, age_band=state.age_band, guardian_id=command.guardian_id),
        region=command.region,
        version=state.version,
    )
    return state


@registry.answers(GetContacts)
async def get_contacts(query: GetContacts, tx: Transaction) -> Contacts:
    return Contacts(contacts=tuple(await store.list_contacts(tx, query.people)))
