"""All SQL about cadence."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from contracts.activities.v1 import ListCadence, RuleOutcome
from contracts.region import bounds
from services.activities.cadence.rules import Period
from services.activities.sessions.rules import Site
from services.chassis import Transaction

# Held: somebody came. A session that is not counted yet is looked up in its attendance.
HELD = """
SELECT site_id, programme_id, title, starts_at FROM session
WHERE site_id = ANY ($1::uuid[]) AND starts_at >= $2 AND starts_at < $3 AND (
    (status = 'closed' AND person_times > 0)
    OR (status = 'published' AND EXISTS (
        SELECT FROM attendance WHERE attendance.session_id = session.session_id AND reverted_at IS NULL)))
"""
COUNT_HELD = f"""
WITH held AS ({HELD})
SELECT site_id, count(*) AS held, count(*) FILTER (WHERE NOT EXISTS (
    SELECT FROM session AS former
    WHERE former.site_id = held.site_id AND former.programme_id = held.programme_id AND former.title = held.title
      AND former.starts_at < $2 AND former.starts_at >= $2 - interval '12 months'
      AND former.status = 'closed' AND former.person_times > 0)) AS new
FROM held GROUP BY site_id
"""
ADD_OUTCOMES = """
INSERT INTO cadence (site_id, rule, first_day, last_day, region, outcome, judged_at)
SELECT site_id, $2, $3, $4, region, outcome, $5
FROM unnest($1::uuid[], $6::text[], $7::text[]) AS judged (site_id, region, outcome)
ON CONFLICT ON CONSTRAINT judged_once DO UPDATE SET outcome = EXCLUDED.outcome, judged_at = EXCLUDED.judged_at
WHERE cadence.outcome = 'unjudged' AND EXCLUDED.outcome <> 'unjudged' RETURNING site_id
"""
LIST_UNJUDGED = """
SELECT site_id, rule, first_day, last_day FROM cadence, holiday_notice
WHERE outcome = 'unjudged' AND holiday_year_id = ANY ($1::uuid[])
  AND year IN (extract(year FROM first_day)::int, extract(year FROM last_day)::int)
ORDER BY first_day, rule, site_id LIMIT $2
"""
LIST_OUTCOMES = """
SELECT site_id, rule, first_day, last_day, outcome FROM cadence
WHERE region >= $1 AND region < $2 AND first_day >= $3 AND first_day <= $4
  AND ($5::text IS NULL OR rule = $5) AND ($6::text IS NULL OR outcome = $6)
ORDER BY first_day DESC, site_id, rule LIMIT $7
"""


async def count_held(
    tx: Transaction, sites: Collection[UUID], since: datetime, until: datetime
) -> dict[UUID, tuple[int, int]]:
    """By site: how many sessions were held in this time, and how many of them were new there."""
    rows = await tx.fetch(COUNT_HELD, list(sites), since, until)
    return {row["site_id"]: (row["held"], row["new"]) for row in rows}


async def add_outcomes(tx: Transaction, rule: str, period: Period, judged: Sequence[tuple[Site, str]]) -> set[UUID]:
    """Keeps how sites did in a period; returns those that had no outcome before."""
    rows = await tx.fetch(
        ADD_OUTCOMES,
        [site.site_id for site, _ in judged],
        rule,
        period.first_day,
        period.last_day,
        tx.now,
        [site.region for site, _ in judged],
        [outcome for _, outcome in judged],
    )
    return {row["site_id"] for row in rows}


async def list_unjudged(tx: Transaction, years: Collection[UUID], most: int) -> dict[tuple[str, Period], list[UUID]]:
    """Sites by rule and period that touch one of these years and wait for its notice of holidays; the oldest first."""
    found: dict[tuple[str, Period], list[UUID]] = {}
    for row in await tx.fetch(LIST_UNJUDGED, list(years), most):
        found.setdefault((row["rule"], Period(row["first_day"], row["last_day"])), []).append(row["site_id"])
    return found


async def list_outcomes(tx: Transaction, query: ListCadence) -> list[RuleOutcome]:
    rows = await tx.fetch(
        LIST_OUTCOMES, *bounds(query.region), query.since, query.until, query.rule, query.outcome, query.limit
    )
    return [RuleOutcome(**dict(row)) for row in rows]
