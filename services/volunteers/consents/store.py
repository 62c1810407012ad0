"""All SQL about consents to volunteering that ended, and memberships that ended with them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from contracts.volunteers.v1 import EndedVolunteering
from services.chassis import Transaction
from services.volunteers.consents.rules import Membership, Withdrawal

COLUMNS = "volunteer_id, person_id, team_id, region, version"
# A shift under way is given back as well, unless she is there already: that stint ends by itself.
LIST_AHEAD = """
SELECT assignment_id, shift_id FROM assignment JOIN volunteer USING (volunteer_id)
WHERE assignment.person_id = ANY ($1::uuid[]) AND active AND ends_at > $2
  AND (withdrawn_at IS NOT NULL OR volunteer_id = ANY ($3::uuid[]))
  AND NOT EXISTS (SELECT FROM stint WHERE stint.shift_id = assignment.shift_id
      AND stint.volunteer_id = assignment.volunteer_id)
ORDER BY shift_id, assignment_id
"""
LIST_SERVING = f"""
SELECT {COLUMNS} FROM volunteer
WHERE person_id = ANY ($1::uuid[]) AND withdrawn_at IS NULL AND stored_only_at IS NULL ORDER BY volunteer_id
"""
LIST_JOINED = """
SELECT volunteer_id, registered_at FROM volunteer
WHERE person_id = $1 AND withdrawn_at IS NULL AND stored_only_at IS NULL
"""
END_MEMBERSHIPS = """
UPDATE volunteer SET withdrawn_at = $2, skills = '{}', version = version + 1 WHERE volunteer_id = ANY ($1::uuid[])
"""
ADD_WITHDRAWALS = """
INSERT INTO withdrawal (withdrawal_id, person_id, region, at, version)
SELECT *, 1 FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[]) ON CONFLICT DO NOTHING
"""
LOCK_WITHDRAWALS = """
SELECT withdrawal_id, person_id, region, at, assignments, memberships, version FROM withdrawal
WHERE withdrawal_id = ANY ($1::uuid[]) ORDER BY withdrawal_id FOR UPDATE
"""
SET_EFFECTS = "UPDATE withdrawal SET assignments = $2, memberships = $3, version = $4 WHERE withdrawal_id = $1"
LIST_EFFECTS = """
SELECT withdrawal_id, at, assignments, memberships FROM withdrawal
WHERE person_id = $1 ORDER BY at DESC, withdrawal_id LIMIT $2
"""
LIST_CLEARED = """
SELECT clearance_id FROM clearance WHERE volunteer_id = ANY ($1::uuid[]) AND ended_at IS NULL ORDER BY clearance_id
"""


async def list_ahead(tx: Transaction, people: Collection[UUID], leaving: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Places that they took and did not come to yet, under memberships that are over or `leaving`: assignment and
    shift, in the order in which shifts are locked.
    """
    return [tuple(row) for row in await tx.fetch(LIST_AHEAD, list(people), tx.now, list(leaving))]


async def list_serving(tx: Transaction, people: Collection[UUID]) -> list[Membership]:
    """The memberships under which they serve. To end them hold `lock_people` before this reads."""
    return [Membership(**dict(row)) for row in await tx.fetch(LIST_SERVING, list(people))]


async def list_joined(tx: Transaction, person_id: UUID) -> dict[UUID, datetime]:
    """Memberships that serve, and since when."""
    return {row["volunteer_id"]: row["registered_at"] for row in await tx.fetch(LIST_JOINED, person_id)}


async def list_cleared(tx: Transaction, volunteers: Collection[UUID]) -> list[UUID]:
    """Their clearances that hold."""
    return [row["clearance_id"] for row in await tx.fetch(LIST_CLEARED, list(volunteers))]


async def end_memberships(tx: Transaction, volunteers: Collection[UUID]) -> None:
    await tx.execute(END_MEMBERSHIPS, list(volunteers), tx.now)


async def add_withdrawals(tx: Transaction, ended: Sequence[Withdrawal]) -> None:
    rows = [(each.withdrawal_id, each.person_id, each.region, each.at) for each in ended]
    await tx.execute(ADD_WITHDRAWALS, *map(list, zip(*rows, strict=True)))


async def lock_withdrawals(tx: Transaction, ids: Collection[UUID]) -> list[Withdrawal]:
    rows = await tx.fetch(LOCK_WITHDRAWALS, list(ids))
    return [
        Withdrawal(**dict(row) | {"assignments": tuple(row["assignments"]), "memberships": tuple(row["memberships"])})
        for row in rows
    ]


async def set_effects(tx: Transaction, withdrawal: Withdrawal) -> None:
    await tx.execute(
        SET_EFFECTS,
        withdrawal.withdrawal_id,
        list(withdrawal.assignments),
        list(withdrawal.memberships),
        withdrawal.version,
    )


async def list_effects(tx: Transaction, person_id: UUID, most: int) -> list[EndedVolunteering]:
    return [EndedVolunteering(**dict(row)) for row in await tx.fetch(LIST_EFFECTS, person_id, most)]
