"""What a session is, and when one may be planned or called off. No I/O, no clock."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.activities.v1 import SessionStatus
from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import OpeningHours

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
PERMIT_FROM: Final = 1000
"""Expected people from which the police must permit a session (大型群众性活动安全管理条例, article 2)."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site as registry stated it: seats by room, weekly opening hours."""

    site_id: UUID
    name: str
    unit_id: UUID
    region: str
    rooms: Mapping[UUID, int]
    hours: tuple[OpeningHours, ...]
    closed: bool

    def is_open(self, weekday: int, begins: time, ends: time) -> bool:
        """True when the site is open all the time between two local times; adjoining openings count as one."""
        reached = begins
        for hours in sorted(self.hours, key=lambda each: each.opens):
            if hours.weekday == weekday and hours.opens <= reached < hours.closes:
                reached = hours.closes
        return reached >= ends


@dataclass(frozen=True, slots=True)
class Plan:
    """One session as somebody wants it."""

    session_id: UUID
    title: str
    programme_id: UUID
    room_id: UUID
    starts_at: datetime
    ends_at: datetime
    capacity: int
    audience: tuple[AgeBand, ...]
    queue_open: bool
    permit_number: str | None = None
    series_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A session with its seats; `seats_taken` counts confirmed and offered seats, `waiting` families in the queue."""

    session_id: UUID
    title: str
    site_id: UUID
    room_id: UUID
    unit_id: UUID
    region: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    audience: Collection[AgeBand]
    queue_open: bool
    seats_taken: int
    waiting: int
    status: SessionStatus
    version: int
    blocked: str | None = None
    """Why its gate is shut (A30)."""

    @property
    def free(self) -> int:
        return self.capacity - self.seats_taken


def may_hold(plan: Plan, site: Site, now: datetime) -> Refusal | None:
    """A session fits its room and the site's opening hours, lies ahead and within one local day (A1, A5).

    Refusals: times-reversed, starts-in-past, unknown-room, room-too-small, permit-needed, outside-opening-hours.
    """
    starts, ends = plan.starts_at.astimezone(SHANGHAI), plan.ends_at.astimezone(SHANGHAI)
    if ends <= starts or ends.date() != starts.date():
        return Refusal("times-reversed")
    if starts <= now:
        return Refusal("starts-in-past")
    if plan.room_id not in site.rooms:
        return Refusal("unknown-room", room_id=str(plan.room_id))
    if plan.capacity > site.rooms[plan.room_id]:
        return Refusal("room-too-small", capacity=site.rooms[plan.room_id])
    if plan.capacity >= PERMIT_FROM and plan.permit_number is None:
        return Refusal("permit-needed")
    if not site.is_open(starts.isoweekday(), starts.time(), ends.time()):
        return Refusal("outside-opening-hours", starts_at=starts.isoformat())
    return None


def may_cancel(session: Session, now: datetime) -> Refusal | None:
    """A session can be called off until it ends. Refusals: session-cancelled, session-over."""
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    if session.status is SessionStatus.CLOSED or session.ends_at <= now:
        return Refusal("session-over")
    return None
