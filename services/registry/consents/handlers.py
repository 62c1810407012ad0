"""What registry does when a consent is given, withdrawn, or has run out."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.audit import AuditAction
from contracts.message import Done
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    ConsentGiven,
    ConsentPurpose,
    ConsentsToRenew,
    ListConsentsToRenew,
    RecordConsent,
    Withdrawal,
    WithdrawConsent,
)
from services.chassis import Due, Transaction
from services.chassis.access import decide
from services.registry import registry
from services.registry.consents import rules, store
from services.registry.consents.ending import end
from services.registry.consents.rules import Subject
from services.registry.privacy_notices.store import find_in_force

EXPIRES: Final = "consent-expires"

# Nobody takes the timer of a consent that ended otherwise back: it fires and finds nothing that stands.


@registry.decides(RecordConsent)
async def record_consent(command: RecordConsent, tx: Transaction) -> Done | Refusal:
    subject = await store.lock_subject(tx, command.person_id)
    if subject is None:
        return Refusal("unknown-person", person_id=str(command.person_id))
    denied = decide(tx.actor, command.contract.permission, subject.region)
    if denied:
        return denied
    notice = await find_in_force(tx, command.purpose, subject.region)
    refusal = rules.may_give(command, subject, tx.actor.id, notice.notice_version if notice else None, tx.now)
    if refusal:
        return refusal
    former = await store.find_consent(tx, command.person_id, command.purpose)
    if former and former.is_same(command):
        return Done()

    if former:
        await store.renew_consent(tx, former.consent_id)
    consent_id = uuid7()
    await store.add_consent(tx, consent_id, command)
    await store.set_versions(tx, {subject.person_id: subject.version + 1})
    if command.expires_at is not None:
        tx.set_timer(EXPIRES, consent_id, command.expires_at)
    given = ConsentGiven(
        person_id=subject.person_id,
        purpose=command.purpose,
        consent_id=consent_id,
        notice_version=command.notice_version,
        expires_at=command.expires_at,
    )
    tx.say(given, region=subject.region, version=subject.version + 1)
    if tx.actor.id != str(command.given_by):
        await _audit(AuditAction.CONSENT_RECORDED, subject, command.purpose, consent_id, tx)
    return Done()


@registry.decides(WithdrawConsent)
async def withdraw_consent(command: WithdrawConsent, tx: Transaction) -> Withdrawal | Refusal:
    subject = await store.lock_subject(tx, command.person_id)
    if subject is None:
        return Refusal("unknown-person", person_id=str(command.person_id))
    denied = decide(tx.actor, command.contract.permission, subject.region)
    if denied:
        return denied
    standing = await store.find_consent(tx, command.person_id, command.purpose)
    if standing is None:
        return Refusal("consent-missing")

    await end(tx, [standing], {subject.person_id: subject}, rules.WITHDRAWN)
    await _audit(AuditAction.CONSENT_WITHDRAWN, subject, command.purpose, standing.consent_id, tx)
    return Withdrawal(consent_id=standing.consent_id, effects=rules.EFFECTS[command.purpose])


async def _audit(
    action: AuditAction, subject: Subject, purpose: ConsentPurpose, consent_id: UUID, tx: Transaction
) -> None:
    await tx.audit(action, about=subject.person_id, thing=consent_id, region=subject.region, reason=purpose.value)


@registry.when_due(EXPIRES)
async def end_expired(due: Sequence[Due], tx: Transaction) -> None:
    """Ends consents whose time is over, unless they were withdrawn or renewed before."""
    ids = [each.key for each in due]
    people = {each.person_id for each in await store.find_standing(tx, ids)}
    subjects = await store.lock_subjects(tx, people)
    expired = await store.find_standing(tx, ids)
    await end(tx, expired, subjects, rules.EXPIRED, tx.causes)


@registry.answers(ListConsentsToRenew)
async def list_consents_to_renew(query: ListConsentsToRenew, tx: Transaction) -> ConsentsToRenew:
    return ConsentsToRenew(consents=tuple(await store.list_to_renew(tx, query, tx.now)))
