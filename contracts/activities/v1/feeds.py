"""Feeds: calendars with private tokens, the open feed of sessions, and what the public sees of one (A39)."""

from datetime import date
from uuid import UUID

from pydantic import Field

from ...data import AgeBand, Instant, Recurrence, SecretHash, SessionId, SiteId, Title, UnitId
from ...message import Command, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import CalendarKind, FeedState, SessionMode, SessionStatus

__all__ = [
    "Calendar",
    "CalendarState",
    "CreateFeed",
    "FeedEntry",
    "GetPublicSeries",
    "GetPublicSession",
    "ListSeriesChanges",
    "ListSessionChanges",
    "PublicSeries",
    "PublicSession",
    "ReadFeed",
    "RevokeFeed",
    "SeriesChanges",
    "SeriesNews",
    "SessionChange",
    "SessionChanges",
]


class PublicSession(Part):
    """What anybody may see of a session; `place` is the name of its host's site, also where it is held online."""

    session_id: SessionId
    series_id: UUID | None
    title: Title
    programme: Title
    place: Title
    site_id: SiteId
    unit_id: UnitId
    region: RegionCode
    starts_at: Instant
    ends_at: Instant
    capacity: int
    seats_free: int
    audience: tuple[AgeBand, ...]
    status: SessionStatus
    version: int
    mode: SessionMode = SessionMode.IN_PERSON
    programme_id: UUID | None = None


class GetPublicSession(
    Query[PublicSession],
    name="get-public-session",
    permission="public",
    http="GET /v1/sessions/{session_id}/public",
    refusals=("unknown-session",),
):
    """One session with the names that its public page shows."""

    session_id: SessionId


class SessionChange(Part):
    """`modified` orders changes as others may see them; nothing that is committed later comes before it."""

    id: UUID
    modified: int
    state: FeedState
    session: PublicSession | None = None


class SessionChanges(Part):
    items: tuple[SessionChange, ...]


class ListSessionChanges(
    Query[SessionChanges],
    name="list-session-changes",
    permission="public",
    http="GET /v1/session-changes",
):
    """Sessions in the order of their last change, after one of them: the source of the RPDE feed (OpenActive).

    Whoever pages on from the last item misses nothing, however transactions commit. Cancelled sessions stay; over and
    unpublished ones are `deleted`.
    """

    after_modified: int = Field(0, ge=0, le=2**63 - 1)
    after_id: UUID = UUID(int=0)
    limit: int = Field(500, ge=1, le=500)


class PublicSeries(Part):
    """A series by the next of its sessions, whose title, place and times are its own; a single session is a series too.

    `recurrence` is the rule it was planned by, `first_day` and `last_day` its span; single sessions have none.
    """

    series_id: UUID
    session: PublicSession
    recurrence: Recurrence | None = None
    first_day: date | None = None
    last_day: date | None = None


class GetPublicSeries(
    Query[PublicSeries],
    name="get-public-series",
    permission="public",
    http="GET /v1/series/{series_id}/public",
    refusals=("unknown-series",),
):
    """One series as anybody may see it, while a session of it lies open or was called off."""

    series_id: UUID


class SeriesNews(Part):
    """`modified` is that of its session that changed last."""

    id: UUID
    modified: int
    state: FeedState
    series: PublicSeries | None = None


class SeriesChanges(Part):
    items: tuple[SeriesNews, ...]


class ListSeriesChanges(
    Query[SeriesChanges],
    name="list-series-changes",
    permission="public",
    http="GET /v1/series-changes",
):
    """Series in the order of the last change of any of their sessions: the RPDE feed of SessionSeries (OpenActive).

    It pages as `list-session-changes` does. A series all of whose sessions are over is `deleted`.
    """

    after_modified: int = Field(0, ge=0, le=2**63 - 1)
    after_id: UUID = UUID(int=0)
    limit: int = Field(500, ge=1, le=500)


class CalendarState(Part):
    feed_id: UUID
    kind: CalendarKind
    topic_id: UUID
    revoked: bool


class CreateFeed(
    Command[CalendarState],
    name="create-feed",
    permission="activities.feeds.manage",
    http="POST /v1/feeds",
    refusals=("feed-exists", "unknown-site", "unknown-person"),
    mints="token_hash",
):
    """A private calendar of a person's sessions, of a site or of a unit, at an address that nobody can guess.

    It shows sessions of the region of whoever made it, and no names of people.
    """

    feed_id: UUID
    kind: CalendarKind
    topic_id: UUID
    token_hash: SecretHash


class RevokeFeed(
    Command[CalendarState],
    name="revoke-feed",
    permission="activities.feeds.manage",
    http="POST /v1/feeds/{feed_id}/revoke",
    refusals=("unknown-feed",),
):
    """The address leads nowhere any more; revoking twice changes nothing."""

    feed_id: UUID


class FeedEntry(Part):
    session_id: SessionId
    title: Title
    place: Title
    starts_at: Instant
    ends_at: Instant
    cancelled: bool
    sequence: int
    changed_at: Instant


class Calendar(Part):
    """The newest 1,000 sessions from 60 days ago on; `changed_at` is the last change of any, a person's always now."""

    name: Title
    changed_at: Instant
    entries: tuple[FeedEntry, ...]


class ReadFeed(
    Query[Calendar],
    name="read-feed",
    permission="activities.feeds.read",
    http="GET /v1/feeds/{token_hash}",
    refusals=("unknown-feed",),
):
    """What the gateway asks of a calendar's token."""

    token_hash: SecretHash
