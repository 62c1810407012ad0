"""The lists of codes of this service."""

from ...data import (
    OpenEnum,
)
from .. import refusals as refusals

__all__ = [
    "AmendScope",
    "AttendanceMark",
    "AttendanceMethod",
    "CalendarKind",
    "CountKind",
    "EnrolmentStatus",
    "FeedState",
    "FeedbackQuestion",
    "GateReason",
    "HeadcountMethod",
    "MakeUpDays",
    "PhotoMark",
    "Presence",
    "ProgrammeKind",
    "RegionLevel",
    "SessionMode",
    "SessionStatus",
    "StatisticsBy",
    "TermDays",
]


class SessionStatus(OpenEnum):
    UNKNOWN = "unknown"
    DRAFTED = "drafted"
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


class ProgrammeKind(OpenEnum):
    """A frame holds brands (五彩课堂), a brand is a line of its own (蓝色成长课堂), a theme is a year's (A1, A4)."""

    UNKNOWN = "unknown"
    FRAME = "frame"
    BRAND = "brand"
    THEME = "theme"


class SessionMode(OpenEnum):
    """Where people take part: 线下, 线上线下结合, 线上直播 (A32)."""

    UNKNOWN = "unknown"
    IN_PERSON = "in_person"
    MIXED = "mixed"
    ONLINE = "online"


class MakeUpDays(OpenEnum):
    """What a series does on a weekend day that is worked (调休): its own weekdays only, held too, or left out."""

    UNKNOWN = "unknown"
    IGNORE = "ignore"
    HOLD = "hold"
    SKIP = "skip"


class TermDays(OpenEnum):
    """Whether a series asks for school terms: any day, days of a term (四点半课堂), days between terms (寒暑假托管)."""

    UNKNOWN = "unknown"
    ANY = "any"
    IN_TERM = "in_term"
    BETWEEN = "between"


class AmendScope(OpenEnum):
    UNKNOWN = "unknown"
    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


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
