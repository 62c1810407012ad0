"""Which fact tells whom, by which template, when: the table first, then the few rules that read it.

No I/O, no clock. A new fact to tell is a row in RULES and its wording in texts.py (features N1, N3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.activities.v1 import (
    ChildOverdue,
    EnrolmentConfirmed,
    EnrolmentEntered,
    EnrolmentQueued,
    EnrolmentRefused,
    EnrolmentRequested,
    EnrolmentWithdrawn,
    FollowUpOverdue,
    OfferEnded,
    ReconfirmRequested,
    SeatsOffered,
    SessionBlocked,
    StandingChanged,
)
from contracts.envelope import CloudEvent
from contracts.message import Event
from contracts.notify.v1 import Channel
from contracts.volunteers.v1 import CertificateIssued, HoursCredited, ShiftTaken


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    `to` is the field of the event that names the person or the people, `facts` those that the text needs, `until` the
    one after which nobody needs to know any more; `ends` are templates whose pending notices of the same enrolment die.
    `at` is the field that says when to tell, `by` the one whose value, of `values`, names it: `<template>-<value>`.
    """

    template: str
    to: str
    facts: tuple[str, ...] = ()
    until: str | None = None
    ends: tuple[str, ...] = ()
    at: str | None = None
    by: str | None = None
    values: tuple[str, ...] = ()

    @property
    def templates(self) -> tuple[str, ...]:
        """Every template that the row may come to."""
        return tuple(f"{self.template}-{value}" for value in self.values) if self.by else (self.template,)


CHANNELS: Final = (Channel.INBOX, Channel.EMAIL)
REMINDER: Final = "session-reminder"
CALLED_OFF: Final = "session-cancelled"
OFFER: Final = "seats-offered"
"""Its mail carries the link by which the offer is declined without a login (delivery/links.py)."""
MOVED: Final = "session-moved"
OVERDUE: Final = "child-overdue"
OUTLIVE: Final = (CALLED_OFF, OVERDUE)
"""What is told of a session although it is over or called off."""

RULES: Final[Mapping[type[Event], Rule]] = {
    EnrolmentConfirmed: Rule("enrolment-confirmed", to="contact_id", facts=("seats",)),
    EnrolmentQueued: Rule("enrolment-queued", to="contact_id", facts=("seats", "position")),
    SeatsOffered: Rule(OFFER, to="contact_id", facts=("seats", "answer_by"), until="answer_by", at="tell_at"),
    OfferEnded: Rule("offer-ended", to="contact_id"),
    EnrolmentWithdrawn: Rule(
        "enrolment",
        to="contact_id",
        facts=("seats",),
        ends=(REMINDER,),
        by="how",
        values=("withdrawn", "unconfirmed", "not-drawn"),
    ),
    EnrolmentRequested: Rule("enrolment-requested", to="contact_id", facts=("seats",), ends=(REMINDER,)),
    EnrolmentRefused: Rule("enrolment-refused", to="contact_id", facts=("seats",), ends=(REMINDER,)),
    EnrolmentEntered: Rule("enrolment-entered", to="contact_id", facts=("seats",)),
    ReconfirmRequested: Rule(
        "reconfirm-requested", to="contact_id", facts=("answer_by",), until="answer_by", at="tell_at"
    ),
    StandingChanged: Rule("standing", to="person_id", facts=("until",), by="status", values=("suspended", "good")),
    FollowUpOverdue: Rule("follow-up-overdue", to="assignee_id", facts=("due_on",)),
    SessionBlocked: Rule("session-blocked", to="tell", facts=("adults_needed", "adults_cleared"), until="starts_at"),
    ChildOverdue: Rule(OVERDUE, to="tell", until="until"),
    ShiftTaken: Rule("shift-taken", to="person_id"),
    HoursCredited: Rule("hours-credited", to="person_id", facts=("minutes", "service_date")),
    CertificateIssued: Rule("certificate-issued", to="person_id", facts=("minutes", "certificate_no")),
}
"""ChildOverdue goes out at once, at whatever hour: no rule of the night may ever hold it back (A27).

Beside these: EnrolmentConfirmed also plans a reminder, SessionCancelled tells everybody enrolled, and SessionMoved
whoever neither has nor is offered seats: the others are asked (below)."""

LOCAL: Final = ZoneInfo("Asia/Shanghai")
NIGHT_BEGINS: Final = time(21, 0)
NIGHT_ENDS: Final = time(8, 0)
DAY_BEFORE: Final = timedelta(hours=24)
HOURS_BEFORE: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Chain:
    """The chain of messages and the trace in which a notice came to be."""

    correlation: UUID
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """What is remembered of a session: `status` is unheard, published, closed or cancelled."""

    session_id: UUID
    status: str
    starts_at: datetime | None
    cancelled_by: UUID | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is remembered of an enrolment; `confirmed_by` is the event that gave the seats."""

    enrolment_id: UUID
    session_id: UUID
    contact_id: UUID
    region: str
    status: str
    confirmed_by: UUID | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What one person is to be told on one channel, because of one fact. No name, no address."""

    cause_id: UUID
    correlation_id: UUID
    traceparent: str | None
    recipient: UUID
    template: str
    channel: Channel
    region: str
    due_at: datetime
    facts: Mapping[str, str]
    expires_at: datetime | None = None
    session_id: UUID | None = None
    enrolment_id: UUID | None = None
    shift_id: UUID | None = None


def notices_of(event: CloudEvent[Any], chain: Chain, now: datetime) -> list[Notice]:
    """The notices that a fact asks for by its row of the table; none for a fact without a row."""
    rule, data = RULES.get(type(event.data)), event.data
    if rule is None:
        return []
    due_at = getattr(data, rule.at) if rule.at else None
    return [
        Notice(
            cause_id=event.id,
            correlation_id=chain.correlation,
            traceparent=chain.traceparent,
            recipient=recipient,
            template=f"{rule.template}-{getattr(data, rule.by)}" if rule.by else rule.template,
            channel=channel,
            region=event.region,
            due_at=max(now, due_at or now),
            facts={name: _text(value) for name in rule.facts if (value := getattr(data, name)) is not None},
            expires_at=getattr(data, rule.until) if rule.until else None,
            session_id=getattr(data, "session_id", None),
            enrolment_id=getattr(data, "enrolment_id", None),
            shift_id=getattr(data, "shift_id", None),
        )
        for recipient in _people(getattr(data, rule.to))
        for channel in CHANNELS
    ]


def _people(named: UUID | tuple[UUID, ...]) -> tuple[UUID, ...]:
    return named if isinstance(named, tuple) else (named,)


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def reminders_of(enrolment: Enrolment, session: Session, chain: Chain, now: datetime) -> list[Notice]:
    """The reminder of confirmed seats, worthless once the session begins (N11); none when it is too late for one."""
    if enrolment.confirmed_by is None or session.status != "published" or session.starts_at is None:
        return []
    due_at = remind_at(session.starts_at, now)
    if due_at is None:
        return []
    return _to_contact(enrolment, session, REMINDER, enrolment.confirmed_by, chain, due_at)


def called_off(enrolment: Enrolment, session: Session, chain: Chain, now: datetime) -> list[Notice]:
    """What everybody enrolled is told when a session is cancelled: once a person, however many enrolments she has."""
    if session.cancelled_by is None:
        return []
    told = _to_contact(enrolment, session, CALLED_OFF, session.cancelled_by, chain, now)
    facts = {"reason": session.reason or ""}
    return [replace(each, facts=facts, expires_at=None, enrolment_id=None) for each in told]


def moved_on(enrolment: Enrolment, session: Session, cause: UUID, chain: Chain, now: datetime) -> list[Notice]:
    """What a family that waits, is looked at by the host, or is in a draw is told of a session that was moved (A16)."""
    if enrolment.status != "waiting":
        return []
    return _to_contact(enrolment, session, MOVED, cause, chain, now)


def _to_contact(
    enrolment: Enrolment, session: Session, template: str, cause: UUID, chain: Chain, due_at: datetime
) -> list[Notice]:
    """To whom a family is reached by, on every channel, of a session that has not begun."""
    return [
        Notice(
            cause_id=cause,
            correlation_id=chain.correlation,
            traceparent=chain.traceparent,
            recipient=enrolment.contact_id,
            template=template,
            channel=channel,
            region=enrolment.region,
            due_at=due_at,
            facts={},
            expires_at=session.starts_at,
            session_id=session.session_id,
            enrolment_id=enrolment.enrolment_id,
        )
        for channel in CHANNELS
    ]


def remind_at(starts_at: datetime, now: datetime) -> datetime | None:
    """When to remind: 24 hours before the start, or 2 hours where that has passed, never at night; None: too late.

    What falls at night waits for the morning; where the session begins before the morning, it goes the evening before.
    """
    due = next((starts_at - ahead for ahead in (DAY_BEFORE, HOURS_BEFORE) if starts_at - ahead > now), None)
    if due is None or not is_night(due):
        return due
    local = due.astimezone(LOCAL)
    days = 1 if local.time() >= NIGHT_BEGINS else 0
    morning = datetime.combine(local.date() + timedelta(days=days), NIGHT_ENDS, LOCAL)
    if morning < starts_at:
        return morning
    evening = datetime.combine(morning.date() - timedelta(days=1), NIGHT_BEGINS, LOCAL) - timedelta(hours=1)
    return evening if evening > now else None


def is_night(moment: datetime) -> bool:
    """21:00 to 08:00 in Shanghai (standards.md 5.1)."""
    local = moment.astimezone(LOCAL).time()
    return local >= NIGHT_BEGINS or local < NIGHT_ENDS
