"""All SQL about standing, absences and appeals."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record
from uuid_utils.compat import uuid7

from contracts.activities.v1 import AppealReason, AppealStatus
from services.activities.sessions.rules import Session
from services.activities.standing.rules import Appeal, Standing
from services.chassis import Transaction

# Who was excused, or one of whose family was, did not stay away. LIMIT in a LATERAL is one index probe a person; as a
# plain anti-join this reads all attendances for every enrolment until the table has statistics.
FIND_ABSENT = """
SELECT enrolment_id, contact_id FROM enrolment
WHERE session_id = $1 AND status = 'confirmed'
  AND NOT EXISTS (SELECT FROM unnest(people) AS person (id) CROSS JOIN LATERAL (
      SELECT FROM attendance WHERE session_id = $1 AND person_id = person.id AND reverted_at IS NULL LIMIT 1) AS came)
  AND NOT EXISTS (SELECT FROM unnest(people) AS person (id) CROSS JOIN LATERAL (
      SELECT FROM excuse WHERE session_id = $1 AND person_id = person.id AND excused LIMIT 1) AS let_off)
ORDER BY contact_id
"""
ADD_ABSENCES = """
INSERT INTO absence (enrolment_id, session_id, unit_id, person_id, at, lapses_at, region)
SELECT enrolment_id, $3, $4, person_id, $5, $6, $7
FROM unnest($1::uuid[], $2::uuid[]) AS new (enrolment_id, person_id)
ON CONFLICT (enrolment_id) DO NOTHING
"""
ADD_STANDINGS = """
INSERT INTO standing (standing_id, unit_id, person_id, version, region)
SELECT standing_id, $3, person_id, 0, $4 FROM unnest($1::uuid[], $2::uuid[]) AS new (standing_id, person_id)
ORDER BY person_id ON CONFLICT (unit_id, person_id) DO NOTHING
"""
LOCK_OF_PEOPLE = """
SELECT standing_id FROM standing WHERE unit_id = $1 AND person_id = ANY ($2::uuid[]) ORDER BY standing_id FOR UPDATE
"""
LOCK = "SELECT standing_id FROM standing WHERE standing_id = ANY ($1::uuid[]) ORDER BY standing_id FOR UPDATE"


def _standings(where: str) -> str:
    return f"""
SELECT standing_id, unit_id, person_id, region, suspended_until, version, latest.appeal_id, latest.status AS appeal,
    (SELECT count(*) FROM absence WHERE absence.unit_id = standing.unit_id
      AND absence.person_id = standing.person_id AND lapses_at > $2 AND counted_at IS NULL AND cleared_at IS NULL
    ) AS absences
FROM standing LEFT JOIN LATERAL (
    SELECT appeal_id, status FROM appeal WHERE appeal.standing_id = standing.standing_id
    ORDER BY asked_at DESC, appeal_id DESC LIMIT 1) AS latest ON true
WHERE {where}
"""


FIND = _standings("standing_id = ANY ($1::uuid[]) ORDER BY standing_id")
FIND_OF_PERSON = _standings("person_id = $1 ORDER BY unit_id LIMIT 200")
SET_SUSPENDED = """
UPDATE standing SET suspended_until = $2, version = version + 1 WHERE standing_id = ANY ($1::uuid[])
"""
COUNT_ABSENCES = """
UPDATE absence SET counted_at = $2 FROM standing
WHERE standing_id = ANY ($1::uuid[]) AND absence.unit_id = standing.unit_id
  AND absence.person_id = standing.person_id AND counted_at IS NULL AND cleared_at IS NULL
"""
CLEAR_ABSENCES = "UPDATE absence SET cleared_at = $3 WHERE unit_id = $1 AND person_id = $2 AND cleared_at IS NULL"
FIND_SUSPENDED = """
SELECT unit_id, person_id, suspended_until FROM standing
WHERE unit_id = ANY ($1::uuid[]) AND person_id = ANY ($2::uuid[]) AND suspended_until > $3
"""
APPEAL_EXISTS = "SELECT EXISTS (SELECT FROM appeal WHERE appeal_id = $1)"
ADD_APPEAL = """
INSERT INTO appeal (appeal_id, standing_id, person_id, reason, asked_by, asked_at, region)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
FIND_APPEAL = "SELECT appeal_id, standing_id, person_id, asked_by, status FROM appeal WHERE appeal_id = $1"
DECIDE_APPEAL = "UPDATE appeal SET status = $2, decided_by = $3, decided_at = $4 WHERE appeal_id = $1"


async def find_absent(tx: Transaction, session_id: UUID) -> list[tuple[UUID, UUID]]:
    """The enrolments of which nobody came, each with its contact."""
    return [(row["enrolment_id"], row["contact_id"]) for row in await tx.fetch(FIND_ABSENT, session_id)]


async def add_absences(
    tx: Transaction, session: Session, absent: Sequence[tuple[UUID, UUID]], lapses_at: datetime
) -> list[Standing]:
    """Notes absences once each; returns the standings of these contacts with the host, locked."""
    people = sorted({person_id for _, person_id in absent})
    await tx.execute(ADD_STANDINGS, [uuid7() for _ in people], people, session.unit_id, session.region)
    locked = [row["standing_id"] for row in await tx.fetch(LOCK_OF_PEOPLE, session.unit_id, people)]
    enrolments = [enrolment_id for enrolment_id, _ in absent]
    contacts = [person_id for _, person_id in absent]
    values = (session.session_id, session.unit_id, tx.now, lapses_at, session.region)
    await tx.execute(ADD_ABSENCES, enrolments, contacts, *values)
    return await _find(tx, locked)


async def lock_standings(tx: Transaction, ids: Collection[UUID]) -> list[Standing]:
    """Standings as they are once their rows are locked."""
    return await _find(tx, [row["standing_id"] for row in await tx.fetch(LOCK, list(ids))])


async def _find(tx: Transaction, ids: Collection[UUID]) -> list[Standing]:
    return [_standing(row) for row in await tx.fetch(FIND, list(ids), tx.now)]


async def list_of_person(tx: Transaction, person_id: UUID) -> list[Standing]:
    return [_standing(row) for row in await tx.fetch(FIND_OF_PERSON, person_id, tx.now)]


async def suspend(tx: Transaction, standings: Sequence[Standing], until: datetime) -> None:
    """The absences that led to it are counted, and count no more afterwards. After a fair these are thousands."""
    if standings:
        ids = [each.standing_id for each in standings]
        await tx.execute(SET_SUSPENDED, ids, until)
        await tx.execute(COUNT_ABSENCES, ids, tx.now)


async def restore(tx: Transaction, standings: Sequence[Standing]) -> None:
    if standings:
        await tx.execute(SET_SUSPENDED, [each.standing_id for each in standings], None)


async def clear_absences(tx: Transaction, standing: Standing) -> None:
    await tx.execute(CLEAR_ABSENCES, standing.unit_id, standing.person_id, tx.now)


async def find_suspended(
    tx: Transaction, units: Collection[UUID], people: Collection[UUID]
) -> dict[tuple[UUID, UUID], datetime]:
    """By (host, person): until when she is suspended."""
    rows = await tx.fetch(FIND_SUSPENDED, list(units), list(people), tx.now)
    return {(row["unit_id"], row["person_id"]): row["suspended_until"] for row in rows}


async def appeal_exists(tx: Transaction, appeal_id: UUID) -> bool:
    return bool(await tx.value(APPEAL_EXISTS, appeal_id))


async def add_appeal(tx: Transaction, appeal_id: UUID, standing: Standing, reason: AppealReason) -> None:
    values = (standing.standing_id, standing.person_id, reason.value, tx.actor.id, tx.now, standing.region)
    await tx.execute(ADD_APPEAL, appeal_id, *values)


async def find_appeal(tx: Transaction, appeal_id: UUID) -> Appeal | None:
    """An appeal; whoever decides has locked its standing and reads it again."""
    row = await tx.find(FIND_APPEAL, appeal_id)
    return Appeal(**{**dict(row), "status": AppealStatus(row["status"])}) if row else None


async def decide_appeal(tx: Transaction, appeal_id: UUID, status: AppealStatus) -> None:
    await tx.execute(DECIDE_APPEAL, appeal_id, status.value, tx.actor.id, tx.now)


def _standing(row: Record) -> Standing:
    return Standing(**{**dict(row), "appeal": AppealStatus(row["appeal"]) if row["appeal"] else None})
