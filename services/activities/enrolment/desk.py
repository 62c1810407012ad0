"""The enrolment desk of one batch: families come one after the other, and each finds what those before have left."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.activities.v1 import Enrol, EnrolmentStatus, EnrolmentTerms
from contracts.refusals import Refusal
from services.activities.enrolment import eligibility, rules, terms
from services.activities.enrolment.eligibility import Person
from services.activities.enrolment.quotas import Party, Quotas
from services.activities.enrolment.rules import Placing, Seats, waiting_share
from services.activities.sessions.rules import Session

PLAIN: Final = EnrolmentTerms()


@dataclass(slots=True)
class Desk:
    """`holders` maps (session, person) to the enrolment by which she has or awaits a seat; `used` are taken ids.

    `quotas` are those of sessions whose terms part the seats, `suspended` until when a contact is by (host, person).
    """

    people: Mapping[UUID, Person]
    holders: dict[tuple[UUID, UUID], UUID]
    used: set[UUID]
    seats: dict[UUID, Seats]
    quotas: Mapping[UUID, Quotas] = field(default_factory=dict)
    suspended: Mapping[tuple[UUID, UUID], datetime] = field(default_factory=dict)

    def decide(self, request: Enrol, session: Session, now: datetime) -> Placing | Refusal:
        """Places one family, or says why not; what it got is gone for the next one."""
        if session.terms is not None or request.walk_in:
            return self._decide_by_terms(request, session, now)
        refusal = (
            eligibility.may_enrol_now(session, now)
            or self._find_double(request)
            or eligibility.may_take_part(request.people, request.contact_id, self.people, session)
        )
        if refusal:
            return refusal
        seats = self.seats.get(session.session_id) or rules.seats_of(session)
        placing = seats.place(len(request.people))
        if isinstance(placing, Placing):
            self._note(request, placing)
        return placing

    def _decide_by_terms(self, request: Enrol, session: Session, now: datetime) -> Placing | Refusal:
        """The same for a session with terms, or a family at the door."""
        refusal = (
            (terms.walks_in_now(session, now) if request.walk_in else eligibility.may_enrol_now(session, now))
            or self._find_double(request)
            or next(self.reasons(request, session, now), None)
        )
        if refusal:
            return refusal
        seats = self.seats_of(session)
        placing = self._place(seats, self.party_of(request), session)
        if isinstance(placing, Placing):
            self._note(request, placing)
        return placing

    def _place(self, seats: Seats, party: Party, session: Session) -> Placing | Refusal:
        """By the host's approval, by a draw that is still to come, or by what is free now."""
        if party.walk_in:
            return seats.place_party(party)
        status = _waits_for(session)
        if status is None:
            return seats.place_party(party)
        return seats.exceeds(party) or Placing(status, seats.free, seats, waiting_share(party))

    def reasons(self, request: Enrol, session: Session, now: datetime) -> Iterator[Refusal]:
        """Every reason against a family by what it is: who comes, from where, its kind, its contact's standing (A7)."""
        by = session.terms or PLAIN
        window = None if request.walk_in else terms.is_in_window(session, now)
        if window:
            yield window
        strangers = False
        for refusal in eligibility.reasons_against(request.people, request.contact_id, self.people, session):
            strangers = strangers or refusal.code in ("unknown-person", "person-restricted")
            yield refusal
        if not strangers:
            yield from terms.lives_near(by, {each: self.people[each].region for each in request.people})
        if refused := terms.serves(by, request.household):
            yield refused
        until = self.suspended.get((session.unit_id, request.contact_id))
        if by.standing and until and until > now:
            yield Refusal("suspended", until=terms.local_text(until))

    def party_of(self, request: Enrol) -> Party:
        minors = sum(self.people[person_id].age_band.is_minor for person_id in request.people)
        return Party(len(request.people), minors, request.household, request.walk_in)

    def seats_of(self, session: Session) -> Seats:
        """What is left of a session by now."""
        return self.seats.get(session.session_id) or rules.seats_of(session, self.quotas.get(session.session_id))

    def _find_double(self, request: Enrol) -> Refusal | None:
        if request.enrolment_id in self.used:
            return Refusal("enrolment-exists", enrolment_id=str(request.enrolment_id))
        for person_id in request.people:
            holder = self.holders.get((request.session_id, person_id))
            if holder is not None:
                return Refusal("already-enrolled", enrolment_id=str(holder))
        if len(set(request.people)) < len(request.people):
            return Refusal("already-enrolled", enrolment_id=str(request.enrolment_id))
        return None

    def _note(self, request: Enrol, placing: Placing) -> None:
        self.seats[request.session_id] = placing.after
        self.used.add(request.enrolment_id)
        for person_id in request.people:
            self.holders[request.session_id, person_id] = request.enrolment_id


def _waits_for(session: Session) -> EnrolmentStatus | None:
    """What an enrolment of now waits for before it counts, if for anything."""
    if terms.needs_approval(session.terms):
        return EnrolmentStatus.REQUESTED
    return EnrolmentStatus.ENTERED if terms.is_drawn(session.terms) else None
