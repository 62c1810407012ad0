"""All SQL about course passes and the visits taken from them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import CourseKind, IssueCoursePass, SetPassRule
from services.activities.passes.rules import CoursePass, Use
from services.chassis import Transaction

COLUMNS = """pass_id, person_id, site_id, course_id, kind, visits, used, valid_until, price_cents,
    ended_at IS NOT NULL AS ended, version, region"""
# A series' own rule goes before that of its programme.
FIND_NEEDING = """
SELECT session_id FROM session WHERE session_id = ANY ($1::uuid[])
  AND coalesce((SELECT by_pass FROM pass_rule WHERE course_id = session.series_id),
               (SELECT by_pass FROM pass_rule WHERE course_id = session.programme_id))
"""
# Sorted, and after the sessions: two doors that want the last visit come one after the other.
LOCK_PASSES_OF = f"""
SELECT {COLUMNS} FROM course_pass
WHERE person_id = ANY ($1::uuid[]) AND site_id = ANY ($2::uuid[]) AND ended_at IS NULL ORDER BY pass_id FOR UPDATE
"""
LOCK_PASSES = f"SELECT {COLUMNS} FROM course_pass WHERE pass_id = ANY ($1::uuid[]) ORDER BY pass_id FOR UPDATE"
FIND_PASS = f"SELECT {COLUMNS} FROM course_pass WHERE pass_id = $1"
LIST_PASSES = f"""
SELECT {COLUMNS} FROM course_pass WHERE person_id = $1 ORDER BY valid_until DESC, pass_id LIMIT 100
"""
ADD_PASS = """
INSERT INTO course_pass (pass_id, person_id, site_id, course_id, kind, visits, valid_until, price_cents, receipt,
                         issued_by, issued_at, version, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12)
"""
SET_USED = """
UPDATE course_pass SET used = now.used, version = now.version
FROM unnest($1::uuid[], $2::int[], $3::int[]) AS now (id, used, version) WHERE pass_id = now.id
"""
END_PASS = "UPDATE course_pass SET ended_at = $2, version = $3 WHERE pass_id = $1"
ADD_USES = """
INSERT INTO pass_use (attendance_id, pass_id, session_id, person_id, used_at, region)
SELECT attendance_id, pass_id, session_id, person_id, $6, region
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[])
    AS new (attendance_id, pass_id, session_id, person_id, region)
"""
FIND_USES = """
SELECT attendance_id, session_id, pass_id FROM pass_use
WHERE attendance_id = ANY ($1::uuid[]) AND returned_at IS NULL ORDER BY attendance_id
"""
FIND_USES_IN = """
SELECT attendance_id FROM pass_use WHERE session_id = $1 AND returned_at IS NULL ORDER BY attendance_id
"""
SET_RETURNED = "UPDATE pass_use SET returned_at = $2 WHERE attendance_id = ANY ($1::uuid[])"
LIST_USES = """
SELECT session_id, attendance_id, used_at, returned_at FROM pass_use WHERE pass_id = $1 ORDER BY used_at, attendance_id
"""
COURSE_REGION = {
    CourseKind.PROGRAMME: "SELECT region FROM programme WHERE programme_id = $1",
    CourseKind.SERIES: "SELECT region FROM series WHERE series_id = $1",
}
SITE_TYPE = "SELECT site_type FROM site WHERE site_id = $1"
SET_RULE = """
INSERT INTO pass_rule (course_id, kind, by_pass, version, region) VALUES ($1, $2, $3, 1, $4)
ON CONFLICT (course_id) DO UPDATE SET by_pass = EXCLUDED.by_pass, version = pass_rule.version + 1
RETURNING version
"""


async def find_needing(tx: Transaction, sessions: Collection[UUID]) -> set[UUID]:
    """Those of the sessions that are entered by pass alone."""
    return {row["session_id"] for row in await tx.fetch(FIND_NEEDING, list(sessions))}


async def lock_passes_of(tx: Transaction, people: Collection[UUID], sites: Collection[UUID]) -> dict[UUID, CoursePass]:
    """The passes of people at sites that have not ended, locked until the end of the transaction."""
    return {row["pass_id"]: _pass(row) for row in await tx.fetch(LOCK_PASSES_OF, list(people), list(sites))}


async def lock_passes(tx: Transaction, ids: Collection[UUID]) -> list[CoursePass]:
    return [_pass(row) for row in await tx.fetch(LOCK_PASSES, list(ids))]


async def find_pass(tx: Transaction, pass_id: UUID) -> CoursePass | None:
    row = await tx.find(FIND_PASS, pass_id)
    return _pass(row) if row else None


async def list_passes(tx: Transaction, person_id: UUID) -> list[CoursePass]:
    return [_pass(row) for row in await tx.fetch(LIST_PASSES, person_id)]


async def add_pass(tx: Transaction, new: IssueCoursePass, region: str) -> None:
    await tx.execute(
        ADD_PASS,
        *(new.pass_id, new.person_id, new.site_id, new.course_id, new.kind.value, new.visits, new.valid_until),
        *(new.price_cents, new.receipt, tx.actor.id, tx.now, region),
    )


async def add_uses(tx: Transaction, uses: Collection[Use]) -> None:
    """Takes visits; a pass without one left breaks `exact_visits`, a second in one session `one_use_a_session`."""
    rows = [
        (use.attendance_id, use.after.pass_id, use.session_id, use.after.person_id, use.after.region) for use in uses
    ]
    await tx.execute(ADD_USES, *map(list, zip(*rows, strict=True)), tx.now)
    await set_used(tx, uses)


async def set_used(tx: Transaction, uses: Collection[Use]) -> None:
    """How much of each pass is used, and its version, after the last of its uses."""
    last = {use.after.pass_id: use.after for use in uses}
    rows = [(each.pass_id, each.used, each.version) for each in last.values()]
    await tx.execute(SET_USED, *map(list, zip(*rows, strict=True)))


async def find_uses(tx: Transaction, attendances: Collection[UUID]) -> list[tuple[UUID, UUID, UUID]]:
    """Attendance, session and pass of visits that were not given back."""
    rows = await tx.fetch(FIND_USES, list(attendances))
    return [(row["attendance_id"], row["session_id"], row["pass_id"]) for row in rows]


async def find_uses_in(tx: Transaction, session_id: UUID) -> list[UUID]:
    """The attendances by which visits were taken in a session, whose row is locked."""
    return [row["attendance_id"] for row in await tx.fetch(FIND_USES_IN, session_id)]


async def set_returned(tx: Transaction, uses: Sequence[Use]) -> None:
    await tx.execute(SET_RETURNED, [use.attendance_id for use in uses], tx.now)
    await set_used(tx, uses)


async def end_pass(tx: Transaction, now: CoursePass) -> None:
    await tx.execute(END_PASS, now.pass_id, tx.now, now.version)


async def list_uses(tx: Transaction, pass_id: UUID) -> list[Record]:
    """session_id, attendance_id, used_at, returned_at; oldest first."""
    return await tx.fetch(LIST_USES, pass_id)


async def find_course_region(tx: Transaction, course_id: UUID, kind: CourseKind) -> str | None:
    """Where a programme or series belongs; None when there is none."""
    region: str | None = await tx.value(COURSE_REGION[kind], course_id)
    return region


async def find_site_type(tx: Transaction, site_id: UUID) -> str | None:
    """None of a site that opened before its type was remembered."""
    kind: str | None = await tx.value(SITE_TYPE, site_id)
    return kind


async def set_rule(tx: Transaction, command: SetPassRule, region: str) -> int:
    """The rule's new version."""
    return int(await tx.value(SET_RULE, command.course_id, command.kind.value, command.by_pass, region))


def _pass(row: Record) -> CoursePass:
    return CoursePass(**{**dict(row), "kind": CourseKind(row["kind"])})
