"""All SQL about outreach visits. What somebody wrote of a household is read by one statement alone."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import (
    CountVisits,
    FollowUpPlan,
    FollowUpState,
    FollowUpStatus,
    ListFollowUps,
    ListVisits,
    VisitState,
)
from contracts.region import bounds
from services.activities.visits.rules import FollowUp
from services.chassis import Transaction

COLUMNS = """visit_id, unit_id, region, programme_id, contact_id, visitors, visited_at, outcome, people_met, findings,
    ARRAY (SELECT follow_up_id FROM follow_up WHERE follow_up.visit_id = visit.visit_id ORDER BY 1) AS follow_ups,
    version"""
FIND_VISIT = f"SELECT {COLUMNS} FROM visit WHERE visit_id = $1"
ADD_VISIT = """
INSERT INTO visit (visit_id, unit_id, region, programme_id, contact_id, visitors, visited_at, outcome, people_met,
                   findings, recorded_by, recorded_at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)
"""
ADD_NOTE = "INSERT INTO visit_note (visit_id, sealed, until, region) VALUES ($1, $2, $3, $4)"
ERASE_NOTES = "DELETE FROM visit_note WHERE visit_id = ANY ($1::uuid[]) AND until < $2"
READ_NOTE = """
SELECT text, sealed, until, contact_id, visit.region,
    recorded_by = $2 OR $2 = ANY (visitors::text[])
    OR EXISTS (SELECT FROM follow_up WHERE follow_up.visit_id = visit.visit_id AND assignee_id::text = $2) AS involved
FROM visit LEFT JOIN visit_note USING (visit_id) WHERE visit_id = $1
"""
FIND_TAKEN = "SELECT follow_up_id FROM follow_up WHERE follow_up_id = ANY ($1::uuid[]) ORDER BY 1 LIMIT 1"
ADD_FOLLOW_UPS = """
INSERT INTO follow_up (follow_up_id, visit_id, measure, assignee_id, due_on, status, version, region)
SELECT id, $1, measure, assignee, due_on, 'open', 1, $6
FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::date[]) AS new (id, measure, assignee, due_on)
"""
# Sorted; the visit of a follow-up never changes.
LOCK_FOLLOW_UPS = """
SELECT follow_up_id, follow_up.visit_id, measure, assignee_id, due_on, status, result, follow_up.version,
    follow_up.region, (SELECT unit_id FROM visit WHERE visit.visit_id = follow_up.visit_id) AS unit_id
FROM follow_up WHERE follow_up_id = ANY ($1::uuid[]) ORDER BY follow_up_id FOR UPDATE
"""
CLOSE_FOLLOW_UP = """
UPDATE follow_up SET status = $2, result = $3, version = $4, closed_by = $5, closed_at = $6 WHERE follow_up_id = $1
"""
SET_OVERDUE = "UPDATE follow_up SET status = 'overdue', version = version + 1 WHERE follow_up_id = ANY ($1::uuid[])"
LIST_VISITS = f"""
SELECT {COLUMNS} FROM visit
WHERE region >= $1 AND region < $2 AND visited_at >= $3 AND visited_at < $4 AND ($5::uuid IS NULL OR contact_id = $5)
  AND ($6::uuid IS NULL OR (visited_at, visit_id) > (SELECT visited_at, visit_id FROM visit WHERE visit_id = $6))
ORDER BY visited_at, visit_id LIMIT $7
"""
LIST_FOLLOW_UPS = """
SELECT follow_up_id, visit_id, measure, assignee_id, due_on, status, result, version FROM follow_up
WHERE region >= $1 AND region < $2 AND status IN ('open', 'overdue')
  AND ($3::uuid IS NULL OR assignee_id = $3) AND ($4::date IS NULL OR due_on <= $4)
  AND ($5::uuid IS NULL OR (due_on, follow_up_id) >
      (SELECT due_on, follow_up_id FROM follow_up WHERE follow_up_id = $5))
ORDER BY due_on, follow_up_id LIMIT $6
"""
COUNTED = """
FROM visit WHERE region >= $1 AND region < $2 AND visited_at >= $3 AND visited_at < $4
  AND ($5::uuid IS NULL OR programme_id = $5)
"""
COUNT_VISITS = f"""
SELECT count(*) FILTER (WHERE outcome = 'met') AS visits, count(*) FILTER (WHERE outcome <> 'met') AS attempts,
    count(DISTINCT contact_id) FILTER (WHERE outcome = 'met') AS households, coalesce(sum(people_met), 0) AS people_met
{COUNTED}
"""
COUNT_FINDINGS = f"""
SELECT finding, count(DISTINCT contact_id) AS households
FROM (SELECT contact_id, unnest(findings) AS finding {COUNTED} AND outcome = 'met') AS found
GROUP BY finding ORDER BY finding
"""


async def find_visit(tx: Transaction, visit_id: UUID) -> VisitState | None:
    row = await tx.find(FIND_VISIT, visit_id)
    return VisitState(**dict(row)) if row else None


async def add_visit(tx: Transaction, new: VisitState) -> None:
    await tx.execute(
        ADD_VISIT,
        *(new.visit_id, new.unit_id, new.region, new.programme_id, new.contact_id, list(new.visitors)),
        *(new.visited_at, new.outcome.value, new.people_met, list(new.findings), tx.actor.id, tx.now),
    )


async def add_note(tx: Transaction, visit: VisitState, sealed: bytes, until: date) -> None:
    await tx.execute(ADD_NOTE, visit.visit_id, sealed, until, visit.region)


async def erase_notes(tx: Transaction, visits: Collection[UUID], today: date) -> None:
    """Erases those of these notes whose last day is over."""
    await tx.execute(ERASE_NOTES, list(visits), today)


async def read_note(tx: Transaction, visit_id: UUID, reader: str) -> Record | None:
    """text or sealed, until (None where there is no note), contact_id, region, involved; None for an unknown visit."""
    return await tx.find(READ_NOTE, visit_id, reader)


async def find_taken(tx: Transaction, plans: Sequence[FollowUpPlan]) -> UUID | None:
    """One of these ids that a follow-up has already."""
    taken: UUID | None = await tx.value(FIND_TAKEN, [each.follow_up_id for each in plans])
    return taken


async def add_follow_ups(tx: Transaction, visit: VisitState, plans: Sequence[FollowUpPlan]) -> None:
    rows = [(each.follow_up_id, each.measure, each.assignee_id, each.due_on) for each in plans]
    await tx.execute(ADD_FOLLOW_UPS, visit.visit_id, *map(list, zip(*rows, strict=True)), visit.region)


async def lock_follow_ups(tx: Transaction, ids: Collection[UUID]) -> list[FollowUp]:
    return [_follow_up(row) for row in await tx.fetch(LOCK_FOLLOW_UPS, list(ids))]


async def close_follow_up(tx: Transaction, now: FollowUpState) -> None:
    values = (now.status.value, now.result, now.version, tx.actor.id, tx.now)
    await tx.execute(CLOSE_FOLLOW_UP, now.follow_up_id, *values)


async def set_overdue(tx: Transaction, ids: Collection[UUID]) -> None:
    await tx.execute(SET_OVERDUE, list(ids))


async def list_visits(tx: Transaction, query: ListVisits) -> list[VisitState]:
    window: tuple[datetime, datetime] = (query.since, query.until)
    rows = await tx.fetch(LIST_VISITS, *bounds(query.region), *window, query.contact_id, query.after, query.limit)
    return [VisitState(**dict(row)) for row in rows]


async def list_follow_ups(tx: Transaction, query: ListFollowUps) -> list[FollowUpState]:
    rows = await tx.fetch(
        LIST_FOLLOW_UPS, *bounds(query.region), query.assignee_id, query.due_until, query.after, query.limit
    )
    return [FollowUpState(**dict(row)) for row in rows]


async def count_visits(tx: Transaction, query: CountVisits) -> tuple[Record, list[Record]]:
    """visits, attempts, households, people_met; and by finding the households."""
    asked = (*bounds(query.region), query.since, query.until, query.programme_id)
    [total] = await tx.fetch(COUNT_VISITS, *asked)
    return total, await tx.fetch(COUNT_FINDINGS, *asked)


def _follow_up(row: Record) -> FollowUp:
    values = dict(row)
    unit_id, region = values.pop("unit_id"), values.pop("region")
    return FollowUp(FollowUpState(**values | {"status": FollowUpStatus(row["status"])}), unit_id, region)
