"""All SQL about series."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.activities.v1 import ScheduleSeries
from services.activities.series.recurrence import rule_of
from services.activities.sessions.rules import Session
from services.activities.sessions.store import session_of
from services.chassis import Transaction

FIND_SERIES = """
SELECT EXISTS (SELECT FROM series WHERE series_id = $1)
    OR EXISTS (SELECT FROM session WHERE session_id = ANY ($2::uuid[]))
"""
ADD_SERIES = """
INSERT INTO series (series_id, programme_id, first_day, last_day, weekdays, begins, ends, except_on, region, title,
                    recurrence, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)
"""
LOCK_SERIES = "SELECT series_id, region, version FROM series WHERE series_id = $1 FOR UPDATE"
SET_VERSION = "UPDATE series SET version = $2 WHERE series_id = $1"
# Sorted like every lock of sessions; only what lies ahead can be changed.
LOCK_AHEAD = """
SELECT * FROM session
WHERE series_id = $1 AND starts_at > $2 AND status IN ('drafted', 'published') ORDER BY session_id FOR UPDATE
"""


@dataclass(frozen=True, slots=True)
class Series:
    """A series as the lock found it."""

    series_id: UUID
    region: str
    version: int


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
    )


async def lock_series(tx: Transaction, series_id: UUID) -> Series | None:
    row = await tx.find(LOCK_SERIES, series_id)
    return Series(**dict(row)) if row else None


async def set_version(tx: Transaction, series_id: UUID, version: int) -> None:
    await tx.execute(SET_VERSION, series_id, version)


async def lock_ahead(tx: Transaction, series_id: UUID, now: datetime) -> list[Session]:
    """The sessions and drafts of a series that have not begun, by start, locked until the end of the transaction."""
    rows = await tx.fetch(LOCK_AHEAD, series_id, now)
    return sorted((session_of(row) for row in rows), key=lambda session: session.starts_at)
