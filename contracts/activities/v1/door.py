"""The door: passes, the on-site code, offline uploads, and the screen of those who let people in."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import (
    INTERNAL,
    AgeBand,
    Code,
    EnrolmentId,
    Instant,
    Minutes,
    PassCode,
    PersonId,
    SessionId,
    Slug,
    Title,
)
from ...message import Command, Part, Query
from .. import refusals as refusals
from .attendance import SCAN_REFUSALS, OnSiteDigits
from .codes import AttendanceMark, AttendanceMethod, Presence, SessionStatus

__all__ = [
    "Door",
    "DoorEntry",
    "GetDoor",
    "GetPasses",
    "OnSiteCode",
    "Pass",
    "Passes",
    "Scan",
    "ScanResult",
    "ShowOnSiteCode",
    "UploadScans",
    "UploadSummary",
]


class Pass(Part):
    """`qr` is the signed text of the QR code, `pass_code` its readable fallback; both are good for one session."""

    person_id: PersonId
    qr: PassCode
    pass_code: PassCode


class Passes(Part):
    enrolment_id: EnrolmentId
    session_id: SessionId
    passes: tuple[Pass, ...]


class GetPasses(
    Query[Passes],
    name="get-passes",
    permission="activities.enrol",
    http="GET /v1/enrolments/{enrolment_id}/passes",
    refusals=("unknown-enrolment", "enrolment-ended", "no-seat-yet"),
):
    """What each person of a confirmed enrolment shows at the door (A17)."""

    enrolment_id: EnrolmentId


class OnSiteCode(Part):
    """Good until `renew_at` and one such time longer, so that nobody is cut off while typing."""

    session_id: SessionId
    on_site_code: OnSiteDigits
    renew_at: Instant


class ShowOnSiteCode(
    Query[OnSiteCode],
    name="show-on-site-code",
    permission="activities.attendance",
    http="GET /v1/sessions/{session_id}/on-site-code",
    refusals=("unknown-session", "session-cancelled", "attendance-closed"),
):
    """Six digits for the screen at the door that change every 30 seconds: a friend far away has stale ones (A18)."""

    session_id: SessionId


class Scan(Part):
    """One scan of an upload; its fields are those of `record-attendance`."""

    session_id: SessionId
    person_id: PersonId | None = None
    pass_code: PassCode | None = None
    mark: AttendanceMark
    method: AttendanceMethod
    client_id: UUID
    occurred_at: Instant
    evidence: Slug | None = None
    minutes: Minutes | None = None
    walk_in: bool = False


class ScanResult(Part):
    """`result` is `counted` or the reason code; `since` is when she came, `session_id` where she is expected."""

    client_id: UUID
    result: Code
    attendance_id: UUID | None = None
    since: Instant | None = None
    session_id: SessionId | None = None


class UploadSummary(Part):
    """One result a scan, in the order of the upload."""

    counted: int
    refused: int
    skew_seconds: int
    results: tuple[ScanResult, ...]


class UploadScans(
    Command[UploadSummary],
    name="upload-scans",
    permission="activities.attendance",
    http="POST /v1/scan-uploads",
    refusals=SCAN_REFUSALS,
):
    """Scans that a device took without network (A19): all good ones count, bad ones are named, nothing counts twice.

    `device_time` is the device's clock at the moment of sending: what it is off by is taken off every scan, and such
    scans are flagged; off by more than a day the upload is refused (`clock-skew`).
    """

    device_id: UUID
    device_time: Instant
    scans: tuple[Scan, ...] = Field(min_length=1, max_length=500)


class DoorEntry(Part):
    """Somebody who is expected or came. `hand_over`: a child that leaves only by a hand-over. `health_note`: there is
    one to read. `no_face`: no consent to photos, so no face in any (A29)."""

    person_id: PersonId
    enrolment_id: EnrolmentId | None
    age_band: AgeBand
    presence: Presence
    came_at: Instant | None = None
    left_at: Instant | None = None
    walk_in: bool = False
    hand_over: bool = False
    health_note: bool = False
    no_face: bool = False
    pass_code: PassCode


class Door(Part):
    """`version` changes whenever anything here does. `missing` are those expected who have not come."""

    session_id: SessionId
    version: Slug
    unchanged: bool = False
    title: Title | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    status: SessionStatus | None = None
    expected: int = 0
    inside: int = 0
    left: int = 0
    missing: int = 0
    heads_declared: int | None = None
    entries: tuple[DoorEntry, ...] = ()


class GetDoor(
    Query[Door],
    name="get-door",
    permission="activities.roster.read",
    http="GET /v1/sessions/{session_id}/door",
    refusals=("unknown-session",),
):
    """Who is expected, who is in, who is missing, who left. With `known`, the version a screen shows already, an
    answer that would say the same says no more than `unchanged`: made to be polled."""

    session_id: SessionId
    known: Annotated[Slug | None, INTERNAL] = None
