"""The lists of codes of this service."""

from ...data import (
    OpenEnum,
)
from .. import refusals as refusals


class DivisionLevel(OpenEnum):
    UNKNOWN = "unknown"
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"


class UnitKind(OpenEnum):
    UNKNOWN = "unknown"
    FEDERATION = "federation"
    SOCIAL_ORGANISATION = "social_organisation"
    PARTNER = "partner"


class UnitLevel(OpenEnum):
    UNKNOWN = "unknown"
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    FUNCTIONAL_AREA = "functional_area"


class PostKind(OpenEnum):
    """职务 of a federation, and the two duties of its office (auditor, operator of the system)."""

    UNKNOWN = "unknown"
    CHAIR = "chair"
    VICE_CHAIR = "vice_chair"
    EXECUTIVE_MEMBER = "executive_member"
    SITE_KEEPER = "site_keeper"
    OFFICER = "officer"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class Function(OpenEnum):
    """What an office lets its holder do in the subtree of its unit; each is a role of `services/chassis/access.py`."""

    UNKNOWN = "unknown"
    READER = "reader"
    EDITOR = "editor"
    APPROVER = "approver"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class ConsentPurpose(OpenEnum):
    """What a guardian or person agreed to (PIPL articles 14, 28, 31)."""

    UNKNOWN = "unknown"
    ACTIVITIES = "activities"
    PHOTOS = "photos"
    VOLUNTEERING = "volunteering"
