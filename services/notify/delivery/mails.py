"""Sends mails: claimed for a while, asked once more whether their reason lives, sent, then marked.

A mail leaves before it is marked: a crash in between repeats it, under the same Message-ID.
"""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from contracts.notify.v1 import Channel, NoticeCancelled, NoticeFailed, NoticeSent
from contracts.refusals import Refused
from contracts.registry.v1 import Contact
from services.chassis import Transaction
from services.chassis.running import Running
from services.chassis.telemetry import continued, log
from services.chassis.transaction import Cause
from services.notify import replicas
from services.notify.delivery import mail, rules, store
from services.notify.delivery.contacts import ask_contacts
from services.notify.delivery.links import with_link
from services.notify.delivery.mail import Postman, Trouble
from services.notify.delivery.rules import Pending
from services.notify.delivery.store import Claimed, cause_of
from services.notify.notices import texts
from services.notify.notices.saying import say
from services.notify.work import finish_all, own_transaction

BATCH: Final = 50
AT_ONCE: Final = 8
LEASE: Final = timedelta(seconds=120)
REGISTRY_AWAY: Final = timedelta(seconds=5)
MOOT: Final = Trouble("moot", permanent=False)


async def send_mails(running: Running, postman: Postman) -> int:
    """Takes up at most 50 mails that are due and sends them, 8 at once. Returns how many were taken up."""
    async with own_transaction(running) as tx:
        due = [notice_id for notice_id, _ in await store.find_due(tx, Channel.EMAIL, BATCH)]
        claimed = await store.claim(tx, due, tx.now + LEASE) if due else []
    if not claimed:
        return 0
    try:
        contacts = await ask_contacts(running, {each.recipient for each in claimed})
    except Refused as refused:
        await _let_go(running, claimed, refused)
        return len(claimed)
    room = asyncio.Semaphore(AT_ONCE)

    async def send(each: Claimed) -> None:
        async with room:
            await send_one(running, postman, each, contacts.get(each.recipient))

    await finish_all(send(each) for each in claimed)
    return len(claimed)


async def _let_go(running: Running, claimed: Collection[Claimed], refused: Refused) -> None:
    log.warning("no contacts from registry, mails wait", count=len(claimed), reason=refused.refusal.code)
    async with own_transaction(running) as tx:
        await store.let_go(tx, claimed, tx.now + REGISTRY_AWAY)


async def send_one(running: Running, postman: Postman, claimed: Claimed, contact: Contact | None) -> None:
    """Sends one claimed mail if its reason still lives, and marks how it ended."""
    async with own_transaction(running) as tx:
        notice = await store.find_pending(tx, claimed.notice_id)
    if notice is None or notice.claimed_until != claimed.claimed_until:
        return
    with continued(f"send {notice.template}", [cause_of(notice, running.actor)]) as causes:
        lives = rules.reason_lives(notice, running.clock.now())
        trouble = await hand_over(postman, notice, contact, running) if lives else MOOT
        async with own_transaction(running) as tx:
            await mark(notice, trouble, causes[0], tx)


async def hand_over(postman: Postman, notice: Pending, contact: Contact | None, running: Running) -> Trouble | None:
    """Writes the mail in the person's language and hands it to the mail server."""
    if contact is None:
        return Trouble("unknown-person", permanent=True)
    if contact.email is None:
        return Trouble("no-address", permanent=True)
    letter = texts.letter(notice.template, notice.facts, notice.occasion, contact.language)
    letter = with_link(letter, notice, contact.language, running.signer, postman.public_url, running.clock.now())
    body = texts.mail_body(letter.text, contact.name, contact.language)
    message = mail.write(notice.notice_id, notice.due_at, postman.sender, contact.email, letter.subject, body)
    if message is None:
        return Trouble("bad-address", permanent=True)
    return await postman.send(message, contact.email)


async def mark(notice: Pending, trouble: Trouble | None, cause: Cause, tx: Transaction) -> None:
    """Writes down how a try ended, unless somebody else has the notice by now."""
    await replicas.share_sessions(tx, [notice.session_id])
    held = await store.lock_held(tx, notice.notice_id)
    if held is None or held.claimed_until != notice.claimed_until:
        return
    if trouble is None:
        await store.set_sent(tx, [(held, None, rules.status_when_sent(held))])
        say(NoticeSent, held.counted, tx, cause)
    elif not rules.reason_lives(held, tx.now):
        await store.set_cancelled(tx, [held])
        say(NoticeCancelled, held.counted, tx, cause)
    else:
        await _retry_or_fail(held, trouble, cause, tx)


async def _retry_or_fail(notice: Pending, trouble: Trouble, cause: Cause, tx: Transaction) -> None:
    at = None if trouble.permanent else rules.next_try(rules.MAIL_DELAYS, notice.attempts + 1, tx.now)
    if at is not None:
        await store.set_next_try(tx, notice, at)
        log.info("mail not sent, tried again", notice=str(notice.notice_id), reason=trouble.reason)
        return
    await store.set_failed(tx, notice, trouble.reason)
    say(NoticeFailed, notice.counted, tx, cause, reason=trouble.reason)
    log.warning("mail failed", notice=str(notice.notice_id), reason=trouble.reason)
