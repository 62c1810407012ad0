"""The report of a session, made of facts: counts, cost, photos by reference, and a draft text (A41)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import PUBLIC, Code, Instant, PersonId, SessionId, Slug, Title, UnitId
from ...message import Command, Done, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import PhotoMark
from .feedback import QuestionResult
from .figures import Figures

__all__ = [
    "AttendanceCertificateRequested",
    "Cost",
    "GetSessionReport",
    "Photo",
    "RecordSessionReport",
    "ReportRecorded",
    "RequestAttendanceCertificate",
    "SessionReport",
]


class Photo(Part):
    """A photo by its reference where it is kept; the mark says whom it may be shown to (A29)."""

    reference: Slug
    mark: PhotoMark


class Cost(Part):
    """What was paid for, in cents of a yuan."""

    item: Title
    cents: int = Field(ge=0, le=10**11)


class RecordSessionReport(
    Command[Done],
    name="record-session-report",
    permission="activities.count",
    http="POST /v1/sessions/{session_id}/report",
    refusals=("unknown-session", "session-not-counted", "report-exists"),
):
    """Adds cost and photos to what the facts already tell of a counted session; the last recording counts."""

    report_id: UUID
    session_id: SessionId
    costs: tuple[Cost, ...] = Field((), max_length=50)
    photos: tuple[Photo, ...] = Field((), max_length=50)


class ReportRecorded(Event, fact="report.recorded"):
    report_id: UUID
    session_id: SessionId
    unit_id: UnitId
    cents: int
    photos: int


class SessionReport(Part):
    """`photos` are all that may be shown outside: those with consent, and those without a face."""

    session_id: SessionId
    title: Title
    place: Title
    starts_at: Instant
    ends_at: Instant
    figures: Figures
    costs: tuple[Cost, ...]
    cents: int
    photos: tuple[Photo, ...]
    withheld_photos: int
    feedback: tuple[QuestionResult, ...]
    draft: Annotated[str, PUBLIC]


class GetSessionReport(
    Query[SessionReport],
    name="get-session-report",
    permission="activities.counts.read",
    http="GET /v1/sessions/{session_id}/report",
    refusals=("unknown-session", "session-not-counted"),
):
    """The monthly 信息稿 without retyping: every number in the draft is a fact of the session."""

    session_id: SessionId


class RequestAttendanceCertificate(
    Command[Done],
    name="request-attendance-certificate",
    permission="activities.certificates.request",
    http="POST /v1/attendance-certificates",
    refusals=("no-attendance", "certificate-requested", "period-reversed"),
):
    """Asks the certificate issuer for a certificate of attendance: how many counted sessions of a region's subtree a
    person came to from `since` to `until` (A40). It is checked like every certificate (V20).
    """

    attendance_certificate_id: UUID
    person_id: PersonId
    unit_id: UnitId
    region: RegionCode
    since: date
    until: date


class AttendanceCertificateRequested(Event, fact="attendance-certificate.requested"):
    """What the issuer is to certify. Attendance is no volunteering: there are no hours in it (Order 67 article 19)."""

    attendance_certificate_id: UUID
    person_id: PersonId
    unit_id: UnitId
    since: date
    until: date
    sessions: int
    rule: Code
