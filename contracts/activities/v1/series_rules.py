"""Series whose rule changes, which are called off, or looked at: this session, the following ones, or all (A2, A3)."""

from datetime import date, time
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import Code, Instant, PublicNote, Recurrence, Seats, SessionId, Title
from ...message import Command, Event, Part, Query
from .. import refusals as refusals
from .codes import AmendScope, MakeUpDays, TermDays
from .series import SERIES_REFUSALS, PlannedDay, SkippedDay
from .sessions import SessionState

__all__ = [
    "CancelSeries",
    "CancelledSeries",
    "ChangeSeriesRule",
    "DroppedDay",
    "GetSeries",
    "MovedDay",
    "PreviewSeriesRule",
    "SeriesCancelled",
    "SeriesChange",
    "SeriesRule",
]

CHANGE_REFUSALS = (
    "unknown-series",
    "series-cancelled",
    "unknown-session",
    "nothing-to-amend",
    *SERIES_REFUSALS,
)


class MovedDay(Part):
    """A session that goes to another day, or another hour of its own; `problem` is the code that would refuse it."""

    session_id: SessionId
    from_day: date
    starts_at: Instant
    ends_at: Instant
    problem: Code | None = None


class DroppedDay(Part):
    """A session that is called off because the new rule has no day for it."""

    session_id: SessionId
    day: date
    seats_taken: Seats
    waiting: int


class SeriesChange(Part):
    """What a new rule makes of a series. `kept` are sessions changed by hand, which stay as and where they are."""

    series_id: UUID
    moved: tuple[MovedDay, ...]
    added: tuple[PlannedDay, ...]
    cancelled: tuple[DroppedDay, ...]
    kept: tuple[SessionId, ...]
    skipped: tuple[SkippedDay, ...]
    version: int


class ChangeSeriesRule(
    Command[SeriesChange],
    name="change-series-rule",
    permission="activities.plan",
    http="POST /v1/series/{series_id}/rule",
    refusals=CHANGE_REFUSALS,
):
    """Gives a series other days: from the session `session_id` on (`following`), or all that lie ahead (A2, A3).

    What is left out stays. A session whose day the new rule has no more goes, with its families, to the nearest new day
    within six days; whoever has seats is asked again (A16). A day that no session goes to gets a new one, made like the
    first that nobody changed by hand; a session that finds no day is called off, with everything that means (A15).
    Never moved: a session whose time was changed by hand. Never called off: one changed by hand in anything. A day on
    which a session was called off by hand stays empty, unless `also_on` names it. With `this` one session alone is held
    `on` another day, and counts as moved by hand. All of it or nothing.
    """

    series_id: UUID
    scope: AmendScope
    session_id: SessionId | None = None
    on: date | None = None
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field((), max_length=7)
    recurrence: Recurrence | None = None
    last_day: date | None = None
    begins: time | None = None
    ends: time | None = None
    except_on: tuple[date, ...] | None = Field(None, max_length=400)
    also_on: tuple[date, ...] | None = Field(None, max_length=100)
    skip_holidays: bool | None = None
    make_up_days: MakeUpDays | None = None
    term_days: TermDays | None = None
    reason: PublicNote


class PreviewSeriesRule(
    Command[SeriesChange],
    name="preview-series-rule",
    permission="activities.plan",
    http="POST /v1/series/rule/preview",
    refusals=CHANGE_REFUSALS,
):
    """Shows what ChangeSeriesRule would do now, with the families it would touch, and changes nothing."""

    change: ChangeSeriesRule


class CancelledSeries(Part):
    series_id: UUID
    cancelled: tuple[SessionId, ...]
    version: int


class CancelSeries(
    Command[CancelledSeries],
    name="cancel-series",
    permission="activities.plan",
    http="POST /v1/series/{series_id}/cancel",
    refusals=("unknown-series", "series-cancelled", "unknown-session", "nothing-to-amend"),
):
    """Calls off this session of a series, this and the following ones, or all that lie ahead, changed by hand or not.

    Each session says so, its families are told, what was pending dies (A15, N7). A series that is called off as a whole
    is changed no more.
    """

    series_id: UUID
    scope: AmendScope
    session_id: SessionId | None = None
    reason: PublicNote


class SeriesCancelled(Event, fact="series.cancelled"):
    """How many sessions were called off together; each says so itself too."""

    series_id: UUID
    scope: AmendScope
    from_day: date
    sessions: int
    reason: PublicNote


class SeriesRule(Part):
    """The rule of a series as it holds now; `called_off` are days whose session was called off by hand."""

    series_id: UUID
    title: Title | None
    programme_id: UUID
    recurrence: Recurrence
    first_day: date
    last_day: date
    begins: time
    ends: time
    except_on: tuple[date, ...]
    also_on: tuple[date, ...]
    called_off: tuple[date, ...]
    skip_holidays: bool
    make_up_days: MakeUpDays
    term_days: TermDays
    cancelled: bool
    version: int
    sessions: tuple[SessionState, ...]


class GetSeries(
    Query[SeriesRule],
    name="get-series",
    permission="public",
    http="GET /v1/series/{series_id}",
    refusals=("unknown-series",),
):
    """A series with its rule and its public sessions, by start."""

    series_id: UUID
