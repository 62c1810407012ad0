"""What notify does when families and volunteers have something to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from contracts.activities.v1 import (
    ChildOverdue,
    EnrolmentConfirmed,
    FamilyChanged,
    FollowUpOverdue,
    SessionAmended,
    SessionBlocked,
    SessionCancelled,
    SessionClosed,
    SessionMoved,
    SessionScheduled,
    SessionUnblocked,
    StandingChanged,
)
from contracts.envelope import CloudEvent
from contracts.notify.v1 import NoticeCancelled
from contracts.volunteers.v1 import CertificateIssued, HoursCredited, ShiftTaken
from services.chassis import Transaction
from services.notify import notify, replicas
from services.notify.notices import rules, store
from services.notify.notices.rules import Chain, Session
from services.notify.notices.saying import say


async def tell_families(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    sessions = await replicas.list_sessions(tx, {event.data.session_id for event in events})

    await plan_by_rules(events, tx)
    await move_reminders(events, sessions, tx)
    await tell_of_moves(events, sessions, tx)
    await plan_reminders(events, sessions, tx)
    await remind_anew(events, sessions, tx)
    await end_reminders(events, tx)
    await call_off({id: session for id, session in sessions.items() if session.cancelled_by}, tx)


# One durable for sessions and enrolments, and the session's row locked: whichever is handled first, a cancellation
# and an enrolment of the same session see each other.
@notify.remembers(
    SessionScheduled,
    SessionAmended,
    SessionMoved,
    SessionCancelled,
    SessionClosed,
    *replicas.ENROLMENT_STATUS,
    SessionBlocked,
    SessionUnblocked,
    durable="notify-tell-families",
    tables=("session", "enrolment"),
    then=tell_families,
)
async def remember_sessions_and_enrolments(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    await replicas.lock_sessions(tx, {event.data.session_id for event in events})
    await replicas.remember_sessions(tx, events)
    await replicas.remember_enrolments(tx, events)


@notify.reacts_to(ChildOverdue, durable="notify-tell-overdue")
async def tell_of_overdue(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """The guardian, those on duty and the keepers of the site, at once and at whatever hour (A27)."""
    await plan_by_rules(events, tx)


@notify.reacts_to(ShiftTaken, HoursCredited, CertificateIssued, durable="notify-tell-volunteers")
async def tell_volunteers(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    await plan_by_rules(events, tx)


@notify.reacts_to(FollowUpOverdue, durable="notify-tell-follow-ups")
async def tell_of_follow_ups(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Whoever has it in hand (A36)."""
    await plan_by_rules(events, tx)


@notify.reacts_to(StandingChanged, durable="notify-tell-standing")
async def tell_standing(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    await plan_by_rules(events, tx)


async def plan_by_rules(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    await store.add_notices(
        tx, [notice for event in events for notice in rules.notices_of(event, chain_of(event.id, tx), tx.now)]
    )


async def plan_reminders(events: Sequence[CloudEvent[Any]], sessions: Mapping[UUID, Session], tx: Transaction) -> None:
    """Reminds whoever got seats now, whoever got them before the session itself was heard of, and whoever answers for
    them from now on: a contact may have been erased."""
    confirmed = [replicas.enrolment_after(event) for event in events if isinstance(event.data, EnrolmentConfirmed)]
    scheduled = [event.data.session_id for event in events if isinstance(event.data, SessionScheduled)]
    earlier = await replicas.list_enrolled(tx, scheduled) if scheduled else []
    changed = [event.data.enrolment_id for event in events if isinstance(event.data, FamilyChanged)]
    seated = await replicas.list_seated(tx, changed) if changed else []
    await store.add_notices(
        tx,
        [
            notice
            for each in [*confirmed, *earlier, *seated]
            for notice in rules.reminders_of(each, sessions[each.session_id], chain_of(each.confirmed_by, tx), tx.now)
        ],
    )


async def move_reminders(events: Sequence[CloudEvent[Any]], sessions: Mapping[UUID, Session], tx: Transaction) -> None:
    """A session that was moved is reminded of before its new start; what would come too late is taken back."""
    for session_id in sorted({event.data.session_id for event in events if isinstance(event.data, SessionMoved)}):
        starts_at = sessions[session_id].starts_at
        due_at = rules.remind_at(starts_at, tx.now) if starts_at else None
        if starts_at and due_at:
            await store.move_reminders(tx, session_id, due_at, starts_at)
        else:
            for notice in await store.cancel_reminders(tx, session_id):
                say(NoticeCancelled, notice, tx)


async def remind_anew(events: Sequence[CloudEvent[Any]], sessions: Mapping[UUID, Session], tx: Transaction) -> None:
    """Whose reminder of a moved session is gone, or came too late to be planned, is reminded of the new start."""
    moves = {event.data.session_id: event.id for event in events if isinstance(event.data, SessionMoved)}
    enrolled = await replicas.list_enrolled(tx, moves) if moves else []
    reminded = await store.list_reminded(tx, moves) if enrolled else set()
    await store.add_notices(
        tx,
        [
            notice
            for each in enrolled
            if each.status == "confirmed"
            for cause in [moves[each.session_id]]
            for notice in rules.reminders_of(
                replace(each, confirmed_by=cause), sessions[each.session_id], chain_of(cause, tx), tx.now
            )
            if (each.enrolment_id, notice.channel.value) not in reminded
        ],
    )


async def tell_of_moves(events: Sequence[CloudEvent[Any]], sessions: Mapping[UUID, Session], tx: Transaction) -> None:
    """Those who wait hear of a move as well; who has or is offered seats is asked by a fact of her own."""
    moves = {event.data.session_id: event.id for event in events if isinstance(event.data, SessionMoved)}
    enrolled = await replicas.list_enrolled(tx, moves) if moves else []
    await store.add_notices(
        tx,
        [
            notice
            for each in enrolled
            for notice in rules.moved_on(
                each, sessions[each.session_id], moves[each.session_id], chain_of(moves[each.session_id], tx), tx.now
            )
        ],
    )


async def end_reminders(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Takes back what a fact ends by its row of the table (N7)."""
    ends = {
        (event.data.enrolment_id, template): event.id
        for event in events
        if type(event.data) in rules.RULES
        for template in rules.RULES[type(event.data)].ends
    }
    if ends:
        for notice in await store.cancel_of_enrolments(tx, ends):
            say(NoticeCancelled, notice, tx)


async def call_off(sessions: Mapping[UUID, Session], tx: Transaction) -> None:
    """Tells everybody enrolled that a session is cancelled; what was pending dies, what was told is overtaken (N7)."""
    if not sessions:
        return
    enrolled = await replicas.list_enrolled(tx, sessions)
    await store.add_notices(
        tx,
        [
            notice
            for each in enrolled
            for session in [sessions[each.session_id]]
            for notice in rules.called_off(each, session, chain_of(session.cancelled_by, tx), tx.now)
        ],
    )
    await store.supersede_of_sessions(tx, sessions)
    for notice in await store.cancel_of_sessions(tx, sessions):
        say(NoticeCancelled, notice, tx)


def chain_of(cause: UUID | None, tx: Transaction) -> Chain:
    """The chain of an event of this batch; of an earlier one, that of the event which brought it up again."""
    why = tx.because_of(cause) if cause else tx.cause
    return Chain(why.correlation, why.traceparent)
