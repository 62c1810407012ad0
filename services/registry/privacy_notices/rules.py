"""What a privacy notice says, and how far its renewal has come. No I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.registry.v1 import PrivacyNotice, PublishPrivacyNotice


@dataclass(frozen=True, slots=True)
class Sweep:
    """How far the consents that a notice outdated were gone through: up to the person `swept_until`."""

    privacy_notice_id: UUID
    purpose: str
    notice_version: str
    region: str
    published_at: datetime
    sweep_id: UUID
    swept_until: UUID


def published(command: PublishPrivacyNotice, now: datetime) -> PrivacyNotice:
    """The notice as it comes into force now; what it outdates stands for the days of grace."""
    renew_until = now + timedelta(days=command.grace_days)
    return PrivacyNotice(**command.model_dump(exclude={"grace_days"}), published_at=now, renew_until=renew_until)
