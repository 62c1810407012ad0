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
