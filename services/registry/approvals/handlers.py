"""What registry does when somebody asks to open a minor's record, opens it in an emergency, or decides on either."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from asyncpg import Record

from contracts.audit import AuditAction
from contracts.refusals import Refusal, Refused
from contracts.registry.v1 import (
    AccessStatus,
    ApproveRecordAccess,
    BreakGlass,
    GlassBroken,
    ListRecordAccesses,
    RecordAccessApproved,
    RecordAccessEntry,
    RecordAccesses,
    RecordAccessRefused,
    RecordAccessRequested,
    RecordAccessReviewDue,
    RecordAccessReviewed,
    RecordAccessState,
    RefuseRecordAccess,
    RequestRecordAccess,
    ReviewRecordAccess,
)
from services.chassis import Due, Transaction
from services.chassis.access import Actor, Facts, decide, denial
from services.chassis.clock import day_of
from services.keyring.vault import vault
from services.registry import registry
from services.registry.approvals import rules, store, words
from services.registry.approvals.rules import Access

REVIEW: Final = "record-access-review"


@registry.decides(RequestRecordAccess)
async def request_record_access(command: RequestRecordAccess, tx: Transaction) -> RecordAccessState | Refusal:
    asked = await _case_of(command, command.minutes, tx)
    if isinstance(asked, Refusal):
        return asked
    reason = await words.seal_words(asked.person_id, asked.record_access_id, words.REASON, command.reason_text, tx.now)
    if reason is None:
        return Refusal("unknown-person", person_id=str(asked.person_id))
    if not await store.add_access(tx, asked, reason):
        return Refusal("record-access-exists")

    await _audit(AuditAction.APPROVAL_REQUESTED, asked, tx, command.reason.value)
    fact = RecordAccessRequested(
        record_access_id=asked.record_access_id, person_id=asked.person_id, requester_id=asked.requester_id
    )
    tx.say(fact, region=asked.region, version=1)
    return asked.state


@registry.decides(BreakGlass)
async def break_glass(command: BreakGlass, tx: Transaction) -> RecordAccessState | Refusal:
    asked = await _case_of(command, int(rules.GLASS_STAYS_BROKEN.total_seconds()) // 60, tx)
    if isinstance(asked, Refusal):
        return asked
    expires_at, review_by = tx.now + rules.GLASS_STAYS_BROKEN, tx.now + rules.TIME_TO_REVIEW
    opened = replace(asked, status=AccessStatus.OPENED, expires_at=expires_at)
    reason = await words.seal_words(asked.person_id, asked.record_access_id, words.REASON, command.reason_text, tx.now)
    if reason is None:
        return Refusal("unknown-person", person_id=str(asked.person_id))
    if not await store.add_access(tx, opened, reason, review_by):
        return Refusal("record-access-exists")

    await _audit(AuditAction.GLASS_BROKEN, opened, tx, command.reason.value)
    tx.set_timer(REVIEW, opened.record_access_id, review_by)
    fact = GlassBroken(
        record_access_id=opened.record_access_id,
        person_id=opened.person_id,
        requester_id=opened.requester_id,
        expires_at=expires_at,
        review_by=review_by,
    )
    tx.say(fact, region=opened.region, version=1)
    return opened.state


async def _case_of(command: RequestRecordAccess | BreakGlass, minutes: int, tx: Transaction) -> Access | Refusal:
    """The case as it is asked, not kept yet. Refusals: unknown-person, not-permitted, approval-not-needed."""
    subject = await store.find_subject(tx, command.person_id)
    if subject is None:
        return Refusal("unknown-person", person_id=str(command.person_id))
    region, band = subject
    denied = decide(tx.actor, command.contract.permission, region)
    if denied:
        return denied
    if not rules.is_protected(band):
        return Refusal("approval-not-needed")
    return Access(
        record_access_id=command.record_access_id,
        person_id=command.person_id,
        region=region,
        requester_id=person_behind(tx.actor, command.contract.permission),
        reason=command.reason.value,
        minutes=minutes,
        status=AccessStatus.REQUESTED,
        asked_at=tx.now,
        expires_at=None,
        reviewed=False,
        version=1,
    )


@registry.decides(ApproveRecordAccess)
async def approve_record_access(command: ApproveRecordAccess, tx: Transaction) -> RecordAccessState | Refusal:
    access = await _lock_for_decision(command, tx)
    if isinstance(access, Refusal):
        return access
    refusal = rules.may_decide(access, tx.now, approving=True)
    if refusal:
        return refusal

    expires_at = tx.now + timedelta(minutes=access.minutes)
    approved = replace(access, status=AccessStatus.APPROVED, expires_at=expires_at, version=access.version + 1)
    await store.set_decided(tx, approved, person_behind(tx.actor, command.contract.permission))
    await _audit(AuditAction.APPROVAL_GRANTED, approved, tx, access.reason)
    fact = RecordAccessApproved(record_access_id=approved.record_access_id, expires_at=expires_at)
    tx.say(fact, region=approved.region, version=approved.version)
    return approved.state


@registry.decides(RefuseRecordAccess)
async def refuse_record_access(command: RefuseRecordAccess, tx: Transaction) -> RecordAccessState | Refusal:
    access = await _lock_for_decision(command, tx)
    if isinstance(access, Refusal):
        return access
    refusal = rules.may_decide(access, tx.now, approving=False)
    if refusal:
        return refusal

    refused = replace(access, status=AccessStatus.REFUSED, version=access.version + 1)
    await store.set_decided(tx, refused, person_behind(tx.actor, command.contract.permission))
    await _audit(AuditAction.APPROVAL_REFUSED, refused, tx, access.reason)
    fact = RecordAccessRefused(record_access_id=refused.record_access_id)
    tx.say(fact, region=refused.region, version=refused.version)
    return refused.state


@registry.decides(ReviewRecordAccess)
async def review_record_access(command: ReviewRecordAccess, tx: Transaction) -> RecordAccessState | Refusal:
    access = await _lock_for_decision(command, tx)
    if isinstance(access, Refusal):
        return access
    refusal = rules.may_review(access)
    if refusal:
        return refusal

    reviewed = replace(access, reviewed=True, version=access.version + 1)
    reviewer = person_behind(tx.actor, command.contract.permission)
    note = await words.seal_words(access.person_id, access.record_access_id, words.NOTE, command.note, tx.now)
    await store.set_reviewed(tx, reviewed, reviewer, command.justified, note)
    await _audit(AuditAction.GLASS_REVIEWED, reviewed, tx, "justified" if command.justified else "not-justified")
    fact = RecordAccessReviewed(record_access_id=reviewed.record_access_id, justified=command.justified)
    tx.say(fact, region=reviewed.region, version=reviewed.version)
    return reviewed.state


async def _lock_for_decision(
    command: ApproveRecordAccess | RefuseRecordAccess | ReviewRecordAccess, tx: Transaction
) -> Access | Refusal:
    """The case, locked, for whoever may decide on it. Refusals: unknown-record-access, not-permitted, own-request."""
    access = await store.lock_access(tx, command.record_access_id)
    if access is None:
        return Refusal("unknown-record-access")
    permission = command.contract.permission
    decider = person_behind(tx.actor, permission)
    own = rules.is_own(access, decider, await store.list_authorities(tx, decider, day_of(tx.now)))
    return decide(tx.actor, permission, access.region, Facts(own=own)) or access


def person_behind(actor: Actor, permission: str) -> UUID:
    """The person who asks. Raises Refused("not-permitted") for a machine: only a person answers for an opening."""
    try:
        return UUID(actor.id)
    except ValueError:
        raise Refused(denial(permission, actor.region)) from None


async def closed_to_asker(tx: Transaction, person_id: UUID, permission: str, region: str) -> Refusal | None:
    """Whether a minor's record is not open to whoever asks, and may there. Refusal: approval-needed."""
    access = await store.find_open(tx, person_behind(tx.actor, permission), person_id)
    return None if access else Refusal("approval-needed", permission=permission, region=region)


async def _audit(action: AuditAction, access: Access, tx: Transaction, reason: str) -> None:
    await tx.audit(action, about=access.person_id, thing=access.record_access_id, region=access.region, reason=reason)


@registry.when_due(REVIEW)
async def remind_of_review(due: Sequence[Due], tx: Transaction) -> None:
    """Says once that an opening by break-glass still waits for its review."""
    for each in due:
        access = await store.lock_access(tx, each.key)
        if access is None or access.reviewed:
            continue
        reminded = replace(access, version=access.version + 1)
        await store.set_version(tx, reminded)
        fact = RecordAccessReviewDue(record_access_id=access.record_access_id, requester_id=access.requester_id)
        tx.say(fact, region=access.region, version=reminded.version, cause=tx.because_of(each.key))


@registry.answers(ListRecordAccesses)
async def list_record_accesses(query: ListRecordAccesses, tx: Transaction) -> RecordAccesses:
    rows = await store.list_accesses(tx, query)
    keys = await vault.keys_of({row["person_id"] for row in rows})
    return RecordAccesses(accesses=tuple(_entry(row, keys) for row in rows))


def _entry(row: Record, keys: words.Keys) -> RecordAccessEntry:
    fields = dict(row)
    key, said = keys.get(row["person_id"]), fields.pop("reason_sealed")
    fields["reason_text"] = words.opened(key, row["record_access_id"], words.REASON, said, row["reason_text"])
    return RecordAccessEntry(**fields)
