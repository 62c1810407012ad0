"""When a certificate may be issued, and what one tells. No I/O, no clock."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from contracts.refusals import Refusal
from contracts.volunteers.v1 import AttendanceCertificate, CertificateState, Grade, IssueCertificate, Verification
from services.volunteers.hours.rules import by_grade
from services.volunteers.roster.rules import Volunteer


@dataclass(frozen=True, slots=True)
class Share:
    """Credited minutes of one grade in the period, and in how many services they were given; nothing reversed."""

    grade: Grade
    minutes: int
    services: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is kept of an issued certificate for whoever checks it."""

    check_code: str
    minutes: int
    since: date
    until: date
    unit_id: UUID
    issued_at: datetime
    revoked_at: datetime | None


def may_issue(
    command: IssueCertificate, volunteer: Volunteer, id_used: bool, pending: int, shares: Sequence[Share], actor: str
) -> Refusal | None:
    """Minutes were credited in the period and none wait for approval; nobody issues her own (Order 67, V20).

    Refusals: certificate-exists, same-person, stints-pending, no-hours.
    """
    if id_used:
        return Refusal("certificate-exists", certificate_id=str(command.certificate_id))
    if actor == str(volunteer.person_id):
        return Refusal("same-person")
    if pending:
        return Refusal("stints-pending", count=pending)
    if not shares:
        return Refusal("no-hours")
    return None


def certify(
    command: IssueCertificate,
    volunteer: Volunteer,
    shares: Sequence[Share],
    contents: Sequence[str],
    number: str,
    code: str,
    now: datetime,
) -> CertificateState:
    """The certificate as it is at this moment: service time, content and recording unit (Order 67 articles 15, 26)."""
    return CertificateState(
        certificate_no=number,
        check_code=code,
        volunteer_no=volunteer.volunteer_no,
        minutes=sum(share.minutes for share in shares),
        by_grade=by_grade((share.grade, share.minutes) for share in shares),
        services=sum(share.services for share in shares),
        contents=tuple(contents),
        since=command.since,
        until=command.until,
        unit_id=volunteer.unit_id,
        issued_at=now,
        revoked=False,
    )


def verify(certificate: Certificate | None, check_code: str) -> Verification | Refusal:
    """What anybody may learn of it (Order 67 article 17). Refusal: unknown-certificate, for either reason alike.

    Compared in constant time, so that an answer's delay tells nothing of the code.
    """
    known = certificate.check_code if certificate else ""
    if not hmac.compare_digest(known.encode(), check_code.encode()) or certificate is None:
        return Refusal("unknown-certificate")
    return Verification(
        valid=certificate.revoked_at is None,
        minutes=certificate.minutes,
        since=certificate.since,
        until=certificate.until,
        unit_id=certificate.unit_id,
        issued_at=certificate.issued_at,
    )


def verify_attendance(certificate: AttendanceCertificate, check_code: str) -> Verification | Refusal:
    """As `verify`, of a certificate of attendance. Refusal: unknown-certificate."""
    if not hmac.compare_digest(certificate.check_code.encode(), check_code.encode()):
        return Refusal("unknown-certificate")
    return Verification(
        valid=True,
        minutes=0,
        since=certificate.since,
        until=certificate.until,
        unit_id=certificate.unit_id,
        issued_at=certificate.issued_at,
        sessions=certificate.sessions,
    )
