"""To whom freed seats are offered, and until when. No I/O, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from contracts.activities.v1 import EnrolmentStatus
from contracts.refusals import Refusal
from services.activities.enrolment.rules import Enrolment, Step, StepKind
from services.activities.sessions.rules import SHANGHAI

WAKES: Final = time(8)
"""Quiet hours end: the waking day is 08:00 to 21:00 in Shanghai."""
LAST_FOR_TODAY: Final = time(18)
TIME_TO_ANSWER: Final = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Offers:
    """Which families are offered seats, how many remain free, and the log of how it came about."""

    offered: list[Enrolment]
    free: int
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


def go_through(waiting: Iterable[Enrolment], free: int) -> Offers:
    """Offers free seats in order of arrival: all a family needs or none, larger ones are skipped but keep their place.

    The skip is logged (A12). Whoever still waits afterwards needs more seats than are left.
    """
    offered: list[Enrolment] = []
    steps: list[Step] = []
    for family in waiting:
        if free == 0:
            break
        fits = family.seats <= free
        kind = StepKind.OFFERED if fits else StepKind.SKIPPED
        steps.append(Step(family.enrolment_id, family.session_id, kind, family.seats, free))
        if fits:
            offered.append(family)
            free -= family.seats
    return Offers(offered, free, steps)


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
