"""The lists of codes of this service."""

from ...data import (
    OpenEnum,
)
from .. import refusals as refusals


class SessionStatus(OpenEnum):
    UNKNOWN = "unknown"
    PUBLISHED = "published"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class EnrolmentStatus(OpenEnum):
    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    REQUESTED = "requested"
    """Waits for the host's approval and holds no seat (A9)."""
    UNDER_REVIEW = "under_review"
    """Was changed, waits for approval again, and holds its seats meanwhile."""
    ENTERED = "entered"
    """Takes part in a draw that is still to be held (A13)."""
    REFUSED = "refused"


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
