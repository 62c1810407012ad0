"""What registry does when somebody reads a person's record: each reading is written down (promise 12)."""

from contracts.audit import AuditAction
from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import AccessStatus, GetPerson, Guardian, PersonRecord
from services.chassis import Transaction
from services.chassis.access import Facts, decide
from services.registry import registry
from services.registry.approvals.handlers import person_behind
from services.registry.approvals.rules import Access, is_protected
from services.registry.approvals.store import find_open
from services.registry.people.values import open_sealed
from services.registry.records import store


@registry.answers(GetPerson, audited=True)
async def get_person(query: GetPerson, tx: Transaction) -> PersonRecord | Refusal:
    person = await store.find_person(tx, query.person_id)
    if person is None:
        return Refusal("unknown-person", person_id=str(query.person_id))
    protected = is_protected(AgeBand(person["age_band"]))
    reader = person_behind(tx.actor, query.contract.permission)
    access = await find_open(tx, reader, query.person_id) if protected else None
    facts = Facts(protected=protected, opened=access is not None)
    denied = decide(tx.actor, query.contract.permission, person["region"], facts)
    if denied:
        return denied

    await tx.audit(
        AuditAction.RECORD_READ,
        about=query.person_id,
        thing=access.record_access_id if access else None,
        region=person["region"],
        reason=_why(access),
    )
    async with tx.everywhere():  # a guardian may live elsewhere
        guardians = await store.list_guardians(tx, [person["guardian_id"]] if person["guardian_id"] else [])
    opened = await open_sealed([person, *guardians])
    if query.person_id not in opened:
        return Refusal("unknown-person", person_id=str(query.person_id))
    return PersonRecord(
        **{name: person[name] for name in ("person_id", "age_band", "region", "language")},
        **opened.pop(query.person_id),
        guardians=tuple(Guardian(person_id=id, **values) for id, values in opened.items()),
        consents=await store.list_consents(tx, query.person_id),
        record_access_id=access.record_access_id if access else None,
    )


def _why(access: Access | None) -> str:
    """By what a record was open: the audit log tells an approval from a broken glass."""
    if access is None:
        return "of-age"
    return "break-glass" if access.status is AccessStatus.OPENED else "approval"
