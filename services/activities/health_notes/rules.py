"""What may be told of a child's health, until when, and who reads it when (A28). No I/O, no clock."""

from datetime import date, timedelta
from typing import Final

from contracts.activities.v1 import SessionStatus
from contracts.refusals import Refusal
from services.activities.sessions.rules import Session

LONGEST: Final = timedelta(days=366)
"""A year at most, then the guardian is asked anew (PIPL 19: no longer than needed)."""


def may_keep(until: date, today: date) -> Refusal | None:
    """Refusal: date-wrong."""
    return None if today <= until <= today + LONGEST else Refusal("date-wrong")


def may_read(session: Session, on_duty: bool, today: date) -> Refusal | None:
    """On the day of the session, by whoever is on duty there or keeps its site; by nobody else, whatever her office.

    Refusals: session-cancelled, not-today, not-on-duty.
    """
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    if session.day != today:
        return Refusal("not-today", day=session.day.isoformat())
    return None if on_duty else Refusal("not-on-duty")
