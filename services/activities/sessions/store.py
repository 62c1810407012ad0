"""All SQL about sessions and series."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import ListSessions, ScheduleSeries, SessionState, SessionStatus
from contracts.data import AgeBand
from contracts.region import bounds
from services.activities.sessions.rules import Plan, Session, Site
from services.chassis import Transaction

PUBLISHED: Final = SessionStatus.PUBLISHED

# Sorted, so that two batches can never wait for each other crosswise.
LOCK_SESSIONS = "SELECT * FROM session WHERE session_id = ANY ($1::uuid[]) ORDER BY session_id FOR UPDATE"
FIND_SESSION = "SELECT * FROM session WHERE session_id = $1"
FIND_OVERLAP = """
SELECT session_id FROM session, unnest($2::timestamptz[], $3::timestamptz[]) AS plan (starts_at, ends_at)
WHERE room_id = $1 AND status <> 'cancelled'
  AND tstzrange(session.starts_at, session.ends_at) && tstzrange(plan.starts_at, plan.ends_at)
ORDER BY session.starts_at LIMIT 1
"""
ADD_SESSIONS = """
INSERT INTO session (session_id, title, starts_at, ends_at, series_id, programme_id, site_id, room_id, unit_id,
                     region, capacity, audience, queue_open, permit_number, status, version)
SELECT plan.session_id, $5, plan.starts_at, plan.ends_at, $4, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'published', 1
FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS plan (session_id, starts_at, ends_at)
RETURNING *
"""
SET_SEATS = """
UPDATE session SET seats_taken = now.taken, waiting = now.waiting
FROM unnest($1::uuid[], $2::int[], $3::int[]) AS now (session_id, taken, waiting)
WHERE session.session_id = now.session_id
"""
CANCEL_SESSION = """
UPDATE session SET status = 'cancelled', seats_taken = 0, waiting = 0, version = version + 1
WHERE session_id = $1 RETURNING *
"""
LIST_SESSIONS = """
SELECT * FROM session
WHERE region >= $1 AND region < $2 AND starts_at >= $3 AND starts_at < $4
  AND ($5::uuid IS NULL OR site_id = $5)
  AND ($6::uuid IS NULL OR (starts_at, session_id) > (SELECT starts_at, session_id FROM session WHERE session_id = $6))
ORDER BY starts_at, session_id LIMIT $7
"""
FIND_SERIES = """
SELECT EXISTS (SELECT FROM series WHERE series_id = $1)
    OR EXISTS (SELECT FROM session WHERE session_id = ANY ($2::uuid[]))
"""
ADD_SERIES = """
INSERT INTO series (series_id, programme_id, first_day, last_day, weekdays, begins, ends, except_on, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def lock_sessions(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Session]:
    """The sessions of these ids that exist, locked until the end of the transaction."""
    return {row["session_id"]: session_of(row) for row in await tx.fetch(LOCK_SESSIONS, list(ids))}


async def lock_session(tx: Transaction, session_id: UUID) -> Session | None:
    return (await lock_sessions(tx, [session_id])).get(session_id)


async def find_session(tx: Transaction, session_id: UUID) -> Session | None:
    row = await tx.find(FIND_SESSION, session_id)
    return session_of(row) if row else None


async def find_overlap(tx: Transaction, plans: Sequence[Plan]) -> UUID | None:
    """A session that has the plans' room during any of them."""
    starts, ends = [plan.starts_at for plan in plans], [plan.ends_at for plan in plans]
    overlap: UUID | None = await tx.value(FIND_OVERLAP, plans[0].room_id, starts, ends)
    return overlap


async def add_sessions(tx: Transaction, plans: Sequence[Plan], site: Site) -> list[Session]:
    """Adds sessions that differ in id and times alone, in the order of the plans."""
    first = plans[0]
    rows = await tx.fetch(
        ADD_SESSIONS,
        [plan.session_id for plan in plans],
        [plan.starts_at for plan in plans],
        [plan.ends_at for plan in plans],
        first.series_id,
        first.title,
        first.programme_id,
        site.site_id,
        first.room_id,
        site.unit_id,
        site.region,
        first.capacity,
        list(first.audience),
        first.queue_open,
        first.permit_number,
    )
    return sorted((session_of(row) for row in rows), key=lambda session: session.starts_at)


async def set_seats(tx: Transaction, seats: Sequence[tuple[UUID, int, int]]) -> None:
    """Session, seats taken, families waiting."""
    if seats:
        await tx.execute(SET_SEATS, *map(list, zip(*seats, strict=True)))


async def cancel_session(tx: Transaction, session_id: UUID) -> Session:
    [row] = await tx.fetch(CANCEL_SESSION, session_id)
    return session_of(row)


async def list_sessions(tx: Transaction, query: ListSessions) -> list[Session]:
    rows = await tx.fetch(
        LIST_SESSIONS, *bounds(query.region), query.since, query.until, query.site_id, query.after, query.limit
    )
    return [session_of(row) for row in rows]


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
    )


def session_of(row: Record) -> Session:
    return Session(
        session_id=row["session_id"],
        title=row["title"],
        site_id=row["site_id"],
        room_id=row["room_id"],
        unit_id=row["unit_id"],
        region=row["region"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        capacity=row["capacity"],
        audience=frozenset(AgeBand(band) for band in row["audience"]),
        queue_open=row["queue_open"],
        seats_taken=row["seats_taken"],
        waiting=row["waiting"],
        status=SessionStatus(row["status"]),
        version=row["version"],
        blocked=row["blocked"],
    )


def state_of(session: Session) -> SessionState:
    """What the public may see of a session."""
    return SessionState(
        session_id=session.session_id,
        title=session.title,
        site_id=session.site_id,
        room_id=session.room_id,
        region=session.region,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        capacity=session.capacity,
        seats_taken=session.seats_taken,
        waiting=session.waiting,
        status=SessionStatus.BLOCKED if session.blocked and session.status is PUBLISHED else session.status,
        version=session.version,
    )
