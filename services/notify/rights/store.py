"""All SQL about the rights of a person."""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from services.chassis import Transaction
from services.notify.notices.store import Ended

# The last word counts, in whatever order it is heard; who was erased stays so.
REMEMBER = """
INSERT INTO silenced AS known (person_id, state, epoch, version) VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id) DO UPDATE SET state = EXCLUDED.state, epoch = EXCLUDED.epoch, version = EXCLUDED.version
WHERE known.state <> 'erased' AND (known.epoch, known.version) < (EXCLUDED.epoch, EXCLUDED.version)
"""
# What is claimed may be on its way this moment: its sender sees that she is silenced and ends it itself.
CANCEL_WAITING = """
UPDATE notice SET status = 'cancelled', version = version + 1
WHERE recipient IN (SELECT person_id FROM silenced WHERE person_id = ANY ($1::uuid[]) AND state <> 'free')
  AND status = 'planned' AND (claimed_until IS NULL OR claimed_until <= $2)
RETURNING notice_id, channel, template, cause_id, region, version
"""
REMOVE = "DELETE FROM notice WHERE recipient = ANY ($1::uuid[])"
SET_GUARDIAN = """
INSERT INTO ward AS known (person_id, guardian_id, epoch, version) VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id) DO UPDATE
SET guardian_id = EXCLUDED.guardian_id, epoch = EXCLUDED.epoch, version = EXCLUDED.version
WHERE (known.epoch, known.version) < (EXCLUDED.epoch, EXCLUDED.version)
"""
FIND_GUARDIAN = "SELECT guardian_id FROM ward WHERE person_id = $1"
LIST_HELD = """
SELECT 'notice' AS kind, notice_id AS record_id, coalesce(sent_at, due_at) AS at,
    jsonb_build_object('channel', channel, 'template', template, 'status', status, 'facts', facts, 'subject', subject,
        'text', text) AS facts
FROM notice WHERE recipient = $1
UNION ALL
SELECT 'ward', person_id, NULL, jsonb_build_object('guardian_id', guardian_id) FROM ward
WHERE person_id = $1 AND guardian_id IS NOT NULL
UNION ALL
SELECT 'silence', person_id, NULL, jsonb_build_object('state', state) FROM silenced WHERE person_id = $1
ORDER BY at DESC NULLS FIRST, record_id LIMIT $2
"""


async def remember(tx: Transaction, person_id: UUID, state: str, epoch: int, version: int) -> None:
    await tx.execute(REMEMBER, person_id, state, epoch, version)


async def cancel_waiting(tx: Transaction, people: Collection[UUID]) -> list[Ended]:
    """Cancels what waits to be sent to those of the people who are silenced."""
    return [Ended(**dict(row)) for row in await tx.fetch(CANCEL_WAITING, list(people), tx.now)] if people else []


async def remove(tx: Transaction, people: Collection[UUID]) -> None:
    """Takes out every notice to the people, with its text."""
    if people:
        await tx.execute(REMOVE, list(people))


async def list_held(tx: Transaction, person_id: UUID, most: int) -> list[Record]:
    """What is held of a person: kind, record_id, at, facts (JSON), the newest first."""
    return await tx.fetch(LIST_HELD, person_id, most)


async def set_guardian(tx: Transaction, person_id: UUID, guardian_id: UUID | None, epoch: int, version: int) -> None:
    """Who answers for a person by this word of registry; None where she is nobody's ward."""
    await tx.execute(SET_GUARDIAN, person_id, guardian_id, epoch, version)


async def find_guardian(tx: Transaction, person_id: UUID) -> UUID | None:
    guardian: UUID | None = await tx.value(FIND_GUARDIAN, person_id)
    return guardian
