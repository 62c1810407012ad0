"""A fair of thousands, put into the tables as a day of scans leaves them."""

from uuid import UUID

import asyncpg

PEOPLE = """
INSERT INTO person (person_id, age_band, guardian_id, consented)
SELECT gen_random_uuid(), $2, CASE WHEN $2 = '6-13' THEN gen_random_uuid() END, true FROM generate_series(1, $1)
RETURNING person_id
"""
SEATED = """
WITH seated AS (
    INSERT INTO enrolment (enrolment_id, session_id, contact_id, people, seats, status, version, region)
    SELECT gen_random_uuid(), session_id, person_id, ARRAY[person_id], 1, 'confirmed', 1, session.region
    FROM session, unnest($2::uuid[]) AS person_id WHERE session_id = $1 RETURNING *),
taken AS (UPDATE session SET seats_taken = seats_taken + cardinality($2::uuid[]) WHERE session_id = $1)
INSERT INTO participant (session_id, person_id, enrolment_id, region)
SELECT session_id, contact_id, enrolment_id, region FROM seated
"""
CAME = """
INSERT INTO attendance (attendance_id, session_id, person_id, checked_in_at, version, region)
SELECT gen_random_uuid(), session_id, person_id, starts_at, 1, region
FROM session, unnest($2::uuid[]) AS person_id WHERE session_id = $1
"""


async def seat(database: asyncpg.Connection, session_id: UUID, count: int, band: str = "36-59") -> list[UUID]:
    """So many new people with a seat each."""
    people = [row["person_id"] for row in await database.fetch(PEOPLE, count, band)]
    await database.execute(SEATED, session_id, people)
    return people


async def come(database: asyncpg.Connection, session_id: UUID, people: list[UUID]) -> None:
    """They were checked in at the start, and stayed."""
    await database.execute(CAME, session_id, people)
