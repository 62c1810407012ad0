"""The lists of codes of this service."""

from ...data import (
    OpenEnum,
)
from .. import refusals as refusals

__all__ = [
    "AccessReason",
    "AccessStatus",
    "ConsentMethod",
    "ConsentPurpose",
    "DivisionLevel",
    "Function",
    "PostKind",
    "UnitKind",
    "UnitLevel",
]


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
    """What a guardian or person agreed to, each on its own (PIPL articles 14, 23, 25, 28, 31)."""

    UNKNOWN = "unknown"
    ACTIVITIES = "activities"
    PHOTOS = "photos"
    VOLUNTEERING = "volunteering"
    CONTACT_EMAIL = "contact_email"
    SHARE_HOST_SITE = "share_host_site"


class ConsentMethod(OpenEnum):
    """How a consent was given: in an app, on paper that is kept, or before a member of staff who bears witness."""

    UNKNOWN = "unknown"
    APP = "app"
    PAPER = "paper"
    WITNESSED = "witnessed"


class AccessReason(OpenEnum):
    """Why somebody asks for a minor's record (minors' network protection regulations, article 36)."""

    UNKNOWN = "unknown"
    GUARDIAN_REQUEST = "guardian_request"
    CORRECTION = "correction"
    CARE = "care"
    SAFEGUARDING = "safeguarding"
    EMERGENCY = "emergency"


class AccessStatus(OpenEnum):
    """`opened` is an access by break-glass, which nobody approved beforehand."""

    UNKNOWN = "unknown"
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    OPENED = "opened"
