"""The audit log's words: what is written down, and what a service answers when asked who saw a record."""

from typing import Annotated
from uuid import UUID

from .data import INTERNAL, Instant, OpenEnum
from .message import Part
from .region import RegionCode


class AuditAction(OpenEnum):
    """Everything that the audit log of a service tells of; closed on the writer's side."""

    UNKNOWN = "unknown"
    RECORD_READ = "record-read"
    """The record of one person was opened (未成年人网络保护条例 36)."""
    ROSTER_READ = "roster-read"
    """A list with children was opened; a row for each child."""
    CONTACTS_READ = "contacts-read"
    """Name and address of a person went to a service, for the purpose in `reason`."""
    EXPORTED = "exported"
    """Many records left the house."""
    AUDIT_READ = "audit-read"
    """Somebody asked who saw a person's record."""
    ACCESS_REFUSED = "access-refused"
    """Somebody asked for what she may not; `reason` is the permission, `times` how often."""
    LOGIN_FAILED = "login-failed"
    ACCOUNT_LOCKED = "account-locked"
    ACCOUNT_UNLOCKED = "account-unlocked"
    ACCOUNT_CREATED = "account-created"
    ACCOUNT_CLOSED = "account-closed"
    PASSWORD_CHANGED = "password-changed"
    IDENTITY_LINKED = "identity-linked"
    APPROVAL_REQUESTED = "approval-requested"
    APPROVAL_GRANTED = "approval-granted"
    APPROVAL_REFUSED = "approval-refused"
    APPROVAL_WITHDRAWN = "approval-withdrawn"
    APPROVAL_USED = "approval-used"
    GLASS_BROKEN = "glass-broken"
    """A minor's record was opened without approval beforehand."""
    GLASS_REVIEWED = "glass-reviewed"
    """Somebody else said whether that was justified: `reason` is `justified` or `not-justified`."""
    HOURS_APPROVED = "hours-approved"
    HOURS_REJECTED = "hours-rejected"
    HOURS_REVERSED = "hours-reversed"
    POST_GIVEN = "post-given"
    POST_ENDED = "post-ended"
    DUTY_DELEGATED = "duty-delegated"
    DELEGATION_ENDED = "delegation-ended"
    CLIENT_REGISTERED = "client-registered"
    CLIENT_KEY_ADDED = "client-key-added"
    CLIENT_REVOKED = "client-revoked"
    CONSENT_RECORDED = "consent-recorded"
    """By somebody else than the person who gave it."""
    CONSENT_WITHDRAWN = "consent-withdrawn"
    PERSON_EXPORTED = "person-exported"
    """A person, or her guardian, was given a copy of her data (PIPL 45)."""
    PERSON_CORRECTED = "person-corrected"
    PERSON_RESTRICTED = "person-restricted"
    """Kept, and used for nothing else (PIPL 47)."""
    ERASURE_REQUESTED = "erasure-requested"
    REQUEST_FILED = "request-filed"
    """A person asked about her data; `reason` is what for."""
    REQUEST_ANSWERED = "request-answered"
    PERSON_ERASED = "person-erased"
    RECORDS_PURGED = "records-purged"
    """Records of a class, named in `reason`, went by the retention schedule (X17)."""
    KEY_DELETED = "key-deleted"
    """The key of a person's data is gone, and with it what copies hold of her."""


class Access(Part):
    """One row of the audit log: who did what when, where and why; `times` rows like it are told as one."""

    entry: int
    at: Instant
    action: AuditAction
    actor: Annotated[str, INTERNAL]
    region: RegionCode
    reason: Annotated[str, INTERNAL]
    thing: UUID | None
    times: int


class AccessLog(Part):
    """Rows about one person, newest first; for older ones ask again `before` the last."""

    accesses: tuple[Access, ...]
    more: bool
