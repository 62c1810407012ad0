"""Many counted sessions at once, written past the commands: facts by SQL, the sums recounted from them."""

from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from services.activities.sessions.rules import SHANGHAI
from tests.activities.recount import FILL_PRESENCE, FILL_TALLY

SESSIONS: Final = """
WITH new AS (
    INSERT INTO session (session_id, programme_id, site_id, room_id, unit_id, region, title, starts_at, ends_at,
                         capacity, audience, queue_open, status, person_times, persons, version)
    SELECT gen_random_uuid(), $2, $3, gen_random_uuid(), $4, $5, '广场活动', start, start + interval '1 hour', 5000,
           array['35-59'], true, 'closed', $7, $7, 1
    FROM (SELECT $6::timestamptz + number * interval '6 hours' AS start FROM generate_series(0, $1::int - 1) AS number)
    RETURNING *
), counted AS (
    INSERT INTO counted_session (session_id, site_id, programmes, day, region)
    SELECT session_id, site_id, array[programme_id], (starts_at AT TIME ZONE 'Asia/Shanghai')::date, region FROM new
)
INSERT INTO count_change (change_id, session_id, kind, reason, actor, at, region)
SELECT session_id, session_id, 'counted', 'counted', 'somebody', ends_at, region FROM new
"""
HEADS: Final = """
WITH came AS (
    SELECT session_id, gen_random_uuid() AS attendance_id, person_id, seq, change.region, starts_at
    FROM count_change AS change JOIN session USING (session_id)
    CROSS JOIN LATERAL (
        SELECT ('00000000-0000-4000-8000-' || lpad(((seq * 7919 + number) % $2)::text, 12, '0'))::uuid AS person_id
        FROM generate_series(1, least(person_times, $1 - (seq - 1) * $3)) AS number
    ) AS person
), attended AS (
    INSERT INTO attendance (attendance_id, session_id, person_id, checked_in_at, version, region)
    SELECT attendance_id, session_id, person_id, starts_at, 0, region FROM came
)
INSERT INTO counted_head (session_id, attendance_id, person_id, band, counted_by, region)
SELECT session_id, attendance_id, person_id, '35-59', seq, region FROM came
"""


async def fill(
    database: Any, attendances: int, each: int, people: int, programme_id: UUID, site_id: UUID, region: str, day: date
) -> None:
    """So many attendances of so many people in sessions of `each`, four a day from a day on."""
    sessions = -(-attendances // each)
    start = datetime.combine(day, time(), SHANGHAI)
    await database.execute(SESSIONS, sessions, programme_id, site_id, programme_id, region, start, each)
    await database.execute(HEADS, attendances, people, each)
    await database.execute("ANALYZE counted_head, counted_session")
    await database.execute(FILL_PRESENCE)
    await database.execute(FILL_TALLY)
