"""The gate of one batch: scans come one after the other, and each finds what those before have made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.activities.v1 import AttendanceMark
from contracts.refusals import Refusal
from services.activities.attendance import rules
from services.activities.attendance.rules import Attendance, Scan
from services.activities.attendance.store import Place, ScanKey, key_of
from services.activities.enrolment.eligibility import Person, may_take_part
from services.activities.enrolment.quotas import Party, Quotas
from services.activities.enrolment.rules import Placing, Seats, seats_of
from services.activities.passes.rules import PassBook
from services.activities.sessions.rules import Session


@dataclass(slots=True)
class Gate:
    """`scanned` are scans that counted before, `present` whoever has an attendance, `expected` who has a seat.

    `awaiting` maps who has or awaits a seat to her enrolment, `people` are walk-ins, `in_care` children who leave by a
    hand-over alone. `seats` and `placed` are what walk-ins have taken, `quotas` those of sessions that have any (A5),
    `book` the course passes of who comes (A33).
    """

    scanned: dict[ScanKey, Attendance]
    present: dict[Place, Attendance]
    expected: set[Place]
    elsewhere: Mapping[Place, UUID]
    awaiting: Mapping[Place, UUID] = field(default_factory=dict)
    people: Mapping[UUID, Person] = field(default_factory=dict)
    in_care: set[Place] = field(default_factory=set)
    seats: dict[UUID, Seats] = field(default_factory=dict)
    placed: dict[Place, Placing] = field(default_factory=dict)
    changed: dict[UUID, Attendance] = field(default_factory=dict)
    book: PassBook = field(default_factory=PassBook)
    quotas: Mapping[UUID, Quotas] = field(default_factory=dict)

    def find_repeat(self, scan: Scan) -> Attendance | None:
        """The attendance, as it is now, of a scan that counted before."""
        counted = self.scanned.get(key_of(scan))
        return self.changed.get(counted.attendance_id, counted) if counted else None

    def decide(self, scan: Scan, session: Session, now: datetime, new_id: UUID) -> Attendance | Refusal:
        """What a new scan makes of the attendance, or why it does not count."""
        place = scan.session_id, scan.person_id
        coming = scan.mark is AttendanceMark.CHECK_IN
        refusal = rules.may_scan(scan, session, now) or self._may_pass(scan, place, coming)
        if refusal:
            return refusal
        placing = self._seat(session, place) if coming and place not in self.expected else None
        if isinstance(placing, Refusal):
            return placing
        first = coming and place not in self.present
        course_pass = self.book.may_enter(session, scan.person_id, rules.day_of(scan)) if first else None
        if isinstance(course_pass, Refusal):
            return course_pass
        outcome = rules.mark(scan, self.present.get(place), new_id)
        if isinstance(outcome, Attendance):
            if course_pass is not None:
                self.book.use(course_pass, session.session_id, outcome.attendance_id)
            self.scanned[key_of(scan)] = self.present[place] = self.changed[outcome.attendance_id] = outcome
            if placing is not None:
                self.seats[session.session_id] = placing.after
                self.placed[place] = placing
                self.expected.add(place)
        return outcome

    def _may_pass(self, scan: Scan, place: Place, coming: bool) -> Refusal | None:
        if not coming:
            known = self.present.get(place)
            return Refusal("hand-over-needed") if place in self.in_care and known and known.inside else None
        return None if scan.walk_in else rules.has_seat(place in self.expected, self.elsewhere.get(place))

    def _seat(self, session: Session, place: Place) -> Placing | Refusal:
        """A seat that is left over for a walk-in, on the terms of any other seat (A5, A7).

        Refusals: not-enrolled (who waits answers the offer), unknown-person, not-eligible, guardian-consent-missing,
        no-walk-in-seat.
        """
        _, person_id = place
        if place in self.awaiting:
            return Refusal("not-enrolled")
        refusal = may_take_part([person_id], person_id, self.people, session)
        if refusal:
            return refusal
        seats = self.seats.get(session.session_id) or seats_of(session, self.quotas.get(session.session_id))
        placing = seats.place_party(Party(1, int(self.people[person_id].age_band.is_minor), walk_in=True))
        return placing if isinstance(placing, Placing) else Refusal("no-walk-in-seat")
