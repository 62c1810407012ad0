"""Certificates: what is asked and the facts stated."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import (
    PUBLIC,
    CertificateNumber,
    Instant,
    PersonId,
    Title,
    UnitId,
    VolunteerNumber,
)
from ...message import Command, Event, Part, Query
from .. import refusals as refusals
from .hours import HoursByGrade

__all__ = [
    "AttendanceCertificate",
    "AttendanceCertificateIssued",
    "CertificateIssued",
    "CertificateRevoked",
    "CertificateState",
    "GetAttendanceCertificate",
    "IssueCertificate",
    "Verification",
    "VerifyCertificate",
]


class CertificateState(Part):
    """A certificate as its holder gets it: service time, content and recording unit (Order 67 art. 14, 15)."""

    certificate_no: CertificateNumber
    check_code: Annotated[str, PUBLIC]
    volunteer_no: VolunteerNumber
    minutes: int
    by_grade: tuple[HoursByGrade, ...]
    services: int
    contents: tuple[Title, ...]
    since: date
    until: date
    unit_id: UnitId
    issued_at: Instant
    revoked: bool


class IssueCertificate(
    Command[CertificateState],
    name="issue-certificate",
    permission="volunteers.certificates.issue",
    http="POST /v1/volunteers/{volunteer_id}/certificates",
    refusals=("unknown-volunteer", "no-hours", "stints-pending", "certificate-exists", "same-person"),
):
    """Issues a certificate of the credited minutes with service dates in [since, until], free of charge (V20)."""

    certificate_id: UUID
    volunteer_id: UUID
    since: date
    until: date


class CertificateIssued(Event, fact="certificate.issued"):
    certificate_id: UUID
    certificate_no: CertificateNumber
    volunteer_id: UUID
    person_id: PersonId
    unit_id: UnitId
    minutes: int


class CertificateRevoked(Event, fact="certificate.revoked"):
    """Minutes that a certificate counts were taken back by the ledger line `reverses`: it is valid no more (V22)."""

    certificate_id: UUID
    certificate_no: CertificateNumber
    volunteer_id: UUID
    person_id: PersonId
    reverses: UUID


class AttendanceCertificate(Part):
    """A certificate of attendance as its holder gets it: how many sessions, in which time, certified by whom (A40)."""

    attendance_certificate_id: UUID
    certificate_no: CertificateNumber
    check_code: Annotated[str, PUBLIC]
    person_id: PersonId
    sessions: int
    since: date
    until: date
    unit_id: UnitId
    issued_at: Instant


class AttendanceCertificateIssued(Event, fact="attendance-certificate.issued"):
    """activities asked for it and counted; volunteers issues and answers for it (A40)."""

    attendance_certificate_id: UUID
    certificate_no: CertificateNumber
    person_id: PersonId
    unit_id: UnitId
    sessions: int


class GetAttendanceCertificate(
    Query[AttendanceCertificate],
    name="get-attendance-certificate",
    permission="volunteers.hours.read",
    http="GET /v1/attendance-certificates/{attendance_certificate_id}",
    refusals=("unknown-certificate",),
):
    """A certificate of attendance by the id under which it was asked for; there a moment after it was."""

    attendance_certificate_id: UUID


class Verification(Part):
    """What anybody may learn of a certificate: is it genuine, how much, whose record (no name).

    A certificate of attendance has `sessions` and no minutes: attendance is no volunteering (Order 67 article 19).
    """

    valid: bool
    minutes: int
    since: date
    until: date
    unit_id: UnitId
    issued_at: Instant
    sessions: int | None = None


class VerifyCertificate(
    Query[Verification],
    name="verify-certificate",
    permission="public",
    http="GET /v1/certificates/{certificate_no}/verify",
    refusals=("unknown-certificate",),
):
    """Checks a certificate by its number and check code (Order 67 art. 17)."""

    certificate_no: CertificateNumber
    check_code: Annotated[str, Field(pattern=r"^[A-Z0-9]{8}$"), PUBLIC]
