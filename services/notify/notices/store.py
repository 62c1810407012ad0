"""All SQL that plans notices, and takes them back when their reason dies."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record
from pydantic_core import to_json
from uuid_utils.compat import uuid7

from services.chassis import Transaction
from services.notify.notices.rules import CALLED_OFF, REMINDER, Notice

ADD_NOTICES = """
INSERT INTO notice (notice_id, cause_id, correlation_id, traceparent, recipient, template, channel, region, facts,
    due_at, next_try_at, expires_at, session_id, enrolment_id, shift_id)
SELECT id, cause, correlation, trace, recipient, template, channel, region, facts::jsonb,
    due, due, expires, session, enrolment, shift
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::timestamptz[], $11::timestamptz[], $12::uuid[], $13::uuid[], $14::uuid[])
    AS plan (id, cause, correlation, trace, recipient, template, channel, region, facts, due, expires, session,
             enrolment, shift)
WHERE NOT EXISTS (SELECT FROM silenced WHERE person_id = recipient AND state <> 'free')
  AND NOT EXISTS (SELECT FROM contact_refused AS known
                  WHERE known.person_id = recipient AND known.channel = plan.channel AND refused)
ON CONFLICT ON CONSTRAINT one_notice_a_fact DO NOTHING
"""
# What is claimed may be on its way this moment: its sender sees the cancellation and ends it itself.
CANCEL_OF_SESSIONS = """
UPDATE notice SET status = 'cancelled', version = version + 1
WHERE session_id = ANY ($1::uuid[]) AND template <> $2 AND status = 'planned'
  AND (claimed_until IS NULL OR claimed_until <= $3)
RETURNING notice_id, channel, template, cause_id, region, version
"""
CANCEL_OF_ENROLMENTS = """
UPDATE notice SET status = 'cancelled', version = version + 1
FROM unnest($1::uuid[], $2::text[]) AS ended (enrolment, template)
WHERE enrolment_id = ended.enrolment AND notice.template = ended.template AND status = 'planned'
  AND (claimed_until IS NULL OR claimed_until <= $3)
RETURNING notice_id, channel, notice.template, cause_id, region, version
"""
# What is claimed is on its way and says the place and time of the moment it is sent.
MOVE_REMINDERS = """
UPDATE notice SET due_at = $2, next_try_at = $2, expires_at = $3
WHERE session_id = $1 AND template = $4 AND status = 'planned' AND (claimed_until IS NULL OR claimed_until <= $5)
"""
CANCEL_REMINDERS = """
UPDATE notice SET status = 'cancelled', version = version + 1
WHERE session_id = $1 AND template = $2 AND status = 'planned' AND (claimed_until IS NULL OR claimed_until <= $3)
RETURNING notice_id, channel, template, cause_id, region, version
"""
LIST_REMINDED = """
SELECT enrolment_id, channel FROM notice
WHERE session_id = ANY ($1::uuid[]) AND template = $2 AND status = 'planned'
"""
SUPERSEDE_OF_SESSIONS = """
UPDATE notice SET status = 'superseded'
WHERE session_id = ANY ($1::uuid[]) AND template <> $2 AND status IN ('sent', 'seen')
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """A notice that was taken back; `version` counts its events."""

    notice_id: UUID
    channel: str
    template: str
    cause_id: UUID
    region: str
    version: int


async def add_notices(tx: Transaction, notices: Iterable[Notice]) -> None:
    """Plans notices; one that is planned already for the same fact, person, template and channel stays as it is."""
    rows = [_row(notice) for notice in sorted(notices, key=lambda each: (each.cause_id, each.recipient, each.template))]
    if rows:
        await tx.execute(ADD_NOTICES, *map(list, zip(*rows, strict=True)))


def _row(notice: Notice) -> tuple[Any, ...]:
    return (
        uuid7(),
        notice.cause_id,
        notice.correlation_id,
        notice.traceparent,
        notice.recipient,
        notice.template,
        notice.channel.value,
        notice.region,
        to_json(dict(notice.facts)).decode(),
        notice.due_at,
        notice.expires_at,
        notice.session_id,
        notice.enrolment_id,
        notice.shift_id,
    )


async def cancel_of_sessions(tx: Transaction, session_ids: Collection[UUID]) -> list[Ended]:
    """Cancels what is pending of the sessions, except the message that they are cancelled."""
    return _ended(await tx.fetch(CANCEL_OF_SESSIONS, list(session_ids), CALLED_OFF, tx.now))


async def move_reminders(tx: Transaction, session_id: UUID, due_at: datetime, expires_at: datetime) -> None:
    """Puts pending reminders of a session to another time."""
    await tx.execute(MOVE_REMINDERS, session_id, due_at, expires_at, REMINDER, tx.now)


async def list_reminded(tx: Transaction, session_ids: Collection[UUID]) -> set[tuple[UUID, str]]:
    """The enrolments in these sessions, and the channels, of which a reminder is still to come."""
    return {(row["enrolment_id"], row["channel"]) for row in await tx.fetch(LIST_REMINDED, list(session_ids), REMINDER)}


async def cancel_reminders(tx: Transaction, session_id: UUID) -> list[Ended]:
    """Cancels pending reminders of a session."""
    return _ended(await tx.fetch(CANCEL_REMINDERS, session_id, REMINDER, tx.now))


async def cancel_of_enrolments(tx: Transaction, ended: Collection[tuple[UUID, str]]) -> list[Ended]:
    """Cancels what is pending of an enrolment by a template, for each pair of them."""
    enrolments, templates = [each[0] for each in ended], [each[1] for each in ended]
    return _ended(await tx.fetch(CANCEL_OF_ENROLMENTS, enrolments, templates, tx.now))


async def supersede_of_sessions(tx: Transaction, session_ids: Collection[UUID]) -> int:
    """Marks what was delivered of the sessions as overtaken; returns how many."""
    return await tx.execute(SUPERSEDE_OF_SESSIONS, list(session_ids), CALLED_OFF)


def _ended(rows: Iterable[Record]) -> list[Ended]:
    return [Ended(**dict(row)) for row in rows]
