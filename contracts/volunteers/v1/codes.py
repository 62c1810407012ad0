"""The lists of codes of this service."""

from ...data import (
    OpenEnum,
)
from .. import refusals as refusals

__all__ = [
    "ClearanceKind",
    "Grade",
    "LegalForm",
    "RejectionReason",
    "StintStatus",
]


class Grade(OpenEnum):
    """Where minutes come from (V17), best first."""

    UNKNOWN = "unknown"
    DEVICE_VERIFIED = "device_verified"
    WITNESSED = "witnessed"
    BACK_FILLED = "back_filled"
    IMPORTED = "imported"


class LegalForm(OpenEnum):
    UNKNOWN = "unknown"
    REGISTERED = "registered"
    FILED = "filed"
    UNREGISTERED_GROUP = "unregistered_group"


class StintStatus(OpenEnum):
    UNKNOWN = "unknown"
    OPEN = "open"
    CLOSED = "closed"
    AUTO_CLOSED = "auto_closed"
    CREDITED = "credited"
    REJECTED = "rejected"


class RejectionReason(OpenEnum):
    """Why minutes of a stint are not credited (V18, V25)."""

    UNKNOWN = "unknown"
    NOT_SERVED = "not_served"
    TIMES_WRONG = "times_wrong"
    DAILY_CAP = "daily_cap"
    RECORDED_TWICE = "recorded_twice"


class ClearanceKind(OpenEnum):
    """What a volunteer has proven (V4): the check of art. 62 未成年人保护法, a training, insurance."""

    UNKNOWN = "unknown"
    BACKGROUND_CHECK = "background_check"
    HEALTH_CHECK = "health_check"
    TRAINING = "training"
    INSURANCE = "insurance"
