"""What notify is asked, and the facts it states (domain.md, features N1-N13, N25)."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ..audit import AccessLog
from ..data import INTERNAL, PERSONAL, SECRET, Code, Instant, OpenEnum, PersonId, SessionId, Title, TypePrefix, WebUrl
from ..holdings import Holdings
from ..message import Command, Done, Event, Part, Query
from ..region import RegionCode
from ..retention import Purged
from . import refusals as refusals


class NoticeStatus(OpenEnum):
    """State of one delivery on one channel."""

    UNKNOWN = "unknown"
    PLANNED = "planned"
    SENT = "sent"
    SEEN = "seen"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    FAILED = "failed"


class Channel(OpenEnum):
    UNKNOWN = "unknown"
    INBOX = "inbox"
    EMAIL = "email"
    WEBHOOK = "webhook"


class InboxEntry(Part):
    """A message of a person's inbox; `text` was rendered for this person."""

    notice_id: UUID
    template: Code
    subject: Annotated[str, PERSONAL]
    text: Annotated[str, PERSONAL]
    at: Instant
    seen: bool


class Inbox(Part):
    entries: tuple[InboxEntry, ...]
    unseen: int


class GetInbox(Query[Inbox], name="get-inbox", permission="notify.inbox.read", http="GET /v1/people/{person_id}/inbox"):
    """The newest messages of a person, newest first, at most `limit`, older than `before`."""

    person_id: PersonId
    before: UUID | None = None
    limit: int = Field(50, ge=1, le=200)


class ListNotifyAccesses(
    Query[AccessLog],
    name="list-notify-accesses",
    permission="account.own",
    http="GET /v1/people/{person_id}/accesses/notify",
):
    """What notify wrote down about a person, newest first, at most 200 (PIPL 44, 未成年人网络保护条例 36).

    A person asks about herself and her ward; whoever holds `audit.read` about those of the own region. Asking is
    written down too.
    """

    person_id: PersonId
    before: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None


class MarkSeen(
    Command[Done],
    name="mark-seen",
    permission="notify.inbox.read",
    http="POST /v1/people/{person_id}/inbox/{notice_id}/seen",
    refusals=("unknown-notice",),
):
    """The person has read an inbox entry."""

    person_id: PersonId
    notice_id: UUID


class StatusCount(Part):
    channel: Channel
    status: NoticeStatus
    count: int


class NoticeCounts(Part):
    counts: tuple[StatusCount, ...]


class CountNotices(Query[NoticeCounts], name="count-notices", permission="notify.read", http="GET /v1/notices/counts"):
    """Notices of a region's subtree by channel and state; with `session_id` those about that session alone (N7)."""

    region: RegionCode
    session_id: SessionId | None = None


class Told(Part):
    """What one person was to be told on one channel, and what became of it: `seen` when she has read it."""

    person_id: PersonId
    template: Code
    channel: Channel
    status: NoticeStatus
    due_at: Instant
    sent_at: Instant | None


class ToldList(Part):
    told: tuple[Told, ...]
    next: UUID | None = None


class ListTold(Query[ToldList], name="list-told", permission="notify.read", http="GET /v1/sessions/{session_id}/told"):
    """Who was told of a session, and who has read it (A15): at most `limit`, after the notice `after`.

    `template` narrows to one kind, such as `session-cancelled`.
    """

    session_id: SessionId
    template: Code | None = None
    after: UUID | None = None
    limit: int = Field(200, ge=1, le=500)


class NoticeSent(Event, fact="notice.sent"):
    notice_id: UUID
    channel: Channel
    template: Code
    cause_id: UUID


class NoticeCancelled(Event, fact="notice.cancelled"):
    """A pending notice died with its reason (N7)."""

    notice_id: UUID
    channel: Channel
    template: Code
    cause_id: UUID


class NoticeFailed(Event, fact="notice.failed"):
    """A notice could not be delivered after all attempts; `reason` is a code."""

    notice_id: UUID
    channel: Channel
    template: Code
    cause_id: UUID
    reason: Code


class EndpointState(Part):
    """A webhook endpoint. `secret` (`whsec_…`) is shown once, in the first answer to its registration, and not to a
    repeat of it: whoever lost it takes a new one by `rotate-endpoint-secret`."""

    endpoint_id: UUID
    name: Title
    url: WebUrl
    region: RegionCode
    types: tuple[Annotated[str, INTERNAL], ...]
    status: Code
    secret: Annotated[str, SECRET] | None = None


class RegisterEndpoint(
    Command[EndpointState],
    name="register-endpoint",
    permission="notify.endpoints.manage",
    http="POST /v1/webhook-endpoints",
    refusals=("endpoint-exists", "address-not-allowed"),
):
    """A neighbourhood-centre system asks for events of its region by signed webhook (Standard Webhooks, N25).

    `types` are prefixes of event types (`linli.activities.`); none means all of them.
    """

    endpoint_id: UUID
    name: Title
    url: WebUrl
    region: RegionCode
    types: tuple[TypePrefix, ...] = Field((), max_length=20)


class EndpointSecret(Part):
    """The new signing secret of an endpoint (`whsec_…`), shown once: a repeat does not get it, and rotates again. The
    former one signs beside it until `former_until`."""

    endpoint_id: UUID
    former_until: Instant
    secret: Annotated[str, SECRET] | None = None


class RotateEndpointSecret(
    Command[EndpointSecret],
    name="rotate-endpoint-secret",
    permission="notify.endpoints.manage",
    http="POST /v1/webhook-endpoints/{endpoint_id}/secret",
    refusals=("unknown-endpoint",),
):
    """A new signing secret for an active endpoint, without a push lost (Standard Webhooks, N25).

    For 24 h each push carries the signatures of both, parted by a space. One that somebody else knows is dropped at
    once by rotating twice.
    """

    endpoint_id: UUID


class RemoveEndpoint(
    Command[Done],
    name="remove-endpoint",
    permission="notify.endpoints.manage",
    http="DELETE /v1/webhook-endpoints/{endpoint_id}",
    refusals=("unknown-endpoint",),
):
    """Stops deliveries to an endpoint; pending ones are cancelled."""

    endpoint_id: UUID


class EndpointRegistered(Event, fact="endpoint.registered"):
    endpoint_id: UUID
    name: Title


class EndpointSecretRotated(Event, fact="endpoint.secret-rotated"):
    """Pushes to an endpoint are signed with a new secret from now on."""

    endpoint_id: UUID


class EndpointRemoved(Event, fact="endpoint.removed"):
    """`reason` is `removed` by its owner, `gone` (the receiver answered 410), or `client-revoked`: the system that
    registered it lost its access."""

    endpoint_id: UUID
    reason: Code


class EndpointList(Part):
    endpoints: tuple[EndpointState, ...]


class ListEndpoints(
    Query[EndpointList],
    name="list-endpoints",
    permission="notify.endpoints.manage",
    http="GET /v1/webhook-endpoints",
):
    """The webhook endpoints of a region's subtree."""

    region: RegionCode


class HeldByNotify(
    Query[Holdings],
    name="held-by-notify",
    permission="people.held.read",
    http="GET /v1/people/{person_id}/held/notify",
):
    """Notices to a person with the texts of her inbox, asked by registry for the copy that she is handed (PIPL 45)."""

    person_id: PersonId


class NotifyRecordsPurged(Purged, fact="record.purged"):
    """Records of notify whose time was over are deleted; the audit log has a row of it."""
