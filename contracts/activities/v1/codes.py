"""The lists of codes of this service."""

from ...data import (
    OpenEnum,
)
from .. import refusals as refusals


class SessionStatus(OpenEnum):
    UNKNOWN = "unknown"
    PUBLISHED = "published"
    BLOCKED = "blocked"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class EnrolmentStatus(OpenEnum):
    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class AttendanceMark(OpenEnum):
    """签到 / 签退."""

    UNKNOWN = "unknown"
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"


class AttendanceMethod(OpenEnum):
    UNKNOWN = "unknown"
    QR = "qr"
    CODE = "code"
    ASSISTED = "assisted"
    PAPER = "paper"
    ONLINE = "online"


class Presence(OpenEnum):
    """What became of somebody who has a seat (A26), derived at the moment of asking: `late` came more than 15 minutes
    after the start, `absent` did not come before the end."""

    UNKNOWN = "unknown"
    EXPECTED = "expected"
    PRESENT = "present"
    LATE = "late"
    LEFT = "left"
    ABSENT = "absent"
    EXCUSED = "excused"


class HeadcountMethod(OpenEnum):
    """How heads without names were counted (A23)."""

    UNKNOWN = "unknown"
    COUNTED = "counted"
    ESTIMATED = "estimated"
    PHOTO = "photo"
    TURNSTILE = "turnstile"


class GateReason(OpenEnum):
    """Why a session with children may not open (A30)."""

    UNKNOWN = "unknown"
    TOO_FEW_ADULTS = "too_few_adults"
    CLEARANCE_MISSING = "clearance_missing"
