"""The enrolment desk of one batch: families come one after the other, and each finds what those before have left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.activities.v1 import Enrol
from contracts.refusals import Refusal
from services.activities.enrolment import rules
from services.activities.enrolment.rules import Person, Placing, Seats
from services.activities.sessions.rules import Session


@dataclass(slots=True)
class Desk:
    """`holders` maps (session, person) to the enrolment by which she has or awaits a seat; `used` are taken ids."""

    people: Mapping[UUID, Person]
    holders: dict[tuple[UUID, UUID], UUID]
    used: set[UUID]
    seats: dict[UUID, Seats]

    def decide(self, request: Enrol, session: Session, now: datetime) -> Placing | Refusal:
        """Places one family, or says why not; what it got is gone for the next one."""
        refusal = (
            rules.may_enrol_now(session, now)
            or self._find_double(request)
            or rules.may_take_part(request.people, request.contact_id, self.people, session)
        )
        if refusal:
            return refusal
        seats = self.seats.get(session.session_id) or rules.seats_of(session)
        placing = seats.place(len(request.people))
        if isinstance(placing, Placing):
            self._note(request, placing)
        return placing

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
