"""All SQL that lists the facts behind a number: the attendances and sessions that it counts, by pages."""

from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import CountFact, CountKind
from contracts.region import bounds
from services.activities.counting import spans
from services.activities.counting.rules import BANDS, Topic
from services.chassis import Transaction

# `$9` is the mark of a frozen number: what was counted up to it and not taken back by then. Else: what counts now.
LIST_FACTS = """
SELECT head.attendance_id, head.session_id, head.person_id
FROM counted_session AS counted JOIN counted_head AS head USING (session_id)
WHERE counted.day >= $1 AND counted.day < $2 AND counted.region >= $3 AND counted.region < $4
  AND CASE $5 WHEN 'programme' THEN $6::uuid = ANY (programmes) WHEN 'project' THEN project_id = $6
              WHEN 'site' THEN site_id = $6 ELSE true END
  AND ($7::text IS NULL OR head.band = $7)
  AND (head.session_id, head.attendance_id) > ($8::uuid, $10::uuid)
  AND CASE WHEN $9::bigint IS NULL THEN head.uncounted_by IS NULL
           ELSE head.counted_by <= $9 AND (head.uncounted_by IS NULL OR head.uncounted_by > $9) END
ORDER BY head.session_id, head.attendance_id LIMIT $11
"""
LIST_COUNTED = """
SELECT session_id, counted.site_id, counted.region, starts_at, person_times, persons, declared AS declared_heads
FROM counted_session AS counted JOIN session USING (session_id)
WHERE counted.day >= $1 AND counted.day < $2 AND counted.region >= $3 AND counted.region < $4
  AND CASE $5 WHEN 'programme' THEN $6::uuid = ANY (programmes) WHEN 'project' THEN project_id = $6
              WHEN 'site' THEN counted.site_id = $6 ELSE true END
  AND session_id > $7
ORDER BY session_id LIMIT $8
"""
NOWHERE_YET = UUID(int=0)


async def list_now(
    tx: Transaction, region: str, period: str, topic: Topic, after: str | None, limit: int
) -> list[CountFact]:
    """The attendances that a number counts now."""
    return await _list(tx, region, period, topic, None, after, limit)


async def list_frozen(
    tx: Transaction, region: str, period: str, topic: Topic, mark: int, after: str | None, limit: int
) -> list[CountFact]:
    """The attendances that a number counted when it was frozen at the mark."""
    return await _list(tx, region, period, topic, mark, after, limit)


async def _list(
    tx: Transaction, region: str, period: str, topic: Topic, mark: int | None, after: str | None, limit: int
) -> list[CountFact]:
    session, attendance = after.split(":") if after and after.count(":") == 1 else (NOWHERE_YET, NOWHERE_YET)
    band = BANDS[topic.id].value if topic.kind is CountKind.AUDIENCE else None
    rows = await tx.fetch(
        LIST_FACTS,
        *spans.days_of(period),
        *bounds(region),
        *(topic.kind.value, topic.id, band),
        *(UUID(str(session)), mark, UUID(str(attendance)), limit),
    )
    return [CountFact(**dict(row)) for row in rows]


async def list_sessions(
    tx: Transaction, region: str, period: str, topic: Topic, after: UUID | None, limit: int
) -> list[Record]:
    """The sessions that a number counts now."""
    return await tx.fetch(
        LIST_COUNTED,
        *spans.days_of(period),
        *bounds(region),
        *(topic.kind.value, topic.id, after or NOWHERE_YET, limit),
    )
