"""Programmes and sessions: what is asked and the facts stated."""

from datetime import date, time
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
)
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import SessionStatus


class ProgrammeState(Part):
    programme_id: UUID
    name: Title
    parent_id: UUID | None
    unit_id: UnitId


class CreateProgramme(
    Command[ProgrammeState],
    name="create-programme",
    permission="activities.plan",
    http="POST /v1/programmes",
    refusals=("programme-exists", "unknown-programme"),
):
    """A named line of activities (蓝色成长课堂), maybe under a frame (五彩课堂) that need not be complete (A1, A4)."""

    programme_id: UUID
    name: Title
    unit_id: UnitId
    region: RegionCode
    parent_id: UUID | None = None
    theme: Title | None = None


class ProgrammeCreated(Event, fact="programme.created"):
    programme_id: UUID
    name: Title
    unit_id: UnitId
    parent_id: UUID | None = None
    theme: Title | None = None


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


class ScheduleSession(
    Command[SessionState],
    name="schedule-session",
    permission="activities.plan",
    http="POST /v1/sessions",
    refusals=(
        "session-exists",
        "unknown-site",
        "site-closed",
        "unknown-room",
        "unknown-programme",
        "outside-opening-hours",
        "room-taken",
        "room-too-small",
        "times-reversed",
        "starts-in-past",
        "permit-needed",
    ),
):
    """Plans and publishes one session (场次) in a room of a site, inside its opening hours (A1, A5).

    1,000 and more seats need the number of the police permit (大型群众性活动安全管理条例).
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


class SeriesState(Part):
    series_id: UUID
    sessions: tuple[SessionState, ...]


class ScheduleSeries(
    Command[SeriesState],
    name="schedule-series",
    permission="activities.plan",
    http="POST /v1/series",
    refusals=(
        "series-exists",
        "unknown-site",
        "site-closed",
        "unknown-room",
        "unknown-programme",
        "outside-opening-hours",
        "room-taken",
        "room-too-small",
        "times-reversed",
        "starts-in-past",
        "permit-needed",
    ),
):
    """Plans a weekly series (四点半课堂): the same local time on each given weekday, `except_on` days left out (A2).

    All sessions or none; weekdays are ISO 1 (Monday) to 7, times are those of Asia/Shanghai.
    """

    series_id: UUID
    title: Title
    programme_id: UUID
    site_id: SiteId
    room_id: RoomId
    first_day: date
    last_day: date
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(min_length=1, max_length=7)
    begins: time
    ends: time
    except_on: tuple[date, ...] = ()
    capacity: int = Field(ge=1, le=100_000)
    audience: tuple[AgeBand, ...] = ()
    queue_open: bool = True


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


class CancelSession(
    Command[SessionState],
    name="cancel-session",
    permission="activities.plan",
    http="POST /v1/sessions/{session_id}/cancel",
    refusals=("unknown-session", "session-cancelled", "session-over"),
):
    """The host calls a session off; everybody enrolled is told, what was pending dies (A15, N7)."""

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
    refusals=("unknown-session", "session-cancelled", "session-not-started"),
):
    """Ends attendance and certifies the count of a session by rule `attendance-count-1` (A24): held when anybody came.

    Closing a closed session again certifies the same count.
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
