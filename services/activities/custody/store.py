"""All SQL about who fetches children, hand-overs and alarms."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import AuthorisePickUp, HandOver
from contracts.data import AgeBand
from services.activities.attendance.rules import Attendance
from services.activities.custody.rules import Kin, PickUp
from services.activities.gates.store import CHILDREN
from services.activities.sessions.rules import Session
from services.chassis import Transaction

FIND_KIN = "SELECT person_id, age_band, guardian_id FROM person WHERE person_id = ANY ($1::uuid[])"
FIND_SITE_REGION = "SELECT region FROM site WHERE site_id = $1 AND NOT closed"
# Sorted, so that two transactions with the same children never wait crosswise.
NEXT_OF_CHILDREN = """
INSERT INTO child (child_id, version) SELECT id, 1 FROM unnest($1::uuid[]) AS named (id) ORDER BY id
ON CONFLICT (child_id) DO UPDATE SET version = child.version + 1 RETURNING child_id, version
"""
LOCK_CHILD = """
INSERT INTO child (child_id, version) VALUES ($1, 0) ON CONFLICT (child_id) DO UPDATE SET version = child.version
"""
ADD_PICK_UP = """
INSERT INTO pick_up (pick_up_id, child_id, person_id, site_id, given_by, given_at, until, version, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8)
RETURNING pick_up_id, child_id, person_id, site_id, given_by, given_at, until, ended_at, version, region
"""
FIND_PICK_UP = """
SELECT pick_up_id, child_id, person_id, site_id, given_by, given_at, until, ended_at, version, region
FROM pick_up WHERE pick_up_id = $1
"""
FIND_SAME = """
SELECT pick_up_id, child_id, person_id, site_id, given_by, given_at, until, ended_at, version, region
FROM pick_up WHERE child_id = $1 AND person_id = $2 AND site_id = $3 AND ended_at IS NULL
"""
LIST_PICK_UPS = """
SELECT pick_up_id, child_id, person_id, site_id, given_by, given_at, until, ended_at, version, region
FROM pick_up WHERE child_id = $1 AND site_id = $2 AND ended_at IS NULL AND (until IS NULL OR until >= $3)
ORDER BY given_at, pick_up_id
"""
END_PICK_UP = """
UPDATE pick_up SET ended_at = $2, version = version + 1 WHERE pick_up_id = $1
RETURNING pick_up_id, child_id, person_id, site_id, given_by, given_at, until, ended_at, version, region
"""
IS_HAND_OVER = "SELECT EXISTS (SELECT FROM hand_over WHERE hand_over_id = $1)"
HAS_FETCHED = "SELECT EXISTS (SELECT FROM hand_over WHERE child_id = $1 AND received_by = $2)"
IS_ON_DUTY = """
SELECT EXISTS (SELECT FROM shift JOIN duty USING (shift_id)
               WHERE shift.session_id = $1 AND duty.person_id = $2 AND NOT released)
    OR EXISTS (SELECT FROM keeper
               WHERE unit_id = $3 AND person_id = $2 AND since <= $4 AND (until IS NULL OR until >= $4))
"""
ADD_HAND_OVER = """
INSERT INTO hand_over (hand_over_id, session_id, child_id, attendance_id, stay, received_by, handed_by, checked_by,
    signature, occurred_at, received_at, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
COUNT_INSIDE = """
SELECT count(*) FROM attendance JOIN person USING (person_id)
WHERE session_id = $1 AND reverted_at IS NULL AND checked_out_at IS NULL AND age_band = ANY ($2::text[])
"""
# Each stay is told of once.
MARK_OVERDUE = """
UPDATE attendance SET overdue_at = $2 FROM person
WHERE attendance.session_id = $1 AND reverted_at IS NULL AND checked_out_at IS NULL AND overdue_at IS NULL
  AND person.person_id = attendance.person_id AND age_band = ANY ($3::text[])
RETURNING attendance.person_id AS child_id, guardian_id
"""


async def find_kin(tx: Transaction, people: Collection[UUID]) -> dict[UUID, Kin]:
    rows = await tx.fetch(FIND_KIN, list(people))
    return {row["person_id"]: Kin(AgeBand(row["age_band"]), row["guardian_id"]) for row in rows}


async def find_site_region(tx: Transaction, site_id: UUID) -> str | None:
    """Where an open site lies."""
    region: str | None = await tx.value(FIND_SITE_REGION, site_id)
    return region


async def next_of_children(tx: Transaction, children: Collection[UUID]) -> dict[UUID, int]:
    """The next version of each child's facts; their rows are locked until the commit."""
    rows = await tx.fetch(NEXT_OF_CHILDREN, list(children))
    return {row["child_id"]: row["version"] for row in rows}


async def lock_child(tx: Transaction, child_id: UUID) -> None:
    """From here to the commit nobody else decides who fetches this child, or what is noted of it."""
    await tx.execute(LOCK_CHILD, child_id)


async def add_pick_up(tx: Transaction, command: AuthorisePickUp, region: str) -> PickUp:
    [row] = await tx.fetch(
        ADD_PICK_UP,
        *(command.pick_up_id, command.child_id, command.person_id, command.site_id, command.given_by),
        *(tx.now, command.until, region),
    )
    return PickUp(**dict(row))


async def find_pick_up(tx: Transaction, pick_up_id: UUID) -> PickUp | None:
    return _pick_up(await tx.find(FIND_PICK_UP, pick_up_id))


async def find_same(tx: Transaction, child_id: UUID, person_id: UUID, site_id: UUID) -> PickUp | None:
    """The authorisation of a person for a child at a site that was not ended."""
    return _pick_up(await tx.find(FIND_SAME, child_id, person_id, site_id))


async def list_pick_ups(tx: Transaction, child_id: UUID, site_id: UUID, day: date) -> list[PickUp]:
    """The authorisations that hold at a site on a day."""
    return [PickUp(**dict(row)) for row in await tx.fetch(LIST_PICK_UPS, child_id, site_id, day)]


async def end_pick_up(tx: Transaction, pick_up_id: UUID) -> PickUp:
    [row] = await tx.fetch(END_PICK_UP, pick_up_id, tx.now)
    return PickUp(**dict(row))


async def is_hand_over(tx: Transaction, hand_over_id: UUID) -> bool:
    return bool(await tx.value(IS_HAND_OVER, hand_over_id))


async def has_fetched(tx: Transaction, child_id: UUID, person_id: UUID) -> bool:
    return bool(await tx.value(HAS_FETCHED, child_id, person_id))


async def is_on_duty(tx: Transaction, session: Session, person_id: UUID, day: date) -> bool:
    """Whether she took a shift of the session, or keeps the sites of its unit."""
    return bool(await tx.value(IS_ON_DUTY, session.session_id, person_id, session.unit_id, day))


async def add_hand_over(tx: Transaction, command: HandOver, stay: Attendance, region: str) -> None:
    """The record of a hand-over that ended this stay."""
    await tx.execute(
        ADD_HAND_OVER,
        *(command.hand_over_id, command.session_id, command.child_id, stay.attendance_id, stay.version),
        *(command.received_by, tx.actor.id, command.checked_by, command.signature, command.occurred_at, tx.now, region),
    )


async def count_inside(tx: Transaction, session_id: UUID) -> int:
    """Children under 14 who came and were not handed over yet. The session is locked."""
    return int(await tx.value(COUNT_INSIDE, session_id, CHILDREN))


async def mark_overdue(tx: Transaction, session_id: UUID) -> dict[UUID, UUID | None]:
    """Children under 14 who are inside and were not yet told of, with their guardians."""
    rows = await tx.fetch(MARK_OVERDUE, session_id, tx.now, CHILDREN)
    return {row["child_id"]: row["guardian_id"] for row in rows}


def _pick_up(row: Record | None) -> PickUp | None:
    return PickUp(**dict(row)) if row else None
