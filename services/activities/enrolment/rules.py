"""Who may take a seat, and who gets one. No I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.activities.v1 import EnrolmentState, EnrolmentStatus, SessionStatus
from contracts.data import AgeBand
from contracts.refusals import Refusal
from services.activities.sessions.rules import Session

ACTIVE: Final = (EnrolmentStatus.CONFIRMED, EnrolmentStatus.WAITING, EnrolmentStatus.OFFERED)


@dataclass(frozen=True, slots=True)
class Person:
    """What enrolment knows of a person: her age band, whether taking part in activities is agreed to, and whether she
    had the use of her data restricted."""

    age_band: AgeBand
    consented: bool
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One request of one contact; `ending` says how a withdrawn one ended."""

    enrolment_id: UUID
    session_id: UUID
    contact_id: UUID
    people: tuple[UUID, ...]
    seats: int
    status: EnrolmentStatus
    ending: str | None
    answer_by: datetime | None
    version: int


class StepKind(StrEnum):
    """The words of the fairness log (A12)."""

    PLACED = "placed"
    QUEUED = "queued"
    SKIPPED = "skipped"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to a family, with the seats that were free just before."""

    enrolment_id: UUID
    session_id: UUID
    kind: StepKind
    wanted: int
    free: int


@dataclass(frozen=True, slots=True)
class Seats:
    """What a session may promise: exactly its capacity, never more."""

    capacity: int
    taken: int
    waiting: int
    queue_open: bool

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    def place(self, family: int) -> "Placing | Refusal":
        """All seats or none; whoever does not fit waits, and never blocks a smaller family behind (A6, A8, A12).

        A newcomer passes nobody who could have had the free seats: as soon as seats are freed they are offered to
        every waiting family that fits (`offers.rules.go_through`), so those that still wait need more than is free.
        Refusals: family-too-large, queue-closed.
        """
        if family <= self.capacity - self.taken:
            after = Seats(self.capacity, self.taken + family, self.waiting, self.queue_open)
            return Placing(EnrolmentStatus.CONFIRMED, self.free, after)
        if family > self.capacity:
            return Refusal("family-too-large", seats=family, capacity=self.capacity)
        if not self.queue_open:
            return Refusal("queue-closed")
        after = Seats(self.capacity, self.taken, self.waiting + 1, self.queue_open)
        return Placing(EnrolmentStatus.WAITING, self.free, after)


@dataclass(frozen=True, slots=True)
class Placing:
    """Confirmed or waiting, the seats that were free before, and what is left after."""

    status: EnrolmentStatus
    free: int
    after: Seats

    @property
    def position(self) -> int | None:
        """The place in the queue, from 1, of a family that has to wait."""
        return self.after.waiting if self.status is EnrolmentStatus.WAITING else None

    @property
    def step(self) -> StepKind:
        """How the fairness log begins."""
        return StepKind.PLACED if self.status is EnrolmentStatus.CONFIRMED else StepKind.QUEUED


def seats_of(session: Session) -> Seats:
    return Seats(session.capacity, session.seats_taken, session.waiting, session.queue_open)


def may_enrol_now(session: Session, now: datetime) -> Refusal | None:
    """Enrolment is open until the session starts. Refusals: session-cancelled, window-closed."""
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    if session.starts_at <= now or session.status is SessionStatus.CLOSED:
        return Refusal("window-closed")
    return None


def may_take_part(
    people: Sequence[UUID], contact: UUID, known: Mapping[UUID, Person], session: Session
) -> Refusal | None:
    """Everybody is known, of the audience, and under 14 only with the guardian's consent (A7, PIPL article 31).

    Where a session names an audience, an adult (18 and older) of another age may come along with a child of the
    audience in the same enrolment. Refusals: unknown-person, person-restricted (PIPL 44),
    not-eligible, guardian-consent-missing.
    """
    for person_id in (contact, *people):
        if person_id not in known:
            return Refusal("unknown-person", person_id=str(person_id))
        if known[person_id].restricted:
            return Refusal("person-restricted", person_id=str(person_id))
    if session.audience:
        bands = [known[person_id].age_band for person_id in people]
        with_child = any(band.is_minor and band in session.audience for band in bands)
        if not all(band in session.audience or (with_child and not band.is_minor) for band in bands):
            return Refusal("not-eligible")
    return may_be_confirmed(people, known)


def may_be_confirmed(people: Sequence[UUID], known: Mapping[UUID, Person]) -> Refusal | None:
    """No child under 14 gets a seat without her guardian's consent (PIPL 31). Refusal: guardian-consent-missing.

    Whoever is not known any more gave none.
    """
    for person_id in people:
        person = known.get(person_id)
        if person is None or (person.age_band.is_under_14 and not person.consented):
            return Refusal("guardian-consent-missing", person_id=str(person_id))
    return None


def may_withdraw(enrolment: Enrolment, session: Session, now: datetime) -> Refusal | None:
    """A family may give back what it has until the session starts. Refusals: enrolment-ended, window-closed."""
    if enrolment.status not in ACTIVE:
        return Refusal("enrolment-ended")
    if session.starts_at <= now:
        return Refusal("window-closed")
    return None


def without(session: Session, enrolment: Enrolment) -> Session:
    """The session after an active enrolment has ended: its seats, or its place in the queue, are free again."""
    if enrolment.status is EnrolmentStatus.WAITING:
        return replace(session, waiting=session.waiting - 1)
    return replace(session, seats_taken=session.seats_taken - enrolment.seats)


def state_of(enrolment: Enrolment) -> EnrolmentState:
    """The reply about an enrolment that is not in the queue."""
    return EnrolmentState(
        enrolment_id=enrolment.enrolment_id,
        session_id=enrolment.session_id,
        status=enrolment.status,
        seats=enrolment.seats,
        answer_by=enrolment.answer_by if enrolment.status is EnrolmentStatus.OFFERED else None,
        version=enrolment.version,
    )
