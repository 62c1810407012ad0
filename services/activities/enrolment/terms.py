"""What a host's terms say to a family: whether they hold together, and every reason why it may not come (A7, A9, A13).

No I/O, no clock.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.activities.v1 import AllocationMode, ApprovalMode, EnrolmentTerms, SessionStatus
from contracts.refusals import Refusal
from contracts.region import covers
from services.activities.enrolment.quotas import open_seats
from services.activities.sessions.rules import SHANGHAI, Session

WALK_IN_BEFORE: Final = timedelta(minutes=60)
"""The door opens an hour before the start, as for scans (attendance/rules.py)."""


def hold_together(terms: EnrolmentTerms, capacity: int, starts_at: datetime) -> Refusal | None:
    """Refusal: terms-conflict, with what contradicts what."""
    problem = next(_problems(terms, capacity, starts_at), None)
    return Refusal("terms-conflict", problem=problem) if problem else None


def _problems(terms: EnrolmentTerms, capacity: int, starts_at: datetime) -> Iterator[str]:
    groups = [each.group for each in terms.reserved]
    if open_seats(terms, capacity) < 0:
        yield "quotas-exceed-capacity"
    if terms.child_seats is not None and terms.child_seats > capacity:
        yield "child-seats-exceed-capacity"
    if len(set(groups)) < len(groups):
        yield "group-named-twice"
    if terms.households and not set(groups) <= set(terms.households):
        yield "group-not-served"
    if terms.opens_at and terms.opens_at >= (terms.closes_at or starts_at):
        yield "window-reversed"
    if terms.closes_at and terms.closes_at > starts_at:
        yield "window-after-start"
    if is_drawn(terms) and terms.closes_at is None:
        yield "draw-without-end-of-window"
    if (terms.allocation is AllocationMode.NEED_FIRST) != bool(terms.need_order):
        yield "need-order-and-allocation-differ"
    if len(set(terms.need_order)) < len(terms.need_order):
        yield "need-named-twice"


def with_window(session: Session, by: timedelta) -> Session:
    """A session that was moved by so much, its window with it where that would end after the start (A16).

    The end of a draw's window stays: it was published with the commitment.
    """
    terms = session.terms
    if terms is None or is_drawn(terms) or terms.closes_at is None or terms.closes_at <= session.starts_at:
        return session
    return replace(session, terms=shifted(terms, by))


def keeps_its_window(session: Session) -> Refusal | None:
    """A session whose seats will be drawn is not moved before the end of the window that was published (A13, A16).

    Refusal: terms-conflict.
    """
    return hold_together(session.terms, session.capacity, session.starts_at) if session.terms else None


def shifted(terms: EnrolmentTerms, by: timedelta) -> EnrolmentTerms:
    """The same terms for a session that starts so much later: its window opens and closes as long before the start."""
    moments = {name: moment + by for name in ("opens_at", "closes_at") if (moment := getattr(terms, name))}
    return terms.model_copy(update=moments)


def is_drawn(terms: EnrolmentTerms | None) -> bool:
    """True when seats are given by a draw at the window's end."""
    return terms is not None and terms.allocation in (AllocationMode.LOTTERY, AllocationMode.NEED_FIRST)


def needs_approval(terms: EnrolmentTerms | None) -> bool:
    return terms is not None and terms.approval is ApprovalMode.HOST


def is_in_window(session: Session, now: datetime) -> Refusal | None:
    """Refusals: not-yet, window-closed. Nobody enters a draw that is held, whatever the clock says."""
    terms = session.terms
    if terms is None:
        return None
    if terms.opens_at and now < terms.opens_at:
        return Refusal("not-yet", from_time=local_text(terms.opens_at))
    if (terms.closes_at and now >= terms.closes_at) or session.drawn_at:
        return Refusal("window-closed")
    return None


def walks_in_now(session: Session, now: datetime) -> Refusal | None:
    """Whoever stands at the door comes in from an hour before the start to the end.

    Refusals: session-cancelled, not-yet, window-closed.
    """
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    opens = session.starts_at - WALK_IN_BEFORE
    if now < opens:
        return Refusal("not-yet", from_time=local_text(opens))
    over = now >= session.ends_at or session.status is SessionStatus.CLOSED
    return Refusal("window-closed") if over else None


def serves(terms: EnrolmentTerms, household: str | None) -> Refusal | None:
    """Refusal: household-not-served."""
    if terms.households and household not in terms.households:
        return Refusal("household-not-served", needed=", ".join(terms.households))
    return None


def lives_near(terms: EnrolmentTerms, homes: Mapping[UUID, str | None]) -> Iterator[Refusal]:
    """One refusal for each person who lives outside: outside-area. Somebody whose region is not known does, too."""
    for person_id, home in homes.items():
        if terms.areas and not (home and any(covers(area, home) for area in terms.areas)):
            yield Refusal("outside-area", needed=", ".join(terms.areas), person_id=str(person_id))


def is_late(session: Session, now: datetime) -> bool:
    """True for a withdrawal nearer to the start than the terms allow."""
    terms = session.terms
    if terms is None or not terms.withdraw_before_minutes:
        return False
    return now > session.starts_at - timedelta(minutes=terms.withdraw_before_minutes)


def local_text(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat()
