"""What people find in their inbox, and what staff may count."""

from contracts.audit import AuditAction
from contracts.message import Done
from contracts.notify.v1 import (
    CountNotices,
    GetInbox,
    Inbox,
    ListTold,
    MarkSeen,
    NoticeCounts,
    ToldList,
)
from contracts.refusals import Refusal
from services.chassis import Transaction
from services.chassis.access import decide
from services.notify import notify
from services.notify.inbox import store


@notify.answers(GetInbox, audited=True)
async def get_inbox(query: GetInbox, tx: Transaction) -> Inbox:
    """Only entries of regions the asker acts in: a person may have messages from several. Read by somebody else, it
    leaves a row."""
    if tx.actor.id != str(query.person_id):
        await tx.audit(AuditAction.RECORD_READ, about=query.person_id, region=tx.actor.region, reason="inbox")
    entries = await store.list_entries(tx, query.person_id, tx.actor.region, query.before, query.limit)
    unseen = await store.count_unseen(tx, query.person_id, tx.actor.region)
    return Inbox(entries=tuple(entries), unseen=unseen)


@notify.decides(MarkSeen)
async def mark_seen(command: MarkSeen, tx: Transaction) -> Done | Refusal:
    region = await store.lock_entry(tx, command.notice_id, command.person_id)
    if region is None:
        return Refusal("unknown-notice")
    denied = decide(tx.actor, MarkSeen.contract.permission, region)
    if denied:
        return denied
    await store.set_seen(tx, command.notice_id)
    return Done()


@notify.answers(CountNotices)
async def count_notices(query: CountNotices, tx: Transaction) -> NoticeCounts:
    if query.session_id is not None:
        return NoticeCounts(counts=tuple(await store.count_of_session(tx, query.region, query.session_id)))
    return NoticeCounts(counts=tuple(await store.count_by_state(tx, query.region)))


@notify.answers(ListTold)
async def list_told(query: ListTold, tx: Transaction) -> ToldList:
    """Only notices of regions the asker acts in; `next` is set while there are more."""
    told, last = await store.list_told(tx, query, tx.actor.region)
    return ToldList(told=tuple(told), next=last if len(told) == query.limit else None)
