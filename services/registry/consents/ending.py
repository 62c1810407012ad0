"""How a consent ends, whatever ends it: under its person's lock, once, and said as her next fact."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from contracts.registry.v1 import ConsentWithdrawn
from services.chassis import Transaction
from services.chassis.transaction import Cause
from services.registry.consents import store
from services.registry.consents.rules import Consent, Subject


async def end(
    tx: Transaction,
    consents: Iterable[Consent],
    subjects: Mapping[UUID, Subject],
    why: str,
    causes: Mapping[UUID, Cause] | None = None,
) -> None:
    """Ends standing consents of locked persons; `causes` by consent, where it is not the transaction's.

    Whoever was erased is no subject, and nothing of hers is told any more.
    """
    ending = [each for each in consents if each.person_id in subjects]
    versions = {each.person_id: subjects[each.person_id].version for each in ending}
    for each in ending:
        versions[each.person_id] += 1
        tx.say(
            ConsentWithdrawn(person_id=each.person_id, purpose=each.purpose, consent_id=each.consent_id, why=why),
            region=subjects[each.person_id].region,
            version=versions[each.person_id],
            cause=(causes or {}).get(each.consent_id),
        )
    if ending:
        await store.end_consents(tx, [each.consent_id for each in ending], why)
        await store.set_versions(tx, versions)
