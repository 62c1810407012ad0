"""What registry does when a person is registered, or a service must reach somebody."""

from collections.abc import Sequence

from contracts.audit import AuditAction
from contracts.registry.v1 import (
    Contact,
    Contacts,
    GetContacts,
    ListRegistryAccesses,
    PersonRegistered,
    PersonState,
    RegisterPerson,
)
from services.chassis import Asked, Transaction
from services.chassis.access import decide
from services.chassis.accesses import answer_accesses
from services.registry import registry
from services.registry.people import rules, store
from services.registry.people.values import open_sealed, seal_new

answer_accesses(registry, ListRegistryAccesses, store.find_guardian)


@registry.decides_many(RegisterPerson)
async def register_people(asked: Sequence[Asked[RegisterPerson]], tx: Transaction) -> None:
    wanted = {id for each in asked for id in (each.data.person_id, each.data.guardian_id) if id}
    async with tx.everywhere():  # a guardian may live elsewhere
        known, given = await store.share_people(tx, wanted)

    added: list[RegisterPerson] = []
    for each in asked:  # in order of arrival: a guardian may come before her child in one batch
        person = each.data
        refusal = decide(each.actor, person.contract.permission, person.region) or rules.may_register(
            person, known, given
        )
        if refusal:
            each.answer(refusal)
            continue
        state = PersonState(person_id=person.person_id, age_band=person.age_band, version=1)
        known[person.person_id] = state
        given.add(person.person_id)
        added.append(person)
        each.answer(state)
        tx.say(_registered(person), region=person.region, version=state.version, cause=each.cause)

    sealed = await seal_new({each.person_id: {"name": each.name, "email": each.email} for each in added}, tx.now)
    await store.add_people(tx, added, sealed)


def _registered(person: RegisterPerson) -> PersonRegistered:
    return PersonRegistered(person_id=person.person_id, age_band=person.age_band, guardian_id=person.guardian_id)


@registry.answers(GetContacts, audited=True)
async def get_contacts(query: GetContacts, tx: Transaction) -> Contacts:
    reached = await store.list_reached(tx, query.people)
    opened = await open_sealed(reached)
    found = [row for row in reached if row["person_id"] in opened]
    for row in found:
        await tx.audit(AuditAction.CONTACTS_READ, about=row["asked_id"], region=row["region"], reason=query.purpose)
    return Contacts(
        contacts=tuple(
            Contact(person_id=row["asked_id"], language=row["language"], **opened[row["person_id"]]) for row in found
        )
    )
