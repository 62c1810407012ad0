"""All SQL about series."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import MakeUpDays, ScheduleSeries, TermDays
from services.activities.series.recurrence import rule_of, weekly
from services.activities.sessions.rules import Session
from services.activities.sessions.store import session_of
from services.chassis import Transaction

FIND_SERIES = """
SELECT EXISTS (SELECT FROM series WHERE series_id = $1)
    OR EXISTS (SELECT FROM session WHERE session_id = ANY ($2::uuid[]))
"""
ADD_SERIES = """
INSERT INTO series (series_id, programme_id, first_day, last_day, weekdays, begins, ends, except_on, region, title,
                    recurrence, also_on, skip_holidays, make_up_days, term_days, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1)
"""
FIND_ONE = """
SELECT series_id, region, version, title, programme_id, recurrence, weekdays, first_day, last_day, begins, ends,
    except_on, also_on, called_off, skip_holidays, make_up_days, term_days, cancelled_at IS NOT NULL AS cancelled
FROM series WHERE series_id = $1
"""
LOCK_SERIES = f"{FIND_ONE} FOR UPDATE"
# The series of a session never changes: it can be read, and its row locked, before the session's.
FIND_SERIES_OF = "SELECT series_id FROM session WHERE session_id = $1"
NOTE_CALLED_OFF = """
UPDATE series SET called_off = array_append(array_remove(called_off, $2::date), $2::date) WHERE series_id = $1
"""
SET_RULE = """
UPDATE series SET recurrence = $2, weekdays = $3, last_day = $4, begins = $5, ends = $6, except_on = $7, also_on = $8,
    called_off = $9, skip_holidays = $10, make_up_days = $11, term_days = $12
WHERE series_id = $1
"""
SET_CANCELLED = "UPDATE series SET cancelled_at = $2 WHERE series_id = $1"
LIST_OF_SERIES = "SELECT * FROM session WHERE series_id = $1 ORDER BY starts_at, session_id"
SET_VERSION = "UPDATE series SET version = $2 WHERE series_id = $1"
# Sorted like every lock of sessions; only what lies ahead can be changed.
LOCK_AHEAD = """
SELECT * FROM session
WHERE series_id = $1 AND starts_at > $2 AND status IN ('drafted', 'published') ORDER BY session_id FOR UPDATE
"""


@dataclass(frozen=True, slots=True)
class Series:
    """A series with its rule. `called_off` are days that somebody took out of it by hand."""

    series_id: UUID
    region: str
    version: int
    title: str | None
    programme_id: UUID
    recurrence: str
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


async def series_exists(tx: Transaction, series_id: UUID, sessions: Collection[UUID]) -> bool:
    """True when the series or any of its sessions is there already."""
    return bool(await tx.value(FIND_SERIES, series_id, list(sessions)))


async def add_series(tx: Transaction, new: ScheduleSeries, region: str) -> None:
    await tx.execute(
        ADD_SERIES,
        new.series_id,
        new.programme_id,
        new.first_day,
        new.last_day,
        sorted(set(new.weekdays)),
        new.begins,
        new.ends,
        sorted(set(new.except_on)),
        region,
        new.title,
        rule_of(new),
        sorted(set(new.also_on)),
        new.skip_holidays,
        new.make_up_days.value,
        new.term_days.value,
    )


async def lock_series(tx: Transaction, series_id: UUID) -> Series | None:
    row = await tx.find(LOCK_SERIES, series_id)
    return _series(row) if row else None


async def lock_series_of(tx: Transaction, session_id: UUID) -> Series | None:
    """The series of a session, if it has one, locked before the session is."""
    series_id = await tx.value(FIND_SERIES_OF, session_id)
    return await lock_series(tx, series_id) if series_id else None


async def find_series(tx: Transaction, series_id: UUID) -> Series | None:
    row = await tx.find(FIND_ONE, series_id)
    return _series(row) if row else None


async def set_rule(tx: Transaction, series: Series) -> None:
    """The rule as it is in the series, whose row is locked."""
    await tx.execute(
        SET_RULE,
        *(series.series_id, series.recurrence, list[int](), series.last_day, series.begins, series.ends),
        *(list(series.except_on), list(series.also_on), list(series.called_off)),
        *(series.skip_holidays, series.make_up_days.value, series.term_days.value),
    )


async def note_called_off(tx: Transaction, session: Session) -> None:
    """A day that was taken out of its series by hand; the row of the series is locked."""
    if session.series_id is not None:
        await tx.execute(NOTE_CALLED_OFF, session.series_id, session.day_in_series)


async def set_cancelled(tx: Transaction, series_id: UUID) -> None:
    await tx.execute(SET_CANCELLED, series_id, tx.now)


async def list_sessions_of(tx: Transaction, series_id: UUID) -> list[Session]:
    """Every session and draft of a series, called off ones too, by start."""
    return [session_of(row) for row in await tx.fetch(LIST_OF_SERIES, series_id)]


async def set_version(tx: Transaction, series_id: UUID, version: int) -> None:
    await tx.execute(SET_VERSION, series_id, version)


async def lock_ahead(tx: Transaction, series_id: UUID, now: datetime) -> list[Session]:
    """The sessions and drafts of a series that have not begun, by start, locked until the end of the transaction."""
    rows = await tx.fetch(LOCK_AHEAD, series_id, now)
    return sorted((session_of(row) for row in rows), key=lambda session: session.starts_at)


def _series(row: Record) -> Series:
    """One of before the release that keeps rules as text has its weekdays alone."""
    values = dict(row)
    weekdays = values.pop("weekdays")
    values["recurrence"] = values["recurrence"] or weekly(weekdays)
    for name in ("except_on", "also_on", "called_off"):
        values[name] = tuple(values[name])
    return Series(**values | {"make_up_days": MakeUpDays(row["make_up_days"]), "term_days": TermDays(row["term_days"])})
