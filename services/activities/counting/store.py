"""All SQL about who is counted in which session, and about what changed it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from contracts.data import AgeBand
from contracts.region import bounds
from services.activities.counting.rules import Subject
from services.activities.sessions.rules import Session
from services.activities.sessions.store import session_of
from services.chassis import Transaction

CLOSE_SESSION = """
UPDATE session SET status = 'closed', person_times = $2, persons = $2, version = version + 1
WHERE session_id = $1 RETURNING *
"""
SET_COUNT = "UPDATE session SET person_times = $2, persons = $2 WHERE session_id = $1"
# The frames above a programme, however high the tree is, from the programme up.
FIND_PROGRAMMES = """
WITH RECURSIVE above AS (
    SELECT programme_id, parent_id, paid_by, 0 AS steps FROM programme
    WHERE programme_id = (SELECT programme_id FROM session WHERE session_id = $1)
    UNION ALL
    SELECT frame.programme_id, frame.parent_id, frame.paid_by, steps + 1
    FROM programme AS frame JOIN above ON frame.programme_id = above.parent_id
)
SELECT programme_id, paid_by FROM above ORDER BY steps
"""
FIND_SUBJECT = """
SELECT counted.*, session.unit_id FROM counted_session AS counted JOIN session USING (session_id)
WHERE counted.session_id = $1
"""
ADD_SUBJECT = """
INSERT INTO counted_session (session_id, site_id, project_id, programmes, day, declared, region, whole)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
IS_WHOLE = "SELECT whole FROM counted_session WHERE session_id = $1"
SET_WHOLE = "UPDATE counted_session SET whole = true WHERE session_id = $1"
LIST_PRESENT = """
SELECT attendance_id, person_id, coalesce(age_band, 'unknown') AS band
FROM attendance LEFT JOIN person USING (person_id) WHERE session_id = $1 AND reverted_at IS NULL
ORDER BY attendance_id
"""
# In the order in which they are booked: whoever is behind the last one is still to come.
LIST_UNCOUNTED = """
SELECT attendance_id, person_id, coalesce(age_band, 'unknown') AS band
FROM attendance LEFT JOIN person USING (person_id) WHERE session_id = $1 AND reverted_at IS NULL
  AND NOT EXISTS (SELECT FROM counted_head AS head
                  WHERE head.session_id = $1 AND head.attendance_id = attendance.attendance_id)
ORDER BY attendance_id LIMIT $2
"""
# Of a session the last declaration counts.
FIND_DECLARED = """
SELECT heads FROM headcount WHERE session_id = $1 ORDER BY place DESC LIMIT 1
"""
LIST_HEADS = """
SELECT attendance_id, person_id, band FROM counted_head WHERE session_id = $1 AND uncounted_by IS NULL
"""
ADD_CHANGE = """
INSERT INTO count_change (change_id, session_id, kind, reason, evidence, actor, at, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING seq
"""
CHANGE_EXISTS = "SELECT EXISTS (SELECT FROM count_change WHERE change_id = $1)"
ADD_HEADS = """
INSERT INTO counted_head (session_id, attendance_id, person_id, band, counted_by, region)
SELECT $1, attendance_id, person_id, band, $5, $6
FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS head (attendance_id, person_id, band)
"""
TAKE_HEADS = """
UPDATE counted_head SET uncounted_by = $3 WHERE session_id = $1 AND attendance_id = ANY ($2::uuid[])
"""
COUNT_CLOSED = """
SELECT count(*) AS sessions_held, coalesce(sum(person_times), 0)::bigint AS person_times FROM session
WHERE status = 'closed' AND person_times > 0
  AND region >= $1 AND region < $2 AND starts_at >= $3 AND starts_at < $4
"""
COUNT_PERSONS = """
SELECT count(DISTINCT person_id) FROM counted_head JOIN session USING (session_id)
WHERE uncounted_by IS NULL
  AND session.region >= $1 AND session.region < $2 AND starts_at >= $3 AND starts_at < $4
"""
COUNT_UNCOUNTED = """
SELECT count(*) + (
    SELECT count(*) FROM counted_session JOIN session USING (session_id)
    WHERE NOT whole AND session.region >= $1 AND session.region < $2 AND starts_at >= $3 AND starts_at < $4)
FROM session
WHERE status = 'published' AND region >= $1 AND region < $2 AND starts_at >= $3 AND starts_at < $4
"""


@dataclass(frozen=True, slots=True)
class Head:
    """One attendance that is counted: whose, and the age band she was in then."""

    attendance_id: UUID
    person_id: UUID
    band: AgeBand


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changes numbers, and why."""

    change_id: UUID
    kind: str
    reason: str
    evidence: str | None = None


async def close_session(tx: Transaction, session_id: UUID, person_times: int) -> Session:
    """人次 and 人数 of one session are the same number: nobody is in it twice."""
    [row] = await tx.fetch(CLOSE_SESSION, session_id, person_times)
    return session_of(row)


async def set_count(tx: Transaction, session_id: UUID, person_times: int) -> None:
    await tx.execute(SET_COUNT, session_id, person_times)


async def list_present(tx: Transaction, session_id: UUID) -> list[Head]:
    """Who is in the session by its attendance, which is locked with it."""
    return [_head(row) for row in await tx.fetch(LIST_PRESENT, session_id)]


async def find_declared(tx: Transaction, session_id: UUID) -> int:
    """Heads that were declared without names (A23)."""
    return int(await tx.value(FIND_DECLARED, session_id) or 0)


async def list_heads(tx: Transaction, session_id: UUID) -> list[Head]:
    """Who is counted in it."""
    return [_head(row) for row in await tx.fetch(LIST_HEADS, session_id)]


async def subject_for(tx: Transaction, session: Session) -> Subject:
    """A session as it is counted from now on: under its own project, or the next one named above it (R8)."""
    above = await tx.fetch(FIND_PROGRAMMES, session.session_id)
    projects = [session.project_id, *(row["paid_by"] for row in above)]
    return Subject(
        session_id=session.session_id,
        unit_id=session.unit_id,
        region=session.region,
        site_id=session.site_id,
        day=session.day,
        programmes=tuple(row["programme_id"] for row in above),
        project_id=next((each for each in projects if each), None),
    )


async def find_subject(tx: Transaction, session_id: UUID) -> tuple[Subject, int] | None:
    """A counted session as it was then, and its declared heads."""
    row = await tx.find(FIND_SUBJECT, session_id)
    if row is None:
        return None
    subject = Subject(
        row["session_id"],
        row["unit_id"],
        row["region"],
        row["site_id"],
        row["day"],
        tuple(row["programmes"]),
        row["project_id"],
    )
    return subject, row["declared"]


async def add_subject(tx: Transaction, subject: Subject, declared: int, *, whole: bool) -> None:
    """`whole`: the booking that follows counts everybody."""
    await tx.execute(
        ADD_SUBJECT,
        subject.session_id,
        subject.site_id,
        subject.project_id,
        list(subject.programmes),
        subject.day,
        declared,
        subject.region,
        whole,
    )


async def is_whole(tx: Transaction, session_id: UUID) -> bool:
    """Whether everybody of a counted session is in the sums."""
    return bool(await tx.value(IS_WHOLE, session_id))


async def set_whole(tx: Transaction, session_id: UUID) -> None:
    await tx.execute(SET_WHOLE, session_id)


async def list_uncounted(tx: Transaction, session_id: UUID, most: int) -> list[Head]:
    """Who came to a closed session and is still to be booked."""
    return [_head(row) for row in await tx.fetch(LIST_UNCOUNTED, session_id, most)]


async def change_exists(tx: Transaction, change_id: UUID) -> bool:
    return bool(await tx.value(CHANGE_EXISTS, change_id))


async def add_change(tx: Transaction, subject: Subject, change: Change) -> int:
    """Its place among all changes. The tallies that it changes are locked."""
    seq = await tx.value(
        ADD_CHANGE,
        *(change.change_id, subject.session_id, change.kind, change.reason, change.evidence),
        *(tx.actor.id, tx.now, subject.region),
    )
    return int(seq)


async def add_heads(tx: Transaction, subject: Subject, heads: Sequence[Head], seq: int) -> None:
    if heads:
        columns = zip(*((each.attendance_id, each.person_id, each.band.value) for each in heads), strict=True)
        await tx.execute(ADD_HEADS, subject.session_id, *map(list, columns), seq, subject.region)


async def take_heads(tx: Transaction, subject: Subject, heads: Sequence[Head], seq: int) -> None:
    if heads:
        await tx.execute(TAKE_HEADS, subject.session_id, [each.attendance_id for each in heads], seq)


async def count_closed(tx: Transaction, region: str, since: datetime, until: datetime) -> Record:
    """sessions_held and person_times of a region's subtree."""
    [row] = await tx.fetch(COUNT_CLOSED, *bounds(region), since, until)
    return row


async def count_persons(tx: Transaction, region: str, since: datetime, until: datetime) -> int:
    """Distinct persons over all those sessions."""
    return int(await tx.value(COUNT_PERSONS, *bounds(region), since, until))


async def count_uncounted(tx: Transaction, region: str, since: datetime, until: datetime) -> int:
    """Sessions of that time that are neither counted, to the last head, nor cancelled."""
    return int(await tx.value(COUNT_UNCOUNTED, *bounds(region), since, until))


def bands_of(heads: Collection[Head]) -> Mapping[UUID, AgeBand]:
    return {each.person_id: each.band for each in heads}


def _head(row: Record) -> Head:
    return Head(row["attendance_id"], row["person_id"], _band(row["band"]))


def _band(text: str) -> AgeBand:
    """A band that this release does not know is told as unknown."""
    return AgeBand(text) if text in set(AgeBand) else AgeBand.UNKNOWN
