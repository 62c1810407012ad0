"""What activities does when calendar data is announced, and when somebody asks what a year or month holds."""

from datetime import date
from typing import Final
from uuid import UUID, uuid5

from contracts.activities.v1 import (
    AnnounceHolidays,
    AnnounceTerm,
    CalendarEntry,
    DayOff,
    GetYear,
    HolidaysAnnounced,
    HolidayYear,
    ListCalendar,
    MonthCalendar,
    TermAnnounced,
    TermState,
    YearCalendar,
)
from contracts.refusals import Refusal
from contracts.region import NOWHERE
from services.activities import activities
from services.activities.cadence.handlers import AGAIN
from services.activities.calendar import rules, store
from services.chassis import Transaction
from services.chassis.access import decide
from services.chassis.calendar import UnknownYear

YEARS: Final = UUID("018bcfe5-6800-7000-8000-000000000001")
"""The name space of years: the same year has the same id everywhere."""


@activities.decides(AnnounceHolidays)
async def announce_holidays(command: AnnounceHolidays, tx: Transaction) -> HolidayYear | Refusal:
    """The notice is the State Council's, for the whole country: so is whoever announces it."""
    refusal = decide(tx.actor, command.contract.permission, NOWHERE) or rules.may_announce(command)
    if refusal:
        return refusal
    told = HolidayYear(**command.model_dump())
    id = uuid5(YEARS, str(command.year))
    version = await store.set_notice(tx, id, told)
    tx.set_timer(AGAIN, id, tx.now)  # what waited for this notice
    tx.say(
        HolidaysAnnounced(
            holiday_year_id=id,
            year=told.year,
            days_off=tuple(off.day for off in told.days_off),
            worked=told.worked,
            source=told.source,
        ),
        region=NOWHERE,
        version=version,
    )
    return told


@activities.decides(AnnounceTerm)
async def announce_term(command: AnnounceTerm, tx: Transaction) -> TermState | Refusal:
    former = await store.lock_term(tx, command.term_id)
    refusal = decide(tx.actor, command.contract.permission, command.region)
    if refusal:
        return refusal
    if command.last_day < command.first_day:
        return Refusal("times-reversed")
    if former is not None and former.region != command.region:
        return Refusal("term-exists", term_id=str(command.term_id))
    other = await store.find_term_overlap(tx, command)
    if other:
        return Refusal("term-overlaps", term_id=str(other))

    term = TermState(**command.model_dump(), version=former.version + 1 if former else 1)
    await store.set_term(tx, term)
    tx.say(TermAnnounced(**command.model_dump(exclude={"region"})), region=term.region, version=term.version)
    return term


@activities.answers(GetYear)
async def get_year(query: GetYear, tx: Transaction) -> YearCalendar:
    terms = await store.list_terms(tx, query.region)
    days_off: tuple[DayOff, ...] = ()
    worked: tuple[date, ...] = ()
    is_known = True
    try:
        notice = (await store.read_calendar(tx)).notice(query.year)
        days_off = tuple(DayOff(day=day, name=name) for day, name in sorted(notice.days_off.items()))
        worked = tuple(sorted(notice.worked))
    except UnknownYear:
        is_known = False
    return YearCalendar(
        year=query.year,
        known=is_known,
        days_off=days_off,
        worked=worked,
        terms=tuple(term for term in terms if query.year in (term.first_day.year, term.last_day.year)),
    )


@activities.answers(ListCalendar)
async def list_calendar(query: ListCalendar, tx: Transaction) -> MonthCalendar:
    since, until = rules.month_of(query.month)
    rows = await store.list_month(tx, query.region, since, until, query.after, query.limit + 1)
    entries = tuple(CalendarEntry(**dict(row)) for row in rows[: query.limit])
    return MonthCalendar(month=query.month, entries=entries, more=len(rows) > query.limit)
