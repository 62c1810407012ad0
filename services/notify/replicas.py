"""What notify remembers of others' facts: sessions, enrolments and shifts, without anything about a person."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from contracts.activities.v1 import (
    EnrolmentApproved,
    EnrolmentConfirmed,
    EnrolmentEntered,
    EnrolmentQueued,
    EnrolmentReconfirmed,
    EnrolmentRefused,
    EnrolmentRequested,
    EnrolmentStatus,
    EnrolmentWithdrawn,
    FamilyChanged,
    OfferEnded,
    ReconfirmRequested,
    SeatsOffered,
    SessionAmended,
    SessionCancelled,
    SessionClosed,
    SessionMoved,
    SessionScheduled,
)
from contracts.envelope import CloudEvent
from contracts.message import Event
from contracts.volunteers.v1 import ShiftOpened
from services.chassis import Transaction
from services.notify import notify
from services.notify.notices.rules import Enrolment, Session

ENROLMENT_STATUS: Mapping[type[Event], str] = {
    EnrolmentConfirmed: "confirmed",
    EnrolmentQueued: "waiting",
    SeatsOffered: "offered",
    OfferEnded: "withdrawn",
    EnrolmentWithdrawn: "withdrawn",
    EnrolmentRequested: "waiting",
    EnrolmentApproved: "waiting",
    EnrolmentEntered: "waiting",
    EnrolmentRefused: "withdrawn",
    FamilyChanged: "waiting",
    ReconfirmRequested: "confirmed",
    EnrolmentReconfirmed: "confirmed",
}
"""Where each fact leaves an enrolment; other people (FamilyChanged) leave one that has or is offered seats as it is."""

# An enrolment may be heard before its session: then the row waits as `unheard`.
ADD_SESSIONS = """
INSERT INTO session (session_id) SELECT id FROM unnest($1::uuid[]) AS heard (id) ORDER BY id ON CONFLICT DO NOTHING
"""
LOCK_SESSIONS = """
SELECT session_id FROM session WHERE session_id = ANY ($1::uuid[]) ORDER BY session_id FOR UPDATE
"""
# Whoever sends holds off a cancellation until what was sent is marked, so that it is superseded and not forgotten.
SHARE_SESSIONS = """
SELECT session_id FROM session WHERE session_id = ANY ($1::uuid[]) ORDER BY session_id FOR SHARE
"""
SET_SCHEDULED = """
UPDATE session SET status = 'published', title = heard.title, place = heard.place, starts_at = heard.starts_at,
    ends_at = heard.ends_at
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
    AS heard (id, title, place, starts_at, ends_at)
WHERE session_id = heard.id
"""
SET_MOVED = """
UPDATE session SET title = $2, place = $3, starts_at = $4, ends_at = $5 WHERE session_id = $1
"""
SET_TITLE = "UPDATE session SET title = $2 WHERE session_id = $1"
SET_CLOSED = "UPDATE session SET status = 'closed' WHERE session_id = ANY ($1::uuid[])"
SET_CANCELLED = """
UPDATE session SET status = 'cancelled', cancelled_by = heard.cause, reason = heard.reason
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS heard (id, cause, reason) WHERE session_id = heard.id
"""
LIST_SESSIONS = """
SELECT session_id, status, starts_at, cancelled_by, reason FROM session WHERE session_id = ANY ($1::uuid[])
"""
SET_ENROLMENTS = """
INSERT INTO enrolment AS known (enrolment_id, session_id, contact_id, region, status, confirmed_by)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[])
ON CONFLICT (enrolment_id) DO UPDATE
SET status = EXCLUDED.status, contact_id = EXCLUDED.contact_id,
    confirmed_by = coalesce(EXCLUDED.confirmed_by, known.confirmed_by)
"""
LIST_ENROLLED = """
SELECT enrolment_id, session_id, contact_id, region, status, confirmed_by FROM enrolment
WHERE session_id = ANY ($1::uuid[]) AND status <> 'withdrawn' ORDER BY enrolment_id
"""
LIST_SEATED = """
SELECT enrolment_id, session_id, contact_id, region, status, confirmed_by FROM enrolment
WHERE enrolment_id = ANY ($1::uuid[]) AND status = 'confirmed' ORDER BY enrolment_id
"""
ADD_SHIFTS = """
INSERT INTO shift (shift_id, title, starts_at, ends_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[]) ON CONFLICT DO NOTHING
"""


@notify.remembers(ShiftOpened, durable="notify-shifts", tables=("shift",))
async def remember_shifts(events: Sequence[CloudEvent[ShiftOpened]], tx: Transaction) -> None:
    shifts = [event.data for event in events]
    await tx.execute(
        ADD_SHIFTS,
        [shift.shift_id for shift in shifts],
        [shift.title for shift in shifts],
        [shift.starts_at for shift in shifts],
        [shift.ends_at for shift in shifts],
    )


async def lock_sessions(tx: Transaction, ids: Iterable[UUID]) -> None:
    """Locks the sessions, also those not heard of yet: enrolment and cancellation of one session never pass by."""
    wanted = sorted(set(ids))
    await tx.execute(ADD_SESSIONS, wanted)
    await tx.fetch(LOCK_SESSIONS, wanted)


async def share_sessions(tx: Transaction, ids: Iterable[UUID | None]) -> None:
    """Keeps the sessions as they are until the transaction ends."""
    wanted = sorted({id for id in ids if id is not None})
    if wanted:
        await tx.fetch(SHARE_SESSIONS, wanted)


async def remember_sessions(tx: Transaction, events: Sequence[CloudEvent[Any]]) -> None:
    """Takes in what the batch says of sessions; their rows are locked."""
    scheduled = [event.data for event in events if isinstance(event.data, SessionScheduled)]
    cancelled = [event for event in events if isinstance(event.data, SessionCancelled)]
    closed = [event.data.session_id for event in events if isinstance(event.data, SessionClosed)]
    if scheduled:
        columns = [(each.session_id, each.title, each.place, each.starts_at, each.ends_at) for each in scheduled]
        await tx.execute(SET_SCHEDULED, *map(list, zip(*columns, strict=True)))
    for event in events:  # step by step: a session may be moved twice in a batch
        if isinstance(event.data, SessionMoved):
            moved = event.data
            values = (moved.session_id, moved.title, moved.place, moved.starts_at, moved.ends_at)
            await tx.execute(SET_MOVED, *values)
        elif isinstance(event.data, SessionAmended):
            await tx.execute(SET_TITLE, event.data.session_id, event.data.title)
    if closed:
        await tx.execute(SET_CLOSED, closed)
    if cancelled:
        rows = [(event.data.session_id, event.id, event.data.reason) for event in cancelled]
        await tx.execute(SET_CANCELLED, *map(list, zip(*rows, strict=True)))


async def list_sessions(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Session]:
    return {row["session_id"]: Session(**dict(row)) for row in await tx.fetch(LIST_SESSIONS, list(ids))}


async def remember_enrolments(tx: Transaction, events: Sequence[CloudEvent[Any]]) -> None:
    """Takes in the facts of each enrolment, which come in order; how they fall into batches makes no difference."""
    heard: dict[UUID, Enrolment] = {}
    for each in [enrolment_after(event) for event in events if type(event.data) in ENROLMENT_STATUS]:
        before = heard.get(each.enrolment_id)
        if before is not None and each.confirmed_by is None:
            each = replace(each, confirmed_by=before.confirmed_by)
        heard[each.enrolment_id] = each
    if heard:
        last = sorted(heard.values(), key=lambda each: each.enrolment_id)
        rows = [(e.enrolment_id, e.session_id, e.contact_id, e.region, e.status, e.confirmed_by) for e in last]
        await tx.execute(SET_ENROLMENTS, *map(list, zip(*rows, strict=True)))


def enrolment_after(event: CloudEvent[Any]) -> Enrolment:
    """The enrolment as a fact leaves it."""
    data = event.data
    status = ENROLMENT_STATUS[type(data)]
    if isinstance(data, FamilyChanged) and data.status in (EnrolmentStatus.CONFIRMED, EnrolmentStatus.OFFERED):
        status = data.status.value
    confirmed_by = event.id if isinstance(data, EnrolmentConfirmed) else None
    return Enrolment(data.enrolment_id, data.session_id, data.contact_id, event.region, status, confirmed_by)


async def list_enrolled(tx: Transaction, session_ids: Collection[UUID]) -> list[Enrolment]:
    """Whoever has seats, waits or is offered seats in the sessions."""
    return [Enrolment(**dict(row)) for row in await tx.fetch(LIST_ENROLLED, list(session_ids))]


async def list_seated(tx: Transaction, ids: Collection[UUID]) -> list[Enrolment]:
    """Those of the enrolments that have seats."""
    return [Enrolment(**dict(row)) for row in await tx.fetch(LIST_SEATED, list(ids))]
