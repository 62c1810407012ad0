"""Whether a notice is still worth sending, and when a failed one is tried again. No I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.notify.notices.rules import CALLED_OFF, OUTLIVE, REMINDER
from services.notify.notices.texts import Occasion

MAIL_DELAYS: Final = (5, 30, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds between the tries of a mail; after the last one it has failed."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A notice that is due, with what is known now of the session or shift it is about."""

    notice_id: UUID
    cause_id: UUID
    correlation_id: UUID
    traceparent: str | None
    recipient: UUID
    template: str
    channel: str
    region: str
    facts: Mapping[str, str]
    due_at: datetime
    expires_at: datetime | None
    attempts: int
    version: int
    claimed_until: datetime | None
    session_id: UUID | None
    title: str | None
    place: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    session_status: str | None
    enrolment_status: str | None
    silenced: bool = False
    refused: bool = False

    @property
    def occasion(self) -> Occasion | None:
        """The session or shift that the text is about."""
        if self.title is None or self.starts_at is None or self.ends_at is None:
            return None
        return Occasion(self.title, self.place, self.starts_at, self.ends_at)

    @property
    def counted(self) -> "Pending":
        """The same with one event more."""
        return replace(self, version=self.version + 1)


def reason_lives(notice: Pending, now: datetime) -> bool:
    """False when nobody needs to know any more: expired, session cancelled or over, seats given back (N7, N8, N11).

    Nor is anybody written to on a channel to which she withdrew her consent (PIPL 15), nor on any when the use of her
    data is restricted or she was erased (PIPL 44, 47).
    """
    if notice.refused or notice.silenced:
        return False
    if notice.expires_at is not None and now >= notice.expires_at:
        return False
    if notice.session_id is None or notice.template in OUTLIVE:
        return True
    if notice.template == REMINDER and notice.enrolment_status != "confirmed":
        return False
    return notice.session_status == "published" and (notice.ends_at is None or now < notice.ends_at)


def status_when_sent(notice: Pending) -> str:
    """`superseded` for a mail that left while its session was being cancelled."""
    overtaken = notice.session_status == "cancelled" and notice.template != CALLED_OFF
    return "superseded" if overtaken else "sent"


def next_try(delays: Sequence[int], failures: int, now: datetime, stretch: float = 0.0) -> datetime | None:
    """When to try again after so many failures, each delay longer by the share `stretch`; None: it has failed."""
    if failures > len(delays):
        return None
    return now + timedelta(seconds=delays[failures - 1] * (1 + stretch))
