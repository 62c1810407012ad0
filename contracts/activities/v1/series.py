"""Series: sessions by a rule, what the rule gives before they are published, and how they are amended together."""

from datetime import date, time
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import AgeBand, Code, Instant, PublicNote, Recurrence, RoomId, SessionId, SiteId, Slug, Title, UnitId
from ...message import Command, Event, Part
from .. import refusals as refusals
from .codes import AmendScope, MakeUpDays, SessionMode, TermDays
from .sessions import PLANNING_REFUSALS, PREPARING, Hosting, SessionState
from .terms import EnrolmentTerms

__all__ = [
    "AmendSeries",
    "AmendedSeries",
    "PlannedDay",
    "PreviewSeries",
    "ScheduleSeries",
    "SeriesAmended",
    "SeriesPreview",
    "SeriesScheduled",
    "SeriesState",
    "SkippedDay",
]


class SkippedDay(Part):
    """A day that the rule gives and the series leaves out: excepted, holiday, make-up-day, no-term, term, closing."""

    day: date
    why: Code
    name: Title | None = None


class SeriesState(Part):
    series_id: UUID
    sessions: tuple[SessionState, ...]
    skipped: tuple[SkippedDay, ...] = ()


SERIES_REFUSALS = (*PLANNING_REFUSALS, "calendar-unknown", "term-unknown", "terms-conflict")


class ScheduleSeries(
    Hosting,
    Command[SeriesState],
    name="schedule-series",
    permission="activities.plan",
    http="POST /v1/series",
    refusals=("series-exists", *SERIES_REFUSALS),
):
    """Plans a series (四点半课堂): the same local time on each day of a rule, `except_on` days left out (A2).

    The rule is a weekly one (`weekdays`, ISO 1 Monday to 7) or a `recurrence`; `also_on` adds days by hand. Days off by
    the State Council's notice and closing days of the site are left out with `skip_holidays`. All sessions or none.
    Times are those of Asia/Shanghai. `terms` are those of the first session: the window of each later one opens and
    closes as long before its start.
    """

    series_id: UUID
    title: Title
    programme_id: UUID
    site_id: SiteId
    room_id: RoomId
    first_day: date
    last_day: date
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field((), max_length=7)
    begins: time
    ends: time
    except_on: tuple[date, ...] = Field((), max_length=400)
    capacity: int = Field(ge=1, le=100_000)
    audience: tuple[AgeBand, ...] = ()
    queue_open: bool = True
    recurrence: Recurrence | None = None
    also_on: tuple[date, ...] = Field((), max_length=100)
    skip_holidays: bool = False
    make_up_days: MakeUpDays = MakeUpDays.IGNORE
    term_days: TermDays = TermDays.ANY
    permit_number: Slug | None = None
    terms: EnrolmentTerms | None = None


class SeriesScheduled(Event, fact="series.scheduled"):
    """A series is planned; its sessions are said one by one, when each is published."""

    series_id: UUID
    programme_id: UUID
    unit_id: UnitId
    site_id: SiteId
    title: Title
    recurrence: Recurrence
    first_day: date
    last_day: date
    begins: time
    ends: time
    except_on: tuple[date, ...] = ()
    sessions: int


class PlannedDay(Part):
    """A day the series is held on; `problem` is the reason code that would refuse it now."""

    session_id: SessionId
    starts_at: Instant
    ends_at: Instant
    problem: Code | None = None


class SeriesPreview(Part):
    """What a series would be: every day it takes and every day it leaves out, with the reason."""

    days: tuple[PlannedDay, ...]
    skipped: tuple[SkippedDay, ...]


class PreviewSeries(
    Command[SeriesPreview],
    name="preview-series",
    permission="activities.plan",
    http="POST /v1/series/preview",
    refusals=("unknown-site", "times-reversed", "calendar-unknown", "term-unknown", "terms-conflict"),
):
    """Shows the days of a series as ScheduleSeries would take them now, and plans nothing."""

    series: ScheduleSeries


class AmendedSeries(Part):
    """`kept` are sessions of the scope that were changed by hand in one of these fields, and so left alone (A3)."""

    series_id: UUID
    fields: tuple[Code, ...]
    amended: tuple[SessionId, ...]
    kept: tuple[SessionId, ...]
    version: int


class AmendSeries(
    Command[AmendedSeries],
    name="amend-series",
    permission="activities.plan",
    http="POST /v1/series/{series_id}/amend",
    refusals=(
        "unknown-series",
        "series-cancelled",
        "unknown-session",
        "nothing-to-amend",
        "seats-promised",
        "terms-conflict",
        *PLANNING_REFUSALS,
    ),
):
    """Changes this session of a series, this and the following ones, or all that lie ahead (A2, A3).

    What is left out stays. `session_id` names the session for `this` and `following`. With `this` the change counts as
    made by hand. New times or another room move sessions: whoever has seats is asked again (A16).
    """

    series_id: UUID
    scope: AmendScope
    session_id: SessionId | None = None
    title: Title | None = None
    capacity: int | None = Field(None, ge=1, le=100_000)
    audience: tuple[AgeBand, ...] | None = None
    queue_open: bool | None = None
    begins: time | None = None
    ends: time | None = None
    room_id: RoomId | None = None
    supplier_unit_id: UnitId | None = None
    mode: SessionMode | None = None
    set_up: PREPARING | None = None
    clear_up: PREPARING | None = None
    project_id: UUID | None = None
    reason: PublicNote | None = None


class SeriesAmended(Event, fact="series.amended"):
    """Which fields of how many sessions were changed together; each session says its own change too.

    With the field `rule` the days of the series changed: `recurrence` and `last_day` are those of now, `added` and
    `cancelled` how many sessions came and went.
    """

    series_id: UUID
    scope: AmendScope
    from_day: date
    fields: tuple[Code, ...]
    sessions: int
    kept: int
    recurrence: Recurrence | None = None
    last_day: date | None = None
    added: int = 0
    cancelled: int = 0
