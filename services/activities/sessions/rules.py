"""What a session is, and when one may be planned, changed or called off. No I/O, no clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.activities.v1 import EnrolmentTerms, SessionMode, SessionStatus
from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import OpeningHours
from services.activities.enrolment.quotas import are_parted

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
PERMIT_FROM: Final = 1000
"""Expected people from which the police must permit a session (大型群众性活动安全管理条例, article 2)."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Days on which a site is closed, first and last included."""

    first_day: date
    last_day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Site:
    """A site as registry stated it: seats by room, weekly opening hours; and the days we know it to be closed."""

    site_id: UUID
    name: str
    unit_id: UUID
    region: str
    rooms: Mapping[UUID, int]
    hours: tuple[OpeningHours, ...]
    closed: bool
    closings: tuple[Closing, ...] = ()

    def is_open(self, weekday: int, begins: time, ends: time) -> bool:
        """True when the site is open all the time between two local times; adjoining openings count as one."""
        reached = begins
        for hours in sorted(self.hours, key=lambda each: each.opens):
            if hours.weekday == weekday and hours.opens <= reached < hours.closes:
                reached = hours.closes
        return reached >= ends

    def closing_on(self, day: date) -> Closing | None:
        return next((each for each in self.closings if each.first_day <= day <= each.last_day), None)


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
    series_day: date | None = None
    supplier_unit_id: UUID | None = None
    mode: SessionMode = SessionMode.IN_PERSON
    join_link: str | None = None
    set_up: int = 0
    clear_up: int = 0
    expected_heads: int | None = None
    project_id: UUID | None = None
    draft: bool = False

    @property
    def holds(self) -> tuple[datetime, datetime]:
        """From when until when the room is held."""
        return self.starts_at - timedelta(minutes=self.set_up), self.ends_at + timedelta(minutes=self.clear_up)


@dataclass(frozen=True, slots=True)
class Session:
    """A session with its seats; `seats_taken` counts confirmed and offered seats, `waiting` families in the queue.

    `amended` are the fields that were changed by hand since it was planned, `series_day` the day it stands for in its
    series.
    """

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
    programme_id: UUID | None = None
    series_id: UUID | None = None
    permit_number: str | None = None
    supplier_unit_id: UUID | None = None
    mode: SessionMode = SessionMode.IN_PERSON
    join_link: str | None = None
    set_up: int = 0
    clear_up: int = 0
    expected_heads: int | None = None
    project_id: UUID | None = None
    series_day: date | None = None
    amended: frozenset[str] = frozenset()
    terms: EnrolmentTerms | None = None
    drawn_at: datetime | None = None
    blocked: str | None = None
    """Why its gate is shut (A30)."""

    @property
    def free(self) -> int:
        return self.capacity - self.seats_taken

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(SHANGHAI).date()

    @property
    def day_in_series(self) -> date:
        """The day that it stands for in its series, wherever it was moved to by hand."""
        return self.series_day or self.day

    @property
    def holds(self) -> tuple[datetime, datetime]:
        """From when until when the room is held."""
        return self.starts_at - timedelta(minutes=self.set_up), self.ends_at + timedelta(minutes=self.clear_up)


def may_hold(plan: Plan | Session, site: Site, now: datetime) -> Refusal | None:
    """A session fits its room and the site's opening hours and days, lies ahead and within one local day (A1, A5).

    Refusals: times-reversed, starts-in-past, site-closed-then, outside-opening-hours, and those of `may_fill`.
    """
    starts, ends = plan.starts_at.astimezone(SHANGHAI), plan.ends_at.astimezone(SHANGHAI)
    if ends <= starts or ends.date() != starts.date():
        return Refusal("times-reversed")
    if starts <= now:
        return Refusal("starts-in-past")
    refusal = may_fill(plan, site)
    if refusal:
        return refusal
    closing = site.closing_on(starts.date())
    if closing:
        return Refusal("site-closed-then", day=starts.date().isoformat(), reason=closing.reason)
    if plan.mode is SessionMode.ONLINE or site.is_open(starts.isoweekday(), starts.time(), ends.time()):
        return None
    return Refusal("outside-opening-hours", starts_at=starts.isoformat())


def is_large(plan: Plan | Session) -> bool:
    """True when the police must permit it (大型群众性活动安全管理条例, article 2)."""
    return max(plan.capacity, plan.expected_heads or 0) >= PERMIT_FROM


def may_fill(plan: Plan | Session, site: Site) -> Refusal | None:
    """People find room, are permitted and, online, find the way in; an online session fills no room (A32).

    Refusals: unknown-room, room-too-small, permit-needed, join-link-needed.
    """
    if plan.room_id not in site.rooms:
        return Refusal("unknown-room", room_id=str(plan.room_id))
    if plan.mode is not SessionMode.ONLINE and plan.capacity > site.rooms[plan.room_id]:
        return Refusal("room-too-small", capacity=site.rooms[plan.room_id])
    if is_large(plan) and plan.permit_number is None:
        return Refusal("permit-needed")
    return _find_way_in(plan)


def _find_way_in(plan: Plan | Session) -> Refusal | None:
    drafted = plan.draft if isinstance(plan, Plan) else plan.status is SessionStatus.DRAFTED
    if plan.mode is SessionMode.IN_PERSON or plan.join_link is not None or drafted:
        return None
    return Refusal("join-link-needed")


def find_clashes(plans: Sequence[Plan | Session]) -> dict[UUID, UUID]:
    """Which plans want a room at a time that an earlier one of them takes, and which one that is."""
    clashes: dict[UUID, UUID] = {}
    last: Plan | Session | None = None
    for plan in sorted(plans, key=lambda plan: (plan.room_id, plan.holds)):
        if last is not None and last.room_id == plan.room_id and plan.holds[0] < last.holds[1]:
            clashes[plan.session_id] = last.session_id
        else:
            last = plan
    return clashes


def may_cancel(session: Session, now: datetime) -> Refusal | None:
    """A session can be called off until it ends. Refusals: session-cancelled, session-over."""
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    if session.status is SessionStatus.CLOSED or session.ends_at <= now:
        return Refusal("session-over")
    return None


def may_change(session: Session, now: datetime) -> Refusal | None:
    """A session can be changed until it starts. Refusals: session-cancelled, session-over."""
    return may_cancel(session, now) or (Refusal("session-over") if session.starts_at <= now else None)


def may_publish(session: Session, site: Site, now: datetime) -> Refusal | None:
    """What is drafted may be published while it lies ahead and its site is open that day.

    Refusals: session-cancelled, starts-in-past, site-closed, site-closed-then, join-link-needed.
    """
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    if session.starts_at <= now:
        return Refusal("starts-in-past")
    if site.closed:
        return Refusal("site-closed", site_id=str(site.site_id))
    closing = site.closing_on(session.day)
    if closing:
        return Refusal("site-closed-then", day=session.day.isoformat(), reason=closing.reason)
    if session.mode is not SessionMode.IN_PERSON and session.join_link is None:
        return Refusal("join-link-needed")
    return None


def may_seat(before: Session, after: Session) -> Refusal | None:
    """How many seats a session has is changed here only where no promise is touched: nobody waits, nobody loses one.

    Refusal: seats-promised.
    """
    free = before.waiting == 0 and after.capacity >= before.seats_taken and not are_parted(before.terms)
    if before.capacity == after.capacity or free:
        return None
    return Refusal(
        "seats-promised",
        session_id=str(before.session_id),
        seats_taken=before.seats_taken,
        waiting=before.waiting,
    )
