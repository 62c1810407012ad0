"""Fills inboxes: the text appears in the transaction that marks the notice, so it is there once or not yet."""

from typing import Final

from contracts.notify.v1 import Channel, NoticeCancelled, NoticeSent
from services.chassis import Transaction
from services.chassis.running import Running
from services.chassis.telemetry import continued
from services.notify import replicas
from services.notify.delivery import rules, store
from services.notify.delivery.rules import Pending
from services.notify.delivery.store import cause_of
from services.notify.notices import texts
from services.notify.notices.saying import say
from services.notify.work import own_transaction

BATCH: Final = 200


async def fill_inboxes(running: Running) -> int:
    """Delivers what is due to inboxes, at most 200 notices. Returns how many ended, sent or cancelled."""
    async with own_transaction(running) as tx:
        due = await store.find_due(tx, Channel.INBOX, BATCH)
        if not due:
            return 0
        await replicas.share_sessions(tx, [session_id for _, session_id in due])
        notices = await store.lock_free(tx, [notice_id for notice_id, _ in due])
        alive = [notice for notice in notices if rules.reason_lives(notice, tx.now)]
        await _deliver(alive, tx)
        await _cancel([notice for notice in notices if notice not in alive], tx)
        return len(notices)


async def _deliver(notices: list[Pending], tx: Transaction) -> None:
    letters = [texts.inbox_letter(each.template, each.facts, each.occasion) for each in notices]
    await store.set_sent(tx, [(each, letter, "sent") for each, letter in zip(notices, letters, strict=True)])
    for notice in notices:
        with continued(f"send {notice.template}", [cause_of(notice, tx.actor)]) as causes:
            say(NoticeSent, notice.counted, tx, causes[0])


async def _cancel(notices: list[Pending], tx: Transaction) -> None:
    await store.set_cancelled(tx, notices)
    for notice in notices:
        say(NoticeCancelled, notice.counted, tx, cause_of(notice, tx.actor))
