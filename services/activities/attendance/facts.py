"""The facts of an attendance, made of what was decided. No I/O, no clock."""

from datetime import datetime

from contracts.activities.v1 import AttendanceMark, AttendanceMethod, AttendanceRecorded, AttendanceReverted
from services.activities.attendance.rules import Attendance


def recorded(
    attendance: Attendance, mark: AttendanceMark, method: AttendanceMethod, occurred_at: datetime
) -> AttendanceRecorded:
    return AttendanceRecorded(
        attendance_id=attendance.attendance_id,
        session_id=attendance.session_id,
        person_id=attendance.person_id,
        mark=mark,
        method=method,
        occurred_at=occurred_at,
    )


def reverted(attendance: Attendance) -> AttendanceReverted:
    return AttendanceReverted(
        attendance_id=attendance.attendance_id, session_id=attendance.session_id, person_id=attendance.person_id
    )
