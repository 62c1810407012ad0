"""To whom freed seats are offered, and until when. No I/O, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from contracts.activities.v1 import EnrolmentStatus
from contracts.refusals import Refusal
from services.activities.enrolment.quotas import Share
from services.activities.enrolment.rules import Enrolment, Seats, Step, StepKind
from services.activities.sessions.rules import SHANGHAI

WAKES: Final = time(8)
"""Quiet hours end: the waking day is 08:00 to 21:00 in Shanghai."""
LAST_FOR_TODAY: Final = time(18)
LAST_TOLD_TODAY: Final = time(20)
"""From 20:00 on nobody is told of an offer any more: a mother with quiet hours hears of it at 08:00 (contest 2)."""
A_DAY: Final = timedelta(days=1)
TIME_TO_ANSWER: Final = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Offers:
    """Which families are offered seats and of which quotas, what remains, and the log of how it came about."""

    offered: list[tuple[Enrolment, Share]]
    left: Seats
    steps: list[Step]


def answer_by(offered_at: datetime, starts_at: datetime) -> datetime:
    """When an offer lapses: after three waking hours on end, never at night, never after the session's start (A11).

    What is offered too late for three hours before 21:00 is counted from 08:00 on, when whoever has quiet hours first
    hears of it: an offer at 20:30 lapses at 11:00.
    """
    local = offered_at.astimezone(SHANGHAI)
    begins = local
    if local.time() > LAST_FOR_TODAY:
        begins = datetime.combine(local.date() + timedelta(days=1), WAKES, SHANGHAI)
    elif local.time() < WAKES:
        begins = datetime.combine(local.date(), WAKES, SHANGHAI)
    return min(begins + TIME_TO_ANSWER, starts_at)


def tell_at(offered_at: datetime, answer_by: datetime) -> datetime:
    """When a family is told: at once by day, at 08:00 what is offered from 20:00 on or at night.

    Where that would be too late to answer, because the session begins so early, it is told at once.
    """
    local = offered_at.astimezone(SHANGHAI)
    if WAKES <= local.time() < LAST_TOLD_TODAY:
        return offered_at
    day = local.date() + A_DAY if local.time() >= WAKES else local.date()
    morning = datetime.combine(day, WAKES, SHANGHAI)
    return morning if morning < answer_by else offered_at


def reconfirm_by(moved_at: datetime, starts_at: datetime) -> datetime:
    """Until when a family says whether it comes to a moved session: a day and three waking hours (A16)."""
    return answer_by(moved_at + A_DAY, starts_at)


def go_through(waiting: Iterable[Enrolment], seats: Seats) -> Offers:
    """Offers free seats in the order of the queue: all a family needs or none; who does not fit keeps its place.

    The skip is logged with the quota that had too few seats (A12). Whoever still waits afterwards needs more than is
    left.
    """
    offered: list[tuple[Enrolment, Share]] = []
    steps: list[Step] = []
    for family in waiting:
        if seats.free == 0:
            break
        share = seats.fit(family.party)
        kind, short_of = (StepKind.OFFERED, None) if isinstance(share, Share) else (StepKind.SKIPPED, share)
        steps.append(Step(family.enrolment_id, family.session_id, kind, family.seats, seats.free, short_of))
        if isinstance(share, Share):
            offered.append((family, share))
            seats = seats.take(share)
    return Offers(offered, seats, steps)


def may_accept(enrolment: Enrolment, now: datetime) -> Refusal | None:
    """Seats can be taken until the deadline. Refusals: offer-lapsed, no-offer."""
    if enrolment.ending == StepKind.LAPSED:
        return Refusal("offer-lapsed")
    if enrolment.status is not EnrolmentStatus.OFFERED:
        return Refusal("no-offer")
    return Refusal("offer-lapsed") if has_lapsed(enrolment, now) else None


def may_decline(enrolment: Enrolment) -> Refusal | None:
    """Refusal: no-offer."""
    return None if enrolment.status is EnrolmentStatus.OFFERED else Refusal("no-offer")


def has_lapsed(enrolment: Enrolment, now: datetime) -> bool:
    """True when seats are offered and the time to answer is over."""
    offered = enrolment.status is EnrolmentStatus.OFFERED
    return offered and enrolment.answer_by is not None and enrolment.answer_by <= now


def was_silent(enrolment: Enrolment, now: datetime) -> bool:
    """True when confirmed seats of a moved session were not confirmed anew in time."""
    asked = enrolment.status is EnrolmentStatus.CONFIRMED and enrolment.reconfirm_by is not None
    return asked and enrolment.reconfirm_by is not None and enrolment.reconfirm_by <= now


def may_reconfirm(enrolment: Enrolment, now: datetime) -> Refusal | None:
    """Refusal: nothing-to-reconfirm, also when the time is over."""
    asked = enrolment.status is EnrolmentStatus.CONFIRMED and enrolment.reconfirm_by is not None
    return None if asked and not was_silent(enrolment, now) else Refusal("nothing-to-reconfirm")
