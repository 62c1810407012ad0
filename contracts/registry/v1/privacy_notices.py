"""Privacy notices: what people are told before they consent (PIPL article 17)."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from ...data import PUBLIC, Instant, Slug, Title, refuse_id_number
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import ConsentPurpose

__all__ = [
    "GetPrivacyNotice",
    "PrivacyNotice",
    "PrivacyNoticePublished",
    "PublishPrivacyNotice",
]

NoticeText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=8_000),
    AfterValidator(refuse_id_number),
    PUBLIC,
]
"""A public text of at most 8,000 characters."""


class PrivacyNotice(Part):
    """What people of a region are told about one purpose; `text` names controller, kinds, method and rights."""

    privacy_notice_id: UUID
    purpose: ConsentPurpose
    notice_version: Slug
    region: RegionCode
    title: Title
    text: NoticeText
    retention_months: int
    published_at: Instant
    renew_until: Instant


class PublishPrivacyNotice(
    Command[PrivacyNotice],
    name="publish-privacy-notice",
    permission="registry.privacy-notices.publish",
    http="POST /v1/privacy-notices",
    refusals=("privacy-notice-exists",),
):
    """Puts a notice into force in a region's subtree. The newest one that covers a person's region is hers.

    Consents of the purpose under another version have to be renewed; those that are not end after `grace_days`
    (PIPL 14: a change of purpose, method or kinds asks for consent again).
    """

    privacy_notice_id: UUID
    purpose: ConsentPurpose
    notice_version: Slug
    region: RegionCode
    title: Title
    text: NoticeText
    retention_months: int = Field(ge=1, le=600)
    grace_days: int = Field(30, ge=0, le=180)


class PrivacyNoticePublished(Event, fact="privacy-notice.published"):
    privacy_notice_id: UUID
    purpose: ConsentPurpose
    notice_version: Slug
    renew_until: Instant


class GetPrivacyNotice(
    Query[PrivacyNotice],
    name="get-privacy-notice",
    permission="public",
    http="GET /v1/privacy-notices/{purpose}",
    refusals=("unknown-privacy-notice",),
):
    """The notice in force for a purpose in a region."""

    purpose: ConsentPurpose
    region: RegionCode
