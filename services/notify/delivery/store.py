"""All SQL that delivers notices: what is due, who holds it, how it ended."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from contracts.notify.v1 import Channel
from services.chassis import Transaction
from services.chassis.access import Actor
from services.chassis.transaction import Cause
from services.notify.delivery.rules import Pending
from services.notify.notices.texts import Letter

# A notice waits until the session or shift that its text is about has been heard of.
FIND_DUE = """
SELECT notice_id, session_id FROM notice
LEFT JOIN session USING (session_id) LEFT JOIN shift USING (shift_id)
WHERE channel = $1 AND notice.status = 'planned' AND next_try_at <= $2
  AND (claimed_until IS NULL OR claimed_until <= $2)
  AND (notice.session_id IS NULL OR session.status <> 'unheard')
  AND (notice.shift_id IS NULL OR shift.title IS NOT NULL)
ORDER BY next_try_at, notice_id LIMIT $3
"""
PENDING = """
SELECT notice_id, cause_id, correlation_id, traceparent, recipient, template, channel, notice.region, facts, due_at,
    expires_at, attempts, version, claimed_until, notice.session_id, session.place,
    coalesce(session.title, shift.title) AS title, coalesce(session.starts_at, shift.starts_at) AS starts_at,
    coalesce(session.ends_at, shift.ends_at) AS ends_at,
    session.status AS session_status, enrolment.status AS enrolment_status,
    EXISTS (SELECT FROM silenced WHERE person_id = recipient AND state <> 'free') AS silenced,
    EXISTS (SELECT FROM contact_refused AS known
            WHERE known.person_id = recipient AND known.channel = notice.channel AND refused) AS refused
FROM notice LEFT JOIN session USING (session_id) LEFT JOIN shift USING (shift_id)
LEFT JOIN enrolment ON enrolment.enrolment_id = notice.enrolment_id
WHERE notice_id = ANY ($1::uuid[]) AND notice.status = 'planned'
ORDER BY next_try_at, notice_id
"""
# Whoever holds a row works on it already: it is left to them, never waited for.
LOCK_FREE = f"{PENDING} FOR UPDATE OF notice SKIP LOCKED"
LOCK_HELD = f"{PENDING} FOR UPDATE OF notice"
CLAIM = """
UPDATE notice SET claimed_until = $2 WHERE notice_id IN (
    SELECT notice_id FROM notice WHERE notice_id = ANY ($1::uuid[]) AND status = 'planned'
      AND (claimed_until IS NULL OR claimed_until <= $3)
    ORDER BY notice_id FOR UPDATE SKIP LOCKED)
RETURNING notice_id, recipient, claimed_until
"""
SET_SENT = """
UPDATE notice SET status = done.status, sent_at = $4, claimed_until = NULL, version = version + 1,
    subject = done.subject, text = done.text
FROM unnest($1::uuid[], $2::text[], $3::text[], $5::text[]) AS done (id, subject, text, status)
WHERE notice_id = done.id
"""
SET_CANCELLED = """
UPDATE notice SET status = 'cancelled', claimed_until = NULL, version = version + 1 WHERE notice_id = ANY ($1::uuid[])
"""
SET_FAILED = """
UPDATE notice SET status = 'failed', reason = $2, attempts = $3, claimed_until = NULL, version = version + 1
WHERE notice_id = $1
"""
SET_NEXT_TRY = "UPDATE notice SET next_try_at = $2, attempts = $3, claimed_until = NULL WHERE notice_id = $1"
LET_GO = """
UPDATE notice SET next_try_at = $2, claimed_until = NULL WHERE notice_id = ANY ($1::uuid[]) AND status = 'planned'
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice that is ours until a moment."""

    notice_id: UUID
    recipient: UUID
    claimed_until: datetime


async def find_due(tx: Transaction, channel: Channel, most: int) -> list[tuple[UUID, UUID | None]]:
    """Notices of a channel that are due, oldest first, each with its session; nothing is locked."""
    rows = await tx.fetch(FIND_DUE, channel.value, tx.now, most)
    return [(row["notice_id"], row["session_id"]) for row in rows]


async def lock_free(tx: Transaction, ids: Collection[UUID]) -> list[Pending]:
    """Locks those of the notices that are still planned and that nobody else holds."""
    return [_pending(row) for row in await tx.fetch(LOCK_FREE, list(ids))]


async def lock_held(tx: Transaction, id: UUID) -> Pending | None:
    """Locks one notice; None when it is no longer planned."""
    row = await tx.find(LOCK_HELD, [id])
    return _pending(row) if row else None


async def find_pending(tx: Transaction, id: UUID) -> Pending | None:
    """One notice as it is now; None when it is no longer planned."""
    row = await tx.find(PENDING, [id])
    return _pending(row) if row else None


async def claim(tx: Transaction, ids: Collection[UUID], until: datetime) -> list[Claimed]:
    """Takes those of the notices that nobody holds, until a moment; returns which, oldest first."""
    rows = await tx.fetch(CLAIM, list(ids), until, tx.now)
    return sorted((Claimed(**dict(row)) for row in rows), key=lambda each: each.notice_id)


async def set_sent(tx: Transaction, sent: Sequence[tuple[Pending, Letter | None, str]]) -> None:
    """Marks notices as sent (or superseded at once), with the text that the inbox keeps."""
    await tx.execute(
        SET_SENT,
        [notice.notice_id for notice, _, _ in sent],
        [letter.subject if letter else None for _, letter, _ in sent],
        [letter.text if letter else None for _, letter, _ in sent],
        tx.now,
        [status for _, _, status in sent],
    )


async def set_cancelled(tx: Transaction, notices: Collection[Pending]) -> None:
    await tx.execute(SET_CANCELLED, [notice.notice_id for notice in notices])


async def set_failed(tx: Transaction, notice: Pending, reason: str) -> None:
    await tx.execute(SET_FAILED, notice.notice_id, reason, notice.attempts + 1)


async def set_next_try(tx: Transaction, notice: Pending, at: datetime) -> None:
    await tx.execute(SET_NEXT_TRY, notice.notice_id, at, notice.attempts + 1)


async def let_go(tx: Transaction, claimed: Collection[Claimed], next_try_at: datetime) -> None:
    """Gives claimed notices back untried."""
    await tx.execute(LET_GO, [each.notice_id for each in claimed], next_try_at)


def cause_of(notice: Pending, actor: Actor) -> Cause:
    """The fact behind a notice, as the cause of what is said about it."""
    return Cause(actor.id, actor.region, notice.correlation_id, notice.cause_id, notice.traceparent)


def _pending(row: Record) -> Pending:
    return Pending(**{**dict(row), "facts": json.loads(row["facts"])})
