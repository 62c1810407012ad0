"""All SQL about consents that ended and what ended with them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from contracts.activities.v1 import EndedEnrolment
from services.activities.consents.rules import Withdrawal
from services.activities.enrolment.rules import Enrolment
from services.chassis import Transaction

SET_PHOTOS = """
UPDATE person SET photos_agreed = said.agreed FROM unnest($1::uuid[], $2::boolean[]) AS said (id, agreed)
WHERE person_id = said.id
"""
LIST_PHOTOGRAPHED = "SELECT person_id FROM person WHERE person_id = ANY ($1::uuid[]) AND photos_agreed"
ADD_WITHDRAWALS = """
INSERT INTO withdrawal (withdrawal_id, person_id, purpose, region, at, version)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::int[])
"""
LOCK_WITHDRAWALS = """
SELECT withdrawal_id, person_id, purpose, region, at, version FROM withdrawal
WHERE withdrawal_id = ANY ($1::uuid[]) ORDER BY withdrawal_id FOR UPDATE
"""
COUNT_UP = "UPDATE withdrawal SET version = version + 1 WHERE withdrawal_id = ANY ($1::uuid[])"
# Through the sessions that lie ahead: few at any time, and of each the primary key finds the person at once.
LIST_AHEAD = """
SELECT enrolment_id, person_id FROM session JOIN participant USING (session_id)
WHERE starts_at > $2 AND person_id = ANY ($1::uuid[])
ORDER BY enrolment_id, person_id
"""
ADD_EFFECTS = """
INSERT INTO withdrawal_effect (withdrawal_id, enrolment_id, person_id, session_id, at, region)
SELECT withdrawal_id, enrolment_id, person_id, session_id, $5,
    (SELECT region FROM session WHERE session.session_id = new.session_id)
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) AS new (withdrawal_id, enrolment_id, person_id, session_id)
"""
LIST_EFFECTS = """
SELECT withdrawal_id, enrolment_id, session_id, at FROM withdrawal_effect
WHERE person_id = $1 ORDER BY at DESC, enrolment_id LIMIT $2
"""


async def set_photos(tx: Transaction, agreed: Mapping[UUID, bool]) -> None:
    if agreed:
        await tx.execute(SET_PHOTOS, list(agreed), list(agreed.values()))


async def list_photographed(tx: Transaction, people: Collection[UUID]) -> set[UUID]:
    """Those of the people who may be photographed."""
    return {row["person_id"] for row in await tx.fetch(LIST_PHOTOGRAPHED, list(people))}


async def add_withdrawals(tx: Transaction, ended: Sequence[Withdrawal]) -> None:
    rows = [(each.withdrawal_id, each.person_id, each.purpose, each.region, each.at, each.version) for each in ended]
    await tx.execute(ADD_WITHDRAWALS, *map(list, zip(*rows, strict=True)))


async def lock_withdrawals(tx: Transaction, ids: Collection[UUID]) -> list[Withdrawal]:
    return [Withdrawal(**dict(row)) for row in await tx.fetch(LOCK_WITHDRAWALS, list(ids))]


async def count_up(tx: Transaction, ids: Collection[UUID]) -> None:
    await tx.execute(COUNT_UP, list(ids))


async def list_ahead(tx: Transaction, people: Collection[UUID], now: datetime) -> dict[UUID, UUID]:
    """Enrolments of sessions that have not begun, each with one of the people who is part of it."""
    rows = await tx.fetch(LIST_AHEAD, list(people), now)
    return {row["enrolment_id"]: row["person_id"] for row in rows}


async def add_effects(tx: Transaction, ended: Sequence[tuple[Withdrawal, Enrolment]]) -> None:
    rows = [(why.withdrawal_id, each.enrolment_id, why.person_id, each.session_id) for why, each in ended]
    if rows:
        await tx.execute(ADD_EFFECTS, *map(list, zip(*rows, strict=True)), tx.now)


async def list_effects(tx: Transaction, person_id: UUID, most: int) -> list[EndedEnrolment]:
    return [EndedEnrolment(**dict(row)) for row in await tx.fetch(LIST_EFFECTS, person_id, most)]
