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


class CountKind(OpenEnum):
    """What a number is about: everything in the region, or one programme, project, site or age band of it."""

    UNKNOWN = "unknown"
    ALL = "all"
    PROGRAMME = "programme"
    PROJECT = "project"
    SITE = "site"
    AUDIENCE = "audience"


class StatisticsBy(OpenEnum):
    UNKNOWN = "unknown"
    MONTH = "month"
    REGION = "region"
    PROGRAMME = "programme"
    PROJECT = "project"
    SITE = "site"
    AUDIENCE = "audience"


class RegionLevel(OpenEnum):
    UNKNOWN = "unknown"
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"


class FeedbackQuestion(OpenEnum):
    """总体 / 内容 / 讲师 / 场地 / 服务."""

    UNKNOWN = "unknown"
    OVERALL = "overall"
    CONTENT = "content"
    TEACHER = "teacher"
    PLACE = "place"
    SERVICE = "service"


class PhotoMark(OpenEnum):
    """Everybody on it agreed; nobody can be recognised; or neither is known, and it stays inside."""

    UNKNOWN = "unknown"
    CONSENTED = "consented"
    NO_FACE = "no_face"
    INTERNAL = "internal"


class CalendarKind(OpenEnum):
    UNKNOWN = "unknown"
    PERSON = "person"
    SITE = "site"
    UNIT = "unit"


class FeedState(OpenEnum):
    """States of an item of an RPDE feed."""

    UNKNOWN = "unknown"
    UPDATED = "updated"
    DELETED = "deleted"


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
