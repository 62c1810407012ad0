"""Planning of sessions: drafts and their publication, changes by hand, moves, and templates others may copy."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import AgeBand, Code, Instant, PublicNote, RoomId, Seats, SessionId, SiteId, Slug, Title, UnitId, WebUrl
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import SessionMode
from .sessions import PLANNING_REFUSALS, PREPARING, Hosting, SessionState

__all__ = [
    "AmendSession",
    "DraftList",
    "GetJoinLink",
    "JoinLink",
    "ListDrafts",
    "ListTemplates",
    "MoveSession",
    "PlanFromTemplate",
    "PublishSession",
    "SaveTemplate",
    "SessionAmended",
    "SessionDesign",
    "SessionMoved",
    "TemplateList",
    "TemplateState",
]


class PublishSession(
    Command[SessionState],
    name="publish-session",
    permission="activities.plan",
    http="POST /v1/sessions/{session_id}/publish",
    refusals=(
        *("unknown-session", "session-cancelled", "starts-in-past", "site-closed", "site-closed-then"),
        *("join-link-needed", "terms-conflict"),
    ),
):
    """Opens a drafted session to the public; of one that is published already the same is answered."""

    session_id: SessionId


class AmendSession(
    Command[SessionState],
    name="amend-session",
    permission="activities.plan",
    http="POST /v1/sessions/{session_id}/amend",
    refusals=("unknown-session", "session-cancelled", "session-over", "seats-promised", *PLANNING_REFUSALS),
):
    """Changes a session by hand; what is left out stays, and time and place are moved by MoveSession.

    A later change of its whole series leaves alone what was changed here (A3). Fewer seats than are taken, or more
    while families wait, are refused: the queue decides that.
    """

    session_id: SessionId
    title: Title | None = None
    programme_id: UUID | None = None
    capacity: int | None = Field(None, ge=1, le=100_000)
    audience: tuple[AgeBand, ...] | None = None
    queue_open: bool | None = None
    permit_number: Slug | None = None
    supplier_unit_id: UnitId | None = None
    mode: SessionMode | None = None
    join_link: WebUrl | None = None
    set_up: PREPARING | None = None
    clear_up: PREPARING | None = None
    expected_heads: int | None = Field(None, ge=1, le=1_000_000)
    project_id: UUID | None = None


class SessionAmended(Event, fact="session.amended"):
    """Fields of a published session were changed, neither time nor place; its whole public state after that."""

    session_id: SessionId
    unit_id: UnitId
    programme_id: UUID
    title: Title
    capacity: Seats
    audience: tuple[AgeBand, ...] = ()
    supplier_unit_id: UnitId | None = None
    mode: SessionMode = SessionMode.IN_PERSON
    fields: tuple[Code, ...]
    project_id: UUID | None = None


class MoveSession(
    Command[SessionState],
    name="move-session",
    permission="activities.plan",
    http="POST /v1/sessions/{session_id}/move",
    refusals=(
        "unknown-session",
        "session-cancelled",
        "session-over",
        "other-region",
        "terms-conflict",
        *PLANNING_REFUSALS,
    ),
):
    """Gives a session another time, room or site of the same division; whoever has seats is asked again (A16).

    Seats that were drawn are kept: nobody draws anew, whoever does not come makes room for the next of the same draw.
    The end of a window after which seats are drawn is kept too: no session goes to a time before it. Any other window
    that would end after the new start moves along.

    A permitted session (1,000 and more) needs the number of the permit for the new time or place: none may be changed
    without approval (大型群众性活动安全管理条例).
    """

    session_id: SessionId
    starts_at: Instant
    ends_at: Instant
    site_id: SiteId | None = None
    room_id: RoomId | None = None
    permit_number: Slug | None = None
    reason: PublicNote | None = None


class SessionMoved(Event, fact="session.moved"):
    """A published session has another time or place: re-confirmation is asked. Its public state, and what it was."""

    session_id: SessionId
    unit_id: UnitId
    site_id: SiteId
    room_id: RoomId
    title: Title
    place: Title
    starts_at: Instant
    ends_at: Instant
    capacity: Seats
    started_at: Instant
    """The start before the move."""
    from_site_id: SiteId
    from_room_id: RoomId
    reason: PublicNote | None = None


class JoinLink(Part):
    session_id: SessionId
    join_link: WebUrl | None


class GetJoinLink(
    Query[JoinLink],
    name="get-join-link",
    permission="activities.enrol",
    http="GET /v1/sessions/{session_id}/join-link",
    refusals=("unknown-session",),
):
    """Where an online or mixed session is joined: for whoever enrols people, to be given to those with a seat (A32)."""

    session_id: SessionId


class DraftList(Part):
    sessions: tuple[SessionState, ...]


class ListDrafts(Query[DraftList], name="list-drafts", permission="activities.plan", http="GET /v1/drafts"):
    """Drafted sessions of a region's subtree that start in [since, until), by start; at most `limit`, after `after`."""

    region: RegionCode
    since: Instant
    until: Instant
    after: SessionId | None = None
    limit: int = Field(100, ge=1, le=500)


class SessionDesign(Part):
    """What a session is, wherever and whenever it is held."""

    title: Title
    programme_id: UUID
    minutes: Annotated[int, Field(ge=1, le=1440)]
    capacity: Seats
    audience: tuple[AgeBand, ...] = ()
    queue_open: bool = True
    supplier_unit_id: UnitId | None = None
    mode: SessionMode = SessionMode.IN_PERSON
    set_up: PREPARING = 0
    clear_up: PREPARING = 0


class TemplateState(Part):
    template_id: UUID
    name: Title
    unit_id: UnitId
    region: RegionCode
    design: SessionDesign


class SaveTemplate(
    Command[TemplateState],
    name="save-template",
    permission="activities.plan",
    http="POST /v1/templates",
    refusals=("unknown-session", "template-exists"),
):
    """Keeps the design of a session under a name, so that this unit and others may plan the same elsewhere."""

    template_id: UUID
    name: Title
    session_id: SessionId


class TemplateList(Part):
    templates: tuple[TemplateState, ...]


class ListTemplates(Query[TemplateList], name="list-templates", permission="activities.plan", http="GET /v1/templates"):
    """Templates that units of a region's subtree, or of a level above it, saved, by id; at most `limit`, after the
    template `after`. By its id any other can be planned by as well.
    """

    region: RegionCode
    after: UUID | None = None
    limit: int = Field(100, ge=1, le=500)


class PlanFromTemplate(
    Hosting,
    Command[SessionState],
    name="plan-from-template",
    permission="activities.plan",
    http="POST /v1/templates/{template_id}/sessions",
    refusals=("unknown-template", "session-exists", *PLANNING_REFUSALS),
):
    """Plans a session by a template at a site of the own unit; what is given here goes before the template."""

    template_id: UUID
    session_id: SessionId
    site_id: SiteId
    room_id: RoomId
    starts_at: Instant
    title: Title | None = None
    programme_id: UUID | None = None
    capacity: int | None = Field(None, ge=1, le=100_000)
    permit_number: Slug | None = None
