"""The gate of one batch: scans come one after the other, and each finds what those before have made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.activities.v1 import AttendanceMark, RecordAttendance
from contracts.refusals import Refusal
from services.activities.attendance import rules
from services.activities.attendance.rules import Attendance
from services.activities.attendance.store import Place, ScanKey, key_of
from services.activities.sessions.rules import Session


@dataclass(slots=True)
class Gate:
    """`scanned` are scans that counted before, `present` whoever has an attendance, `expected` who has a seat."""

    scanned: dict[ScanKey, Attendance]
    present: dict[Place, Attendance]
    expected: set[Place]
    elsewhere: Mapping[Place, UUID]
    changed: dict[UUID, Attendance] = field(default_factory=dict)

    def find_repeat(self, scan: RecordAttendance) -> Attendance | None:
        """The attendance, as it is now, of a scan that counted before."""
        counted = self.scanned.get(key_of(scan))
        return self.changed.get(counted.attendance_id, counted) if counted else None

    def decide(self, scan: RecordAttendance, session: Session, now: datetime, new_id: UUID) -> Attendance | Refusal:
        """What a new scan makes of the attendance, or why it does not count."""
        place = scan.session_id, scan.person_id
        refusal = rules.may_scan(scan, session, now)
        if refusal is None and scan.mark is AttendanceMark.CHECK_IN:
            refusal = rules.has_seat(place in self.expected, self.elsewhere.get(place))
        if refusal:
            return refusal
        outcome = rules.mark(scan, self.present.get(place), new_id)
        if isinstance(outcome, Attendance):
            self.scanned[key_of(scan)] = self.present[place] = self.changed[outcome.attendance_id] = outcome
        return outcome
