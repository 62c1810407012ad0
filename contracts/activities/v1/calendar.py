"""Calendar data: days off and make-up days, school terms, closing days of sites; and what is on in a month."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from ...data import PUBLIC, Instant, PublicNote, RoomId, Seats, SessionId, SiteId, Title
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import SessionMode, SessionStatus

__all__ = [
    "AnnounceHolidays",
    "AnnounceTerm",
    "CalendarEntry",
    "CloseDays",
    "ClosingList",
    "ClosingState",
    "ClosingWithdrawn",
    "DayOff",
    "DaysClosed",
    "GetYear",
    "HolidayYear",
    "HolidaysAnnounced",
    "ListCalendar",
    "ListClosings",
    "MonthCalendar",
    "TermAnnounced",
    "TermState",
    "WithdrawClosing",
    "YearCalendar",
]

Month = Annotated[str, StringConstraints(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$"), PUBLIC]
"""A month: `2026-07`."""

YEAR = Annotated[int, Field(ge=2000, le=2100)]


class DayOff(Part):
    """A day off by its holiday: 春节."""

    day: date
    name: Title


class HolidayYear(Part):
    """A year by the State Council's notice: every day off that a holiday makes, and weekend days that are worked."""

    year: YEAR
    days_off: tuple[DayOff, ...]
    worked: tuple[date, ...]
    source: Title


class AnnounceHolidays(
    Command[HolidayYear],
    name="announce-holidays",
    permission="activities.calendar.announce",
    http="POST /v1/calendar/holidays",
):
    """Takes in the State Council's notice of a year (全国年节及纪念日放假办法); a later word for a year goes before.
    It holds for the whole country, and so does the region of whoever announces it.

    The years 2004 to 2026 are known from the start. All days must lie in the year, and none be both off and worked.
    """

    year: YEAR
    days_off: tuple[DayOff, ...] = Field(min_length=1, max_length=60)
    worked: tuple[date, ...] = Field((), max_length=30)
    source: Title


class HolidaysAnnounced(Event, fact="holiday-year.announced"):
    holiday_year_id: UUID
    year: YEAR
    days_off: tuple[date, ...]
    worked: tuple[date, ...]
    source: Title


class TermState(Part):
    term_id: UUID
    region: RegionCode
    name: Title
    first_day: date
    last_day: date
    version: int


class AnnounceTerm(
    Command[TermState],
    name="announce-term",
    permission="activities.plan",
    http="POST /v1/calendar/terms",
    refusals=("term-exists", "term-overlaps", "times-reversed"),
):
    """Announces a school term (学期) of a district or city; what lies between two terms are school holidays (A2).

    The same id announces other days of the same term.
    """

    term_id: UUID
    region: RegionCode
    name: Title
    first_day: date
    last_day: date


class TermAnnounced(Event, fact="term.announced"):
    term_id: UUID
    name: Title
    first_day: date
    last_day: date


class YearCalendar(Part):
    """`known` is False for a year without a notice: then nothing is said of its days."""

    year: YEAR
    known: bool
    days_off: tuple[DayOff, ...]
    worked: tuple[date, ...]
    terms: tuple[TermState, ...]


class GetYear(Query[YearCalendar], name="get-year", permission="public", http="GET /v1/calendar/years/{year}"):
    """Days off and make-up days of a year, and the school terms that hold for a region."""

    year: YEAR
    region: RegionCode


class ClosingState(Part):
    """`sessions` are those planned on these days already: they are not called off by this."""

    closing_id: UUID
    site_id: SiteId
    region: RegionCode
    first_day: date
    last_day: date
    reason: PublicNote
    withdrawn: bool
    sessions: tuple[SessionId, ...] = ()


class CloseDays(
    Command[ClosingState],
    name="close-days",
    permission="activities.plan",
    http="POST /v1/sites/{site_id}/closings",
    refusals=("unknown-site", "site-closed", "closing-exists", "times-reversed"),
):
    """A site is closed on some days (装修, 年假): nothing more is planned there then, series leave them out (R2)."""

    closing_id: UUID
    site_id: SiteId
    first_day: date
    last_day: date
    reason: PublicNote


class WithdrawClosing(
    Command[ClosingState],
    name="withdraw-closing",
    permission="activities.plan",
    http="POST /v1/closings/{closing_id}/withdraw",
    refusals=("unknown-closing",),
):
    """The site opens on those days after all."""

    closing_id: UUID


class DaysClosed(Event, fact="closing.announced"):
    closing_id: UUID
    site_id: SiteId
    first_day: date
    last_day: date
    reason: PublicNote


class ClosingWithdrawn(Event, fact="closing.withdrawn"):
    closing_id: UUID
    site_id: SiteId


class ClosingList(Part):
    closings: tuple[ClosingState, ...]


class ListClosings(
    Query[ClosingList], name="list-closings", permission="public", http="GET /v1/sites/{site_id}/closings"
):
    """Closing days of a site that end on or after `since`; at most 200."""

    site_id: SiteId
    since: date


class CalendarEntry(Part):
    """A session on a calendar, in as few words as will do."""

    session_id: SessionId
    title: Title
    site_id: SiteId
    room_id: RoomId
    starts_at: Instant
    ends_at: Instant
    status: SessionStatus
    mode: SessionMode
    capacity: Seats
    free: Seats


class MonthCalendar(Part):
    """`more` is True where `limit` cut the month: ask again after the last entry."""

    month: Month
    entries: tuple[CalendarEntry, ...]
    more: bool


class ListCalendar(
    Query[MonthCalendar], name="list-calendar", permission="public", http="GET /v1/calendar/months/{month}"
):
    """Sessions of a region's subtree in a month of Shanghai's clocks, by start; cancelled ones are shown as such."""

    region: RegionCode
    month: Month
    after: SessionId | None = None
    limit: int = Field(1000, ge=1, le=2000)
