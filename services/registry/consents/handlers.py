"""What registry does when a consent is given or withdrawn."""

from uuid_utils.compat import uuid7

from contracts.audit import AuditAction
from contracts.message import Done
from contracts.refusals import Refusal
from contracts.registry.v1 import ConsentGiven, ConsentWithdrawn, RecordConsent, WithdrawConsent
from services.chassis import Transaction
from services.chassis.access import decide
from services.registry import registry
from services.registry.consents import rules, store


@registry.decides(RecordConsent)
async def record_consent(command: RecordConsent, tx: Transaction) -> Done | Refusal:
    subject = await store.lock_subject(tx, command.person_id)
    if subject is None:
        return Refusal("unknown-person", person_id=str(command.person_id))
    denied = decide(tx.actor, command.contract.permission, subject.region)
    refusal = denied or rules.may_give(command, subject)
    if refusal:
        return refusal
    former = await store.find_consent(tx, command.person_id, command.purpose)
    if former and former.notice_version == command.notice_version:
        return Done()

    if former:
        await store.renew_consent(tx, former.consent_id)
    await store.add_consent(tx, uuid7(), command)
    await store.set_version(tx, subject.person_id, subject.version + 1)
    given = ConsentGiven(person_id=subject.person_id, purpose=command.purpose)
    tx.say(given, region=subject.region, version=subject.version + 1)
    if tx.actor.id != str(command.given_by):  # on behalf of whoever gave it
        await _log(tx, AuditAction.CONSENT_RECORDED, command, subject.region)
    return Done()


@registry.decides(WithdrawConsent)
async def withdraw_consent(command: WithdrawConsent, tx: Transaction) -> Done | Refusal:
    subject = await store.lock_subject(tx, command.person_id)
    if subject is None:
        return Refusal("unknown-person", person_id=str(command.person_id))
    denied = decide(tx.actor, command.contract.permission, subject.region)
    if denied:
        return denied
    standing = await store.find_consent(tx, command.person_id, command.purpose)
    if standing is None:
        return Refusal("consent-missing")

    await store.withdraw_consent(tx, standing.consent_id)
    await store.set_version(tx, subject.person_id, subject.version + 1)
    withdrawn = ConsentWithdrawn(person_id=subject.person_id, purpose=command.purpose)
    tx.say(withdrawn, region=subject.region, version=subject.version + 1)
    await _log(tx, AuditAction.CONSENT_WITHDRAWN, command, subject.region)
    return Done()


async def _log(tx: Transaction, action: AuditAction, command: RecordConsent | WithdrawConsent, region: str) -> None:
    await tx.audit(action, about=command.person_id, region=region, reason=command.purpose.value)
