"""All SQL about counts."""

from datetime import datetime
from uuid import UUID

from asyncpg import Record

from contracts.region import bounds
from services.activities.sessions.rules import Session
from services.activities.sessions.store import session_of
from services.chassis import Transaction

COUNT_SESSION = """
SELECT count(*) AS person_times, count(DISTINCT person_id) AS persons
FROM attendance WHERE session_id = $1 AND reverted_at IS NULL
"""
CLOSE_SESSION = """
UPDATE session SET status = 'closed', person_times = $2, persons = $3, version = version + 1
WHERE session_id = $1 RETURNING *
"""
COUNT_CLOSED = """
SELECT count(*) AS sessions_held, coalesce(sum(person_times), 0)::bigint AS person_times FROM session
WHERE status = 'closed' AND person_times > 0
  AND region >= $1 AND region < $2 AND starts_at >= $3 AND starts_at < $4
"""
COUNT_PERSONS = """
SELECT count(DISTINCT person_id) FROM attendance JOIN session USING (session_id)
WHERE reverted_at IS NULL AND status = 'closed'
  AND session.region >= $1 AND session.region < $2 AND starts_at >= $3 AND starts_at < $4
"""


async def count_session(tx: Transaction, session_id: UUID) -> tuple[int, int]:
    """人次 and 人数 of a session whose row is locked."""
    [row] = await tx.fetch(COUNT_SESSION, session_id)
    return row["person_times"], row["persons"]


async def close_session(tx: Transaction, session_id: UUID, person_times: int, persons: int) -> Session:
    [row] = await tx.fetch(CLOSE_SESSION, session_id, person_times, persons)
    return session_of(row)


async def count_closed(tx: Transaction, region: str, since: datetime, until: datetime) -> Record:
    """sessions_held and person_times of a region's subtree, as they were certified."""
    [row] = await tx.fetch(COUNT_CLOSED, *bounds(region), since, until)
    return row


async def count_persons(tx: Transaction, region: str, since: datetime, until: datetime) -> int:
    """Distinct persons over all those sessions."""
    return int(await tx.value(COUNT_PERSONS, *bounds(region), since, until))
