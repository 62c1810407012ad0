"""All SQL about sessions and who holds a room."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record
from pydantic_core import to_json

from contracts.activities.v1 import EnrolmentTerms, ListDrafts, ListSessions, SessionMode, SessionState, SessionStatus
from contracts.data import AgeBand
from contracts.region import bounds
from services.activities.sessions.rules import Plan, Session, Site
from services.chassis import Transaction

PUBLISHED: Final = SessionStatus.PUBLISHED

# Sorted, so that two batches can never wait for each other crosswise. Drafts are known to planning alone.
LOCK_SESSIONS = """
SELECT * FROM session WHERE session_id = ANY ($1::uuid[]) AND status <> 'drafted' ORDER BY session_id FOR UPDATE
"""
LOCK_PLANNED = "SELECT * FROM session WHERE session_id = ANY ($1::uuid[]) ORDER BY session_id FOR UPDATE"
FIND_SESSION = "SELECT * FROM session WHERE session_id = $1 AND status <> 'drafted'"
FIND_PLANNED = "SELECT * FROM session WHERE session_id = ANY ($1::uuid[])"
FIND_OVERLAPS = """
SELECT plan.session_id AS wanted_by, held.session_id AS held_by
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS plan (session_id, room_id, since, until)
JOIN room_use AS held ON held.room_id = plan.room_id AND held.during && tstzrange(plan.since, plan.until)
WHERE held.session_id <> ALL ($1::uuid[] || $5::uuid[]) ORDER BY plan.since, held.session_id
"""
ADD_SESSIONS = """
INSERT INTO session (session_id, title, starts_at, ends_at, series_id, series_day, programme_id, site_id, room_id,
                     unit_id, region, capacity, audience, queue_open, permit_number, supplier_unit_id, mode, join_link,
                     set_up, clear_up, expected_heads, paid_by, status, version)
SELECT session_id, title, starts_at, ends_at, series_id, series_day, programme_id, site_id, room_id,
       unit_id, region, capacity, audience, queue_open, permit_number, supplier_unit_id, mode, join_link,
       set_up, clear_up, expected_heads, project_id,
       CASE WHEN draft THEN 'drafted' ELSE 'published' END, CASE WHEN draft THEN 0 ELSE 1 END
FROM jsonb_to_recordset($1::text::jsonb) AS plan (
    session_id uuid, title text, starts_at timestamptz, ends_at timestamptz, series_id uuid, series_day date,
    programme_id uuid, site_id uuid, room_id uuid, unit_id uuid, region char(12), capacity int, audience text[],
    queue_open boolean, permit_number text, supplier_unit_id uuid, mode text, join_link text, set_up int, clear_up int,
    expected_heads int, project_id uuid, draft boolean)
RETURNING *
"""
CHANGE_SESSIONS = """
UPDATE session SET title = new.title, programme_id = new.programme_id, site_id = new.site_id, room_id = new.room_id,
    starts_at = new.starts_at, ends_at = new.ends_at, capacity = new.capacity, audience = new.audience,
    queue_open = new.queue_open, permit_number = new.permit_number, supplier_unit_id = new.supplier_unit_id,
    mode = new.mode, join_link = new.join_link, set_up = new.set_up, clear_up = new.clear_up,
    expected_heads = new.expected_heads, paid_by = new.project_id, series_day = new.series_day,
    terms = new.terms, amended = new.amended, version = new.version
FROM jsonb_to_recordset($1::text::jsonb) AS new (
    session_id uuid, title text, programme_id uuid, site_id uuid, room_id uuid, starts_at timestamptz,
    ends_at timestamptz, capacity int, audience text[], queue_open boolean, permit_number text, supplier_unit_id uuid,
    mode text, join_link text, set_up int, clear_up int, expected_heads int, project_id uuid, series_day date,
    terms jsonb, amended text[], version int)
WHERE session.session_id = new.session_id
"""
JUDGE_ROOMS_LATER = "SET CONSTRAINTS one_use_of_a_room DEFERRED"
JUDGE_ROOMS_NOW = "SET CONSTRAINTS one_use_of_a_room IMMEDIATE"
PUBLISH_SESSIONS = """
UPDATE session SET status = 'published', version = 1 WHERE session_id = ANY ($1::uuid[]) RETURNING *
"""
SET_SEATS = """
UPDATE session SET seats_taken = now.taken, waiting = now.waiting
FROM unnest($1::uuid[], $2::int[], $3::int[]) AS now (session_id, taken, waiting)
WHERE session.session_id = now.session_id
"""
SET_TERMS = "UPDATE session SET terms = $2::text::jsonb WHERE session_id = $1"
# A change by hand like any other: a later amendment of the series leaves it alone.
SET_CAPACITY = """
UPDATE session SET capacity = $2, amended = array_append(array_remove(amended, 'capacity'), 'capacity')
WHERE session_id = $1
"""
COUNT_CAPACITY_FACT = """
UPDATE session SET capacity_version = capacity_version + 1 WHERE session_id = $1 RETURNING capacity_version
"""
CANCEL_SESSION = """
UPDATE session SET status = 'cancelled', seats_taken = 0, waiting = 0, version = version + 1
WHERE session_id = $1 RETURNING *
"""
REMOVE_SESSIONS = "DELETE FROM session WHERE session_id = ANY ($1::uuid[])"
LIST_SESSIONS = """
SELECT * FROM session
WHERE region >= $1 AND region < $2 AND starts_at >= $3 AND starts_at < $4 AND status <> 'drafted'
  AND ($5::uuid IS NULL OR site_id = $5)
  AND ($6::uuid IS NULL OR (starts_at, session_id) > (SELECT starts_at, session_id FROM session WHERE session_id = $6))
ORDER BY starts_at, session_id LIMIT $7
"""
LIST_DRAFTS = """
SELECT * FROM session
WHERE region >= $1 AND region < $2 AND starts_at >= $3 AND starts_at < $4 AND status = 'drafted'
  AND ($5::uuid IS NULL OR (starts_at, session_id) > (SELECT starts_at, session_id FROM session WHERE session_id = $5))
ORDER BY starts_at, session_id LIMIT $6
"""

_COMMON: Final = (
    "session_id", "title", "programme_id", "room_id", "starts_at", "ends_at", "capacity", "queue_open",
    "permit_number", "supplier_unit_id", "mode", "join_link", "set_up", "clear_up", "expected_heads", "project_id",
)  # fmt: skip


async def lock_sessions(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Session]:
    """The public sessions of these ids, locked until the end of the transaction."""
    return {row["session_id"]: session_of(row) for row in await tx.fetch(LOCK_SESSIONS, list(ids))}


async def lock_session(tx: Transaction, session_id: UUID) -> Session | None:
    return (await lock_sessions(tx, [session_id])).get(session_id)


async def lock_planned(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Session]:
    """Sessions and drafts of these ids, locked until the end of the transaction."""
    return {row["session_id"]: session_of(row) for row in await tx.fetch(LOCK_PLANNED, list(ids))}


async def find_session(tx: Transaction, session_id: UUID) -> Session | None:
    """A public session."""
    row = await tx.find(FIND_SESSION, session_id)
    return session_of(row) if row else None


async def find_planned(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Session]:
    """Sessions and drafts of these ids."""
    return {row["session_id"]: session_of(row) for row in await tx.fetch(FIND_PLANNED, list(ids))}


async def find_overlaps(
    tx: Transaction, plans: Sequence[Plan | Session], leaving: Collection[UUID] = ()
) -> dict[UUID, UUID]:
    """Which plans find their room held, and by which session that is neither among them nor leaving."""
    rows = await tx.fetch(
        FIND_OVERLAPS,
        [plan.session_id for plan in plans],
        [plan.room_id for plan in plans],
        [plan.holds[0] for plan in plans],
        [plan.holds[1] for plan in plans],
        list(leaving),
    )
    return {row["wanted_by"]: row["held_by"] for row in reversed(rows)}


async def add_sessions(tx: Transaction, planned: Sequence[tuple[Plan, Site]]) -> list[Session]:
    """Adds sessions, by start."""
    rows = [
        _common(plan)
        | {
            "series_id": plan.series_id,
            "series_day": plan.series_day,
            "site_id": site.site_id,
            "unit_id": site.unit_id,
            "region": site.region,
            "draft": plan.draft,
        }
        for plan, site in planned
    ]
    added = await tx.fetch(ADD_SESSIONS, to_json(rows).decode())
    return sorted((session_of(row) for row in added), key=lambda session: (session.starts_at, session.session_id))


async def change_sessions(tx: Transaction, sessions: Sequence[Session]) -> None:
    """Writes what was planned of sessions whose rows are locked, with `amended` and `version`."""
    rows = [
        _common(each)
        | {
            "site_id": each.site_id,
            "series_day": each.series_day,
            "terms": each.terms,
            "amended": sorted(each.amended),
            "version": each.version,
        }
        for each in sessions
    ]
    if rows:
        await tx.execute(JUDGE_ROOMS_LATER)
        await tx.execute(CHANGE_SESSIONS, to_json(rows).decode())
        await tx.execute(JUDGE_ROOMS_NOW)


def _common(plan: Plan | Session) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in _COMMON} | {"audience": sorted(set(plan.audience))}


async def publish_sessions(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Session]:
    """The drafts of these ids, public now."""
    return {row["session_id"]: session_of(row) for row in await tx.fetch(PUBLISH_SESSIONS, list(ids))}


async def set_seats(tx: Transaction, seats: Sequence[tuple[UUID, int, int]]) -> None:
    """Session, seats taken, families waiting."""
    if seats:
        await tx.execute(SET_SEATS, *map(list, zip(*seats, strict=True)))


async def set_terms(tx: Transaction, session_id: UUID, terms: EnrolmentTerms) -> None:
    await tx.execute(SET_TERMS, session_id, terms.model_dump_json())


async def set_capacity(tx: Transaction, session_id: UUID, capacity: int) -> None:
    await tx.execute(SET_CAPACITY, session_id, capacity)


async def count_capacity_fact(tx: Transaction, session_id: UUID) -> int:
    """The version of the next fact about a session's capacity."""
    return int(await tx.value(COUNT_CAPACITY_FACT, session_id))


async def cancel_session(tx: Transaction, session_id: UUID) -> Session:
    [row] = await tx.fetch(CANCEL_SESSION, session_id)
    return session_of(row)


async def remove_sessions(tx: Transaction, ids: Sequence[UUID]) -> None:
    """Forgets drafts nobody has heard of."""
    await tx.execute(REMOVE_SESSIONS, list(ids))


async def list_sessions(tx: Transaction, query: ListSessions) -> list[Session]:
    rows = await tx.fetch(
        LIST_SESSIONS, *bounds(query.region), query.since, query.until, query.site_id, query.after, query.limit
    )
    return [session_of(row) for row in rows]


async def list_drafts(tx: Transaction, query: ListDrafts) -> list[Session]:
    window: tuple[datetime, datetime] = (query.since, query.until)
    rows = await tx.fetch(LIST_DRAFTS, *bounds(query.region), *window, query.after, query.limit)
    return [session_of(row) for row in rows]


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
        programme_id=row["programme_id"],
        series_id=row["series_id"],
        permit_number=row["permit_number"],
        supplier_unit_id=row["supplier_unit_id"],
        mode=SessionMode(row["mode"]),
        join_link=row["join_link"],
        set_up=row["set_up"],
        clear_up=row["clear_up"],
        expected_heads=row["expected_heads"],
        project_id=row["paid_by"],
        series_day=row["series_day"],
        amended=frozenset(row["amended"]),
        terms=EnrolmentTerms.model_validate_json(row["terms"]) if row["terms"] else None,
        drawn_at=row["drawn_at"],
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
        programme_id=session.programme_id,
        series_id=session.series_id,
        supplier_unit_id=session.supplier_unit_id,
        mode=session.mode,
        project_id=session.project_id,
    )
