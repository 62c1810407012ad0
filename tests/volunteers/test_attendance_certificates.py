"""Attendance is certified by the issuer of certificates, once for each request, and is no volunteering (A40)."""

from datetime import date
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from contracts.activities.v1 import AttendanceCertificateRequested
from contracts.refusals import Refusal
from contracts.volunteers.v1 import (
    AttendanceCertificate,
    AttendanceCertificateIssued,
    GetAttendanceCertificate,
    Verification,
    VerifyCertificate,
)
from tests.under_test import ServiceUnderTest

ASKED = AttendanceCertificateRequested(
    attendance_certificate_id=uuid4(), person_id=uuid4(), unit_id=uuid4(), since=date(2026, 6, 1),
    until=date(2026, 6, 30), sessions=7, rule="attendance-count-1",
)  # fmt: skip
GET = GetAttendanceCertificate(attendance_certificate_id=ASKED.attendance_certificate_id)


@pytest.fixture
async def certificate(volunteers: ServiceUnderTest) -> AttendanceCertificate:
    id = uuid7()
    for _ in range(2):  # the fact is delivered twice
        await volunteers.hear(ASKED, id=id)
    found = await volunteers.query(GET)
    assert isinstance(found, AttendanceCertificate)
    return found


async def test_a_certificate_is_issued_once(volunteers: ServiceUnderTest, certificate: AttendanceCertificate) -> None:
    assert (certificate.sessions, certificate.person_id) == (7, ASKED.person_id)
    [fact] = await volunteers.said(AttendanceCertificateIssued)
    assert (fact.certificate_no, fact.sessions) == (certificate.certificate_no, 7)
    assert await volunteers.count("hours_entry") == 0


async def test_anybody_checks_it_by_number_and_code(
    volunteers: ServiceUnderTest, certificate: AttendanceCertificate
) -> None:
    check = VerifyCertificate(certificate_no=certificate.certificate_no, check_code=certificate.check_code)
    genuine = await volunteers.query(check, roles=["anonymous"], region="350502000000")
    forged = await volunteers.query(check.model_copy(update={"check_code": "AAAAAAAA"}), roles=["anonymous"])

    assert isinstance(genuine, Verification)
    assert (genuine.valid, genuine.sessions, genuine.minutes) == (True, 7, 0)
    assert forged == Refusal("unknown-certificate")
    assert await volunteers.query(GET, region="350502000000") == Refusal("unknown-certificate")
