"""All SQL about care, gates, and who is on duty."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from asyncpg import Record
from uuid_utils.compat import uuid7

from contracts.activities.v1 import SetCare
from contracts.data import AgeBand
from services.activities.gates.rules import MOST_SUBSTITUTES, Care, Judgement, OnDuty
from services.activities.sessions.rules import Session
from services.activities.sessions.store import session_of
from services.chassis import Transaction

ADULTS: list[str] = [band.value for band in AgeBand if not band.is_minor]
CHILDREN: list[str] = [band.value for band in AgeBand if band.is_under_14]

SET_CARE = """
INSERT INTO care (care_id, programme_id, children_per_adult, least_adults, grace_minutes, version, region)
VALUES ($1, $2, $3, $4, $5, 1, $6)
ON CONFLICT (programme_id) DO UPDATE
SET children_per_adult = EXCLUDED.children_per_adult, least_adults = EXCLUDED.least_adults,
    grace_minutes = EXCLUDED.grace_minutes, version = care.version + 1
RETURNING care_id, programme_id, children_per_adult, least_adults, grace_minutes, version
"""
# Of a programme without a rule of its own that of the next one above it holds.
FIND_CARES = """
WITH RECURSIVE above AS (
    SELECT DISTINCT programme_id AS below, programme_id, 0 AS steps FROM session WHERE session_id = ANY ($1::uuid[])
    UNION ALL
    SELECT below, frame.parent_id, steps + 1 FROM above JOIN programme AS frame USING (programme_id)
    WHERE frame.parent_id IS NOT NULL
), holds AS (
    SELECT DISTINCT ON (below) below, care.* FROM above JOIN care USING (programme_id) ORDER BY below, steps
)
SELECT session_id, care_id, holds.programme_id, children_per_adult, least_adults, grace_minutes, holds.version
FROM session JOIN holds ON holds.below = session.programme_id WHERE session_id = ANY ($1::uuid[])
"""
LIST_AHEAD = """
WITH RECURSIVE below AS (
    SELECT $1::uuid AS programme_id
    UNION ALL
    SELECT member.programme_id FROM below JOIN programme AS member ON member.parent_id = below.programme_id
    WHERE NOT EXISTS (SELECT FROM care WHERE care.programme_id = member.programme_id)
)
SELECT * FROM session WHERE programme_id IN (SELECT programme_id FROM below)
  AND ends_at > $2 AND starts_at > $2 - interval '1 day' AND status = 'published' ORDER BY starts_at, session_id
"""
# Names of registry are not needed: who took a shift of the session, and until when a check of hers holds.
LIST_ON_DUTY = """
SELECT shift.session_id, duty.person_id, duty.volunteer_id, person.age_band,
    (SELECT max(valid_until) FROM clearance
     WHERE clearance.person_id = duty.person_id AND kind = 'background_check' AND NOT ended) AS cleared_until
FROM shift JOIN duty USING (shift_id) LEFT JOIN person USING (person_id)
WHERE shift.session_id = ANY ($1::uuid[]) AND NOT duty.released ORDER BY duty.assignment_id
"""
COUNT_CHILDREN = """
SELECT participant.session_id, count(*) AS children
FROM participant JOIN enrolment USING (enrolment_id, session_id) JOIN person USING (person_id)
WHERE participant.session_id = ANY ($1::uuid[]) AND enrolment.status = 'confirmed' AND age_band = ANY ($2::text[])
GROUP BY participant.session_id
"""
LIST_SUBSTITUTES = """
SELECT volunteer_id, volunteer.person_id, held.until
FROM volunteer JOIN person USING (person_id) CROSS JOIN LATERAL (
    SELECT max(valid_until) AS until FROM clearance
    WHERE clearance.person_id = volunteer.person_id AND kind = 'background_check' AND NOT ended) AS held
WHERE (volunteer.region = $2 OR team_id IN (SELECT team_id FROM shift WHERE session_id = $1))
  AND held.until >= $3 AND age_band = ANY ($4::text[])
  AND NOT EXISTS (SELECT FROM duty JOIN shift USING (shift_id)
      WHERE duty.person_id = volunteer.person_id AND NOT released AND shift.starts_at < $6 AND shift.ends_at > $5)
ORDER BY team_id IN (SELECT team_id FROM shift WHERE session_id = $1) DESC, held.until DESC, volunteer_id LIMIT $7
"""
FIND_GATES = "SELECT session_id, reason, uncleared FROM gate WHERE session_id = ANY ($1::uuid[])"
SET_GATE = """
INSERT INTO gate (session_id, reason, uncleared, substitutes, looked_at, region) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (session_id) DO UPDATE
SET reason = EXCLUDED.reason, uncleared = EXCLUDED.uncleared, substitutes = EXCLUDED.substitutes,
    looked_at = EXCLUDED.looked_at
"""
SET_BLOCKED = "UPDATE session SET blocked = $2, version = version + 1 WHERE session_id = $1 RETURNING version"
SESSIONS_OF_PEOPLE = """
SELECT DISTINCT session_id FROM duty JOIN shift USING (shift_id)
WHERE duty.person_id = ANY ($1::uuid[]) AND session_id IS NOT NULL AND shift.ends_at > $2
"""
SESSIONS_OF_SHIFTS = """
SELECT DISTINCT session_id FROM shift JOIN duty USING (shift_id)
WHERE shift_id = ANY ($1::uuid[]) AND session_id IS NOT NULL AND ends_at > $2
"""
LIST_KEEPERS = """
SELECT DISTINCT person_id FROM keeper WHERE unit_id = $1 AND since <= $2 AND (until IS NULL OR until >= $2)
ORDER BY person_id
"""


async def set_care(tx: Transaction, command: SetCare, region: str) -> Care:
    [row] = await tx.fetch(
        SET_CARE,
        *(uuid7(), command.programme_id, command.children_per_adult, command.least_adults, command.grace_minutes),
        region,
    )
    return Care(**dict(row))


async def find_cares(tx: Transaction, sessions: Collection[UUID]) -> dict[UUID, Care]:
    """By session what its programme asks, or the next one above it that asks anything; the others are left out."""
    rows = await tx.fetch(FIND_CARES, list(sessions))
    return {row["session_id"]: Care(**{name: row[name] for name in Care.__slots__}) for row in rows}


async def list_ahead(tx: Transaction, programme_id: UUID) -> list[Session]:
    """Published sessions, not over, of a programme and of those below it without a rule of their own."""
    return [session_of(row) for row in await tx.fetch(LIST_AHEAD, programme_id, tx.now)]


async def list_on_duty(tx: Transaction, sessions: Collection[UUID]) -> dict[UUID, list[OnDuty]]:
    """By session who took a shift of it. A check made in another region holds here too."""
    found: dict[UUID, list[OnDuty]] = {}
    async with tx.everywhere():
        rows = await tx.fetch(LIST_ON_DUTY, list(sessions))
    for row in rows:
        each = OnDuty(row["person_id"], row["volunteer_id"], row["age_band"] in ADULTS, row["cleared_until"])
        found.setdefault(row["session_id"], []).append(each)
    return found


async def count_children(tx: Transaction, sessions: Collection[UUID]) -> dict[UUID, int]:
    """Children under 14 with a confirmed seat, by session."""
    rows = await tx.fetch(COUNT_CHILDREN, list(sessions), CHILDREN)
    return {row["session_id"]: row["children"] for row in rows}


async def list_substitutes(tx: Transaction, session: Session) -> tuple[UUID, ...]:
    """Cleared volunteers of the session's teams and community who are free then: those of its teams first."""
    rows = await tx.fetch(
        LIST_SUBSTITUTES,
        *(session.session_id, session.region, session.day, ADULTS),
        *(session.starts_at, session.ends_at, MOST_SUBSTITUTES),
    )
    people: dict[UUID, UUID] = {}
    for row in rows:
        people.setdefault(row["person_id"], row["volunteer_id"])
    return tuple(people.values())


async def find_gates(tx: Transaction, sessions: Collection[UUID]) -> dict[UUID, Record]:
    """What was last found at the gates of sessions: reason, uncleared."""
    return {row["session_id"]: row for row in await tx.fetch(FIND_GATES, list(sessions))}


async def set_gate(tx: Transaction, session: Session, found: Judgement, substitutes: Sequence[UUID]) -> None:
    reason = found.reason.value if found.reason else None
    await tx.execute(
        SET_GATE,
        *(session.session_id, reason, list(found.uncleared), list(substitutes), tx.now, session.region),
    )


async def set_blocked(tx: Transaction, session_id: UUID, reason: str | None) -> int:
    """Shuts or opens the gate of a locked session; its new version."""
    return int(await tx.value(SET_BLOCKED, session_id, reason))


async def sessions_of_people(tx: Transaction, people: Collection[UUID]) -> set[UUID]:
    """Sessions ahead for which any of these persons took a shift."""
    return {row["session_id"] for row in await tx.fetch(SESSIONS_OF_PEOPLE, list(people), tx.now)}


async def sessions_of_shifts(tx: Transaction, shifts: Collection[UUID]) -> set[UUID]:
    """Sessions ahead of these shifts, where anybody took one: a shift that nobody took changes nothing."""
    return {row["session_id"] for row in await tx.fetch(SESSIONS_OF_SHIFTS, list(shifts), tx.now)}


async def list_keepers(tx: Transaction, unit_id: UUID, day: date) -> list[UUID]:
    """Who keeps the sites of a unit on a day."""
    return [row["person_id"] for row in await tx.fetch(LIST_KEEPERS, unit_id, day)]
