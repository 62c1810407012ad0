"""Who may open a minor's record, on whose word, and for how long. No I/O, no clock.

Sources: minors' network protection regulations, article 36; PIPL 28, 31, 51; features A52, X15.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.region import covers
from contracts.registry.v1 import AccessStatus, Function, PostKind, RecordAccessState
from services.registry.appointments.rules import FUNCTIONS

REQUEST_STANDS: Final = timedelta(days=3)
GLASS_STAYS_BROKEN: Final = timedelta(minutes=15)
TIME_TO_REVIEW: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Access:
    """One case of opening a record; `open_until` ends it."""

    record_access_id: UUID
    person_id: UUID
    region: str
    requester_id: UUID
    reason: str
    minutes: int
    status: AccessStatus
    asked_at: datetime
    expires_at: datetime | None
    reviewed: bool
    version: int

    @property
    def state(self) -> RecordAccessState:
        return RecordAccessState(
            record_access_id=self.record_access_id,
            status=self.status,
            expires_at=self.expires_at,
            version=self.version,
        )


@dataclass(frozen=True, slots=True)
class Authority:
    """A post by which somebody decides today; `holder_id` is whom she stands in for, None where it is her own."""

    region: str
    post: PostKind
    holder_id: UUID | None


def is_protected(band: AgeBand) -> bool:
    """Whose record opens on approval alone: every minor's, under 18 (article 36), and so every child's under 14."""
    return band.is_minor


def is_own(access: Access, decider_id: UUID, authorities: Sequence[Authority]) -> bool:
    """Whether somebody would decide on her own request, or on one of the very person whose duty she stands in for.

    `authorities` are the posts she has today; another post of her own that covers the region makes her free of that.
    """
    if decider_id == access.requester_id:
        return True
    deciding = [
        each for each in authorities if Function.APPROVER in FUNCTIONS[each.post] and covers(each.region, access.region)
    ]
    return bool(deciding) and all(each.holder_id == access.requester_id for each in deciding)


def may_decide(access: Access, now: datetime, *, approving: bool) -> Refusal | None:
    """Once; approved only while the request stands. Refusals: access-decided, request-lapsed."""
    if access.status is not AccessStatus.REQUESTED:
        return Refusal("access-decided")
    return Refusal("request-lapsed") if approving and now >= access.asked_at + REQUEST_STANDS else None


def may_review(access: Access) -> Refusal | None:
    """An opening by break-glass, once. Refusals: nothing-to-review, access-reviewed."""
    if access.status is not AccessStatus.OPENED:
        return Refusal("nothing-to-review")
    return Refusal("access-reviewed") if access.reviewed else None
