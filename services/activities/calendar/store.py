"""All SQL about calendar data: notices of holidays, school terms, closing days, and the month's calendar."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import AnnounceTerm, CloseDays, ClosingState, HolidayYear, TermState
from contracts.region import above, bounds, prefix
from services.activities.calendar.rules import Term
from services.activities.sessions.rules import Closing
from services.chassis import Transaction
from services.chassis.calendar import Calendar, Notice, known

LIST_NOTICES = "SELECT year, days_off, names, worked FROM holiday_notice"
SET_NOTICE = """
INSERT INTO holiday_notice AS known (year, holiday_year_id, days_off, names, worked, source, version)
VALUES ($1, $2, $3, $4, $5, $6, 1)
ON CONFLICT (year) DO UPDATE SET days_off = EXCLUDED.days_off, names = EXCLUDED.names, worked = EXCLUDED.worked,
    source = EXCLUDED.source, version = known.version + 1
RETURNING version
"""
LOCK_TERM = "SELECT term_id, region, name, first_day, last_day, version FROM term WHERE term_id = $1 FOR UPDATE"
FIND_TERM_OVERLAP = """
SELECT term_id FROM term
WHERE region = $1 AND term_id <> $2 AND daterange(first_day, last_day, '[]') && daterange($3, $4, '[]')
ORDER BY first_day LIMIT 1
"""
SET_TERM = """
INSERT INTO term (term_id, region, name, first_day, last_day, version) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (term_id) DO UPDATE SET name = EXCLUDED.name, first_day = EXCLUDED.first_day,
    last_day = EXCLUDED.last_day, version = EXCLUDED.version
"""
LIST_TERMS = """
SELECT term_id, region, name, first_day, last_day, version FROM term WHERE region = ANY ($1::text[]) ORDER BY first_day
"""
FIND_CLOSINGS = """
SELECT site_id, first_day, last_day, reason FROM closing
WHERE site_id = ANY ($1::uuid[]) AND NOT withdrawn AND last_day >= $2 AND first_day <= $3 ORDER BY first_day
"""
LOCK_CLOSING = """
SELECT closing_id, site_id, region, first_day, last_day, reason, withdrawn, version FROM closing
WHERE closing_id = $1 FOR UPDATE
"""
ADD_CLOSING = """
INSERT INTO closing (closing_id, site_id, region, first_day, last_day, reason, version)
VALUES ($1, $2, $3, $4, $5, $6, 1)
"""
WITHDRAW_CLOSING = "UPDATE closing SET withdrawn = true, version = version + 1 WHERE closing_id = $1"
LIST_CLOSINGS = """
SELECT closing_id, site_id, region, first_day, last_day, reason, withdrawn FROM closing
WHERE site_id = $1 AND last_day >= $2 ORDER BY first_day, closing_id LIMIT 200
"""
FIND_HELD_ON = """
SELECT session_id FROM session
WHERE site_id = $1 AND starts_at >= $2 AND starts_at < $3 AND status IN ('drafted', 'published') ORDER BY starts_at
"""
LIST_MONTH = """
SELECT session_id, title, site_id, room_id, starts_at, ends_at, status, mode, capacity, capacity - seats_taken AS free
FROM session
WHERE region >= $1 AND region < $2 AND starts_at >= $3 AND starts_at < $4 AND status <> 'drafted'
  AND ($5::uuid IS NULL OR (starts_at, session_id) > (SELECT starts_at, session_id FROM session WHERE session_id = $5))
ORDER BY starts_at, session_id LIMIT $6
"""


async def read_calendar(tx: Transaction) -> Calendar:
    """The known years, and before them what was announced."""
    rows = await tx.fetch(LIST_NOTICES)
    return known().with_notices(
        Notice(row["year"], dict(zip(row["days_off"], row["names"], strict=True)), frozenset(row["worked"]))
        for row in rows
    )


async def set_notice(tx: Transaction, id: UUID, told: HolidayYear) -> int:
    """Keeps the notice of a year; returns how often one was announced."""
    days, names = [off.day for off in told.days_off], [off.name for off in told.days_off]
    return int(await tx.value(SET_NOTICE, told.year, id, days, names, list(told.worked), told.source))


async def lock_term(tx: Transaction, term_id: UUID) -> TermState | None:
    row = await tx.find(LOCK_TERM, term_id)
    return TermState(**dict(row)) if row else None


async def find_term_overlap(tx: Transaction, term: AnnounceTerm) -> UUID | None:
    """Another term of the region that shares a day."""
    found: UUID | None = await tx.value(FIND_TERM_OVERLAP, term.region, term.term_id, term.first_day, term.last_day)
    return found


async def set_term(tx: Transaction, term: TermState) -> None:
    await tx.execute(SET_TERM, term.term_id, term.region, term.name, term.first_day, term.last_day, term.version)


async def list_terms(tx: Transaction, region: str) -> list[TermState]:
    """The terms that hold for a region: those of the nearest region above it, itself included, that announced any."""
    terms = [TermState(**dict(row)) for row in await tx.fetch(LIST_TERMS, above(region))]
    nearest = max((len(prefix(term.region)) for term in terms), default=0)
    return [term for term in terms if len(prefix(term.region)) == nearest]


async def list_school_terms(tx: Transaction, region: str) -> list[Term]:
    return [Term(term.name, term.first_day, term.last_day) for term in await list_terms(tx, region)]


async def find_closings(
    tx: Transaction, sites: Collection[UUID], first: date, last: date
) -> dict[UUID, tuple[Closing, ...]]:
    """The closings of sites that touch these days."""
    found: dict[UUID, tuple[Closing, ...]] = {}
    for row in await tx.fetch(FIND_CLOSINGS, list(sites), first, last):
        closing = Closing(row["first_day"], row["last_day"], row["reason"])
        found[row["site_id"]] = (*found.get(row["site_id"], ()), closing)
    return found


async def lock_closing(tx: Transaction, closing_id: UUID) -> Record | None:
    return await tx.find(LOCK_CLOSING, closing_id)


async def add_closing(tx: Transaction, new: CloseDays, region: str) -> None:
    await tx.execute(ADD_CLOSING, new.closing_id, new.site_id, region, new.first_day, new.last_day, new.reason)


async def withdraw_closing(tx: Transaction, closing_id: UUID) -> None:
    await tx.execute(WITHDRAW_CLOSING, closing_id)


async def list_closings(tx: Transaction, site_id: UUID, since: date) -> list[ClosingState]:
    return [ClosingState(**dict(row)) for row in await tx.fetch(LIST_CLOSINGS, site_id, since)]


async def find_held_on(tx: Transaction, site_id: UUID, since: datetime, until: datetime) -> tuple[UUID, ...]:
    """Sessions of a site that are planned in this time."""
    return tuple(row["session_id"] for row in await tx.fetch(FIND_HELD_ON, site_id, since, until))


async def list_month(
    tx: Transaction, region: str, since: datetime, until: datetime, after: UUID | None, most: int
) -> Sequence[Record]:
    """Sessions of a subtree by start, as the fields of a calendar entry."""
    return await tx.fetch(LIST_MONTH, *bounds(region), since, until, after, most)
