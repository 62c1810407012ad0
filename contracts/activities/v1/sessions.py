"""Sessions: what is asked and the facts stated."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import (
    AgeBand,
    Code,
    Instant,
    PublicNote,
    RoomId,
    Seats,
    SessionId,
    SiteId,
    Slug,
    Title,
    UnitId,
    WebUrl,
)
from ...message import Command, Event, Message, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import SessionMode, SessionStatus
from .terms import EnrolmentTerms

__all__ = [
    "CancelSession",
    "CloseSession",
    "GetSession",
    "ListSessions",
    "ScheduleSession",
    "SessionCancelled",
    "SessionClosed",
    "SessionList",
    "SessionScheduled",
    "SessionState",
]


class SessionState(Part):
    session_id: SessionId
    title: Title
    site_id: SiteId
    room_id: RoomId
    region: RegionCode
    starts_at: Instant
    ends_at: Instant
    capacity: Seats
    seats_taken: Seats
    waiting: int
    status: SessionStatus
    version: int
    programme_id: UUID | None = None
    series_id: UUID | None = None
    supplier_unit_id: UnitId | None = None
    mode: SessionMode = SessionMode.IN_PERSON
    project_id: UUID | None = None


PREPARING = Annotated[int, Field(ge=0, le=480)]
"""Minutes of one working day, before or after a session."""


class Hosting(Message):
    """What may be said of a session beside title, place and time, alone or in a series.

    `supplier_unit_id` is the unit that sends the course (供课单位); host is the unit of the site. The room is held for
    `set_up` minutes before and `clear_up` minutes after. `join_link` is told to whoever enrols people, never in an
    event. An online session is sent out of its room, which then bounds neither seats nor hours. `project_id` is the
    project of registry that pays for it (R8); without one it counts for the project of its programme.
    """

    supplier_unit_id: UnitId | None = None
    mode: SessionMode = SessionMode.IN_PERSON
    join_link: WebUrl | None = None
    set_up: PREPARING = 0
    clear_up: PREPARING = 0
    expected_heads: int | None = Field(None, ge=1, le=1_000_000)
    project_id: UUID | None = None
    draft: bool = False


PLANNING_REFUSALS = (
    "unknown-site",
    "site-closed",
    "site-closed-then",
    "unknown-room",
    "unknown-programme",
    "outside-opening-hours",
    "room-taken",
    "room-too-small",
    "times-reversed",
    "starts-in-past",
    "permit-needed",
    "join-link-needed",
)


class ScheduleSession(
    Hosting,
    Command[SessionState],
    name="schedule-session",
    permission="activities.plan",
    http="POST /v1/sessions",
    refusals=("session-exists", *PLANNING_REFUSALS, "terms-conflict"),
):
    """Plans one session (场次) in a room of a site, inside its opening hours (A1, A5), and publishes it unless `draft`.

    1,000 and more seats or expected heads need the number of the police permit (大型群众性活动安全管理条例).
    """

    session_id: SessionId
    title: Title
    programme_id: UUID
    site_id: SiteId
    room_id: RoomId
    starts_at: Instant
    ends_at: Instant
    capacity: int = Field(ge=1, le=100_000)
    audience: tuple[AgeBand, ...] = ()
    queue_open: bool = True
    permit_number: Slug | None = None
    terms: EnrolmentTerms | None = None


class SessionScheduled(Event, fact="session.scheduled"):
    """A session is open for enrolment; its whole public state."""

    session_id: SessionId
    series_id: UUID | None = None
    programme_id: UUID
    unit_id: UnitId
    site_id: SiteId
    room_id: RoomId
    title: Title
    place: Title
    starts_at: Instant
    ends_at: Instant
    capacity: Seats
    audience: tuple[AgeBand, ...] = ()
    supplier_unit_id: UnitId | None = None
    mode: SessionMode = SessionMode.IN_PERSON
    project_id: UUID | None = None


class CancelSession(
    Command[SessionState],
    name="cancel-session",
    permission="activities.plan",
    http="POST /v1/sessions/{session_id}/cancel",
    refusals=("unknown-session", "session-cancelled", "session-over"),
):
    """The host calls a session off; everybody enrolled is told, what was pending dies (A15, N7).

    Of a drafted session, which nobody knows, nothing is said.
    """

    session_id: SessionId
    reason: PublicNote


class SessionCancelled(Event, fact="session.cancelled"):
    session_id: SessionId
    unit_id: UnitId
    title: Title
    starts_at: Instant
    reason: PublicNote


class CloseSession(
    Command[SessionState],
    name="close-session",
    permission="activities.count",
    http="POST /v1/sessions/{session_id}/close",
    refusals=("unknown-session", "session-cancelled", "session-not-started", "children-inside"),
):
    """Ends attendance and certifies the count of a session by rule `attendance-count-1` (A24): held when anybody came.

    Closing a closed session again certifies the same count. A session of care is not closed over a child that is still
    inside: nobody could be handed it any more (A27).
    """

    session_id: SessionId


class SessionClosed(Event, fact="session.closed"):
    """The certified count of a session: 人次 is attendances, 人数 distinct persons, by the named rule."""

    session_id: SessionId
    unit_id: UnitId
    person_times: int
    persons: int
    held: bool
    rule: Code


class GetSession(
    Query[SessionState],
    name="get-session",
    permission="public",
    http="GET /v1/sessions/{session_id}",
    refusals=("unknown-session",),
):
    """One session as the public may see it."""

    session_id: SessionId


class SessionList(Part):
    sessions: tuple[SessionState, ...]


class ListSessions(Query[SessionList], name="list-sessions", permission="public", http="GET /v1/sessions"):
    """Sessions of a region's subtree that start in [since, until), by start; at most `limit`, after `after`."""

    region: RegionCode
    since: Instant
    until: Instant
    site_id: SiteId | None = None
    after: SessionId | None = None
    limit: int = Field(100, ge=1, le=500)
