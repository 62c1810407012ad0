"""Certificates of attendance: what volunteers does when activities asks for one, and all SQL about them (A40)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.activities.v1 import AttendanceCertificateRequested
from contracts.envelope import CloudEvent
from contracts.refusals import Refusal
from contracts.volunteers.v1 import AttendanceCertificate, AttendanceCertificateIssued, GetAttendanceCertificate
from services.chassis import Transaction
from services.chassis.clock import day_of
from services.volunteers import numbers, volunteers

ADD_ATTENDANCE_CERTIFICATE = """
INSERT INTO attendance_certificate (attendance_certificate_id, certificate_no, check_code, person_id, unit_id, since,
                                    until, sessions, rule, issued_at, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
FIND_ATTENDANCE_CERTIFICATE = """
SELECT attendance_certificate_id, certificate_no, check_code, person_id, sessions, since, until, unit_id, issued_at
FROM attendance_certificate WHERE attendance_certificate_id = $1 OR certificate_no = $2
"""


@volunteers.reacts_to(AttendanceCertificateRequested, durable="volunteers-certify-attendance")
async def certify_attendance(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Whoever counts does not certify, and whoever certifies does not count: the numbers are those of the fact."""
    for event in events:
        asked: AttendanceCertificateRequested = event.data
        number = numbers.certificate_number(day_of(tx.now).year, numbers.draw(numbers.CERTIFICATE_DRAW))
        await tx.execute(
            ADD_ATTENDANCE_CERTIFICATE,
            *(asked.attendance_certificate_id, number, numbers.draw(numbers.CHECK_CODE_DRAW)),
            *(asked.person_id, asked.unit_id, asked.since, asked.until, asked.sessions, asked.rule),
            *(tx.now, event.region),
        )
        issued = AttendanceCertificateIssued(
            attendance_certificate_id=asked.attendance_certificate_id,
            certificate_no=number,
            person_id=asked.person_id,
            unit_id=asked.unit_id,
            sessions=asked.sessions,
        )
        tx.say(issued, region=event.region, version=1, cause=tx.because_of(event.id))


@volunteers.answers(GetAttendanceCertificate)
async def get_attendance_certificate(
    query: GetAttendanceCertificate, tx: Transaction
) -> AttendanceCertificate | Refusal:
    """Row-level security shows those of the asker's region alone."""
    found = await find_attendance_certificate(tx, query.attendance_certificate_id, "")
    return found or Refusal("unknown-certificate")


async def find_attendance_certificate(tx: Transaction, id: UUID | None, number: str) -> AttendanceCertificate | None:
    """The certificate that has the id, or the number."""
    row = await tx.find(FIND_ATTENDANCE_CERTIFICATE, id, number)
    return AttendanceCertificate(**dict(row)) if row else None
