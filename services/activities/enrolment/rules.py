"""Who gets a seat, and what may be done with one (A6, A8, A9, A12). No I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.activities.v1 import EnrolmentState, EnrolmentStatus
from contracts.refusals import Refusal
from services.activities.enrolment.quotas import OPEN, Party, Quotas, Share
from services.activities.sessions.rules import Session

HOLDING: Final = (EnrolmentStatus.CONFIRMED, EnrolmentStatus.OFFERED, EnrolmentStatus.UNDER_REVIEW)
"""What has seats; whoever else is active waits for them in one way or another."""
ACTIVE: Final = (*HOLDING, EnrolmentStatus.WAITING, EnrolmentStatus.REQUESTED, EnrolmentStatus.ENTERED)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One request of one contact; `ending` says how a withdrawn one ended, `turn` is its place after a draw.

    `household`, `minors`, `from_group` and `from_walk_in` are told where the session has terms (quotas.py).
    """

    enrolment_id: UUID
    session_id: UUID
    contact_id: UUID
    people: tuple[UUID, ...]
    seats: int
    status: EnrolmentStatus
    ending: str | None
    answer_by: datetime | None
    version: int
    household: str | None = None
    minors: int = 0
    from_group: int = 0
    from_walk_in: int = 0
    reason: str | None = None
    reconfirm_by: datetime | None = None

    @property
    def party(self) -> Party:
        return Party(self.seats, self.minors, self.household)

    @property
    def share(self) -> Share:
        """The seats it holds, where it holds any."""
        return Share(self.seats, self.minors, self.household, self.from_group, self.from_walk_in)

    @property
    def holds_seats(self) -> bool:
        return self.status in HOLDING


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
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    ENTERED = "entered"
    NOT_DRAWN = "not-drawn"
    CHANGED = "changed"
    ASKED_AGAIN = "asked-again"
    RECONFIRMED = "reconfirmed"
    UNCONFIRMED = "unconfirmed"


FIRST_STEPS: Final[Mapping[EnrolmentStatus, StepKind]] = {
    EnrolmentStatus.CONFIRMED: StepKind.PLACED,
    EnrolmentStatus.WAITING: StepKind.QUEUED,
    EnrolmentStatus.REQUESTED: StepKind.REQUESTED,
    EnrolmentStatus.ENTERED: StepKind.ENTERED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to a family, with the seats that were free just before, and the quota that had too few."""

    enrolment_id: UUID
    session_id: UUID
    kind: StepKind
    wanted: int
    free: int
    short_of: str | None = None


@dataclass(frozen=True, slots=True)
class Seats:
    """What a session may promise: exactly its capacity, never more, and of each quota no more than it has."""

    capacity: int
    taken: int
    waiting: int
    queue_open: bool
    quotas: Quotas | None = None

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

    def place_party(self, party: Party) -> "Placing | Refusal":
        """The same where the session has terms, or the party stands at the door, where nobody waits (A5).

        Refusals: no-seats-left, family-too-large, queue-closed.
        """
        share = self.fit(party)
        if isinstance(share, Share):
            return Placing(EnrolmentStatus.CONFIRMED, self.free, self.take(share), share)
        if party.walk_in:
            return Refusal("no-seats-left", seats=party.seats, free=self.free)
        if refusal := self.exceeds(party):
            return refusal
        if not self.queue_open:
            return Refusal("queue-closed")
        after = replace(self, waiting=self.waiting + 1)
        return Placing(EnrolmentStatus.WAITING, self.free, after, waiting_share(party))

    def fit(self, party: Party) -> Share | str:
        """The seats a party gets as a whole, or the name of the quota that has too few."""
        if party.seats > self.free:
            return OPEN
        return self.quotas.share(party) if self.quotas else waiting_share(party)

    def exceeds(self, party: Party) -> Refusal | None:
        """Who would not fit into the empty session never will. Refusal: family-too-large."""
        empty = replace(self, taken=0, quotas=self.quotas.emptied() if self.quotas else None)
        if isinstance(empty.fit(party), Share):
            return None
        return Refusal("family-too-large", seats=party.seats, capacity=self.capacity)

    def take(self, share: Share) -> "Seats":
        quotas = self.quotas.take(share) if self.quotas else None
        return replace(self, taken=self.taken + share.seats, quotas=quotas)

    def give_back(self, share: Share) -> "Seats":
        quotas = self.quotas.give_back(share) if self.quotas else None
        return replace(self, taken=self.taken - share.seats, quotas=quotas)


def waiting_share(party: Party) -> Share:
    """Of whoever holds nothing yet, and where seats are not parted."""
    return Share(party.seats, party.minors, party.household)


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a request came to, the seats that were free before, and what is left after.

    `share` is told where the session has terms.
    """

    status: EnrolmentStatus
    free: int
    after: Seats
    share: Share | None = None

    @property
    def position(self) -> int | None:
        """The place in the queue, from 1, of a family that has to wait."""
        return self.after.waiting if self.status is EnrolmentStatus.WAITING else None

    @property
    def step(self) -> StepKind:
        """How the fairness log begins."""
        return FIRST_STEPS[self.status]


def seats_of(session: Session, quotas: Quotas | None = None) -> Seats:
    return Seats(session.capacity, session.seats_taken, session.waiting, session.queue_open, quotas)


def may_withdraw(enrolment: Enrolment, session: Session, now: datetime) -> Refusal | None:
    """A family may give back what it has until the session starts. Refusals: enrolment-ended, window-closed."""
    if enrolment.status not in ACTIVE:
        return Refusal("enrolment-ended")
    if session.starts_at <= now:
        return Refusal("window-closed")
    return None


def may_decide_on(enrolment: Enrolment, by: str) -> Refusal | None:
    """A host decides on what waits for approval, and nobody on the own family. Refusals: nothing-to-approve,
    own-enrolment."""
    if enrolment.status not in (EnrolmentStatus.REQUESTED, EnrolmentStatus.UNDER_REVIEW):
        return Refusal("nothing-to-approve")
    return Refusal("own-enrolment") if by == str(enrolment.contact_id) else None


def may_change(enrolment: Enrolment, session: Session, now: datetime) -> Refusal | None:
    """Other people may come until the session starts. Refusals: enrolment-ended, window-closed, answer-offer-first."""
    refusal = may_withdraw(enrolment, session, now)
    if refusal is None and enrolment.status is EnrolmentStatus.OFFERED:
        return Refusal("answer-offer-first")
    return refusal


def exchange(seats: Seats, enrolment: Enrolment, party: Party) -> tuple[Share, Seats] | Refusal:
    """The seats of other people instead of those an enrolment has; all of them, or the old ones stay.

    Refusals: family-too-large, no-seats-left.
    """
    refusal = seats.exceeds(party)
    if refusal:
        return refusal
    if not enrolment.holds_seats:
        return waiting_share(party), seats
    given = seats.give_back(enrolment.share)
    share = given.fit(party)
    if isinstance(share, Share):
        return share, given.take(share)
    return Refusal("no-seats-left", seats=party.seats, free=given.free)


def changed(enrolment: Enrolment, people: Sequence[UUID], share: Share, again: bool) -> Enrolment:
    """The enrolment with other people; `again` it waits for approval, and holds the seats that it has."""
    status = enrolment.status
    if again:
        status = EnrolmentStatus.UNDER_REVIEW if enrolment.holds_seats else EnrolmentStatus.REQUESTED
    return replace(
        enrolment,
        people=tuple(people),
        seats=share.seats,
        minors=share.minors,
        from_group=share.from_group,
        from_walk_in=share.from_walk_in,
        status=status,
        version=enrolment.version + 1,
    )


def without(seats: Seats, enrolment: Enrolment) -> Seats:
    """What is left after an active enrolment has ended: its seats, or its place in the queue, are free again."""
    if enrolment.status is EnrolmentStatus.WAITING:
        return replace(seats, waiting=seats.waiting - 1)
    return seats.give_back(enrolment.share) if enrolment.holds_seats else seats


def state_of(enrolment: Enrolment, position: int | None = None) -> EnrolmentState:
    """The reply about an enrolment, with its place in the queue where it waits."""
    offered = enrolment.status is EnrolmentStatus.OFFERED
    refused = enrolment.ending == StepKind.REFUSED
    return EnrolmentState(
        enrolment_id=enrolment.enrolment_id,
        session_id=enrolment.session_id,
        status=EnrolmentStatus.REFUSED if refused else enrolment.status,
        seats=enrolment.seats,
        position=position,
        answer_by=enrolment.answer_by if offered else enrolment.reconfirm_by,
        version=enrolment.version,
        reason=enrolment.reason,
    )
