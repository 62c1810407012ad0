"""All SQL about feeds: calendars, and sessions in the order of their changes."""

from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import (
    CalendarKind,
    CalendarState,
    CreateFeed,
    FeedEntry,
    FeedState,
    ListSeriesChanges,
    ListSessionChanges,
    PublicSeries,
    PublicSession,
    SeriesNews,
    SessionChange,
)
from contracts.region import bounds
from services.activities.feeds import rules
from services.chassis import Transaction

# While sites are read anew from registry's facts, a session does not vanish from the feed: it goes by its programme.
FIND_PUBLIC = """
SELECT session_id, series_id, title, programme.name AS programme, coalesce(site.name, programme.name) AS place,
       session.site_id, session.unit_id, session.region, starts_at, ends_at, capacity,
       capacity - seats_taken AS seats_free, audience, status, version, mode, programme_id
FROM session JOIN programme USING (programme_id) LEFT JOIN site ON site.site_id = session.site_id
WHERE session_id = ANY ($1::uuid[])
"""
# What a transaction that still runs, or any later one, changes has a number from its on: nothing comes in behind.
LIST_CHANGES = """
SELECT session_id, changed FROM session_change
WHERE (changed, session_id) > ($1, $2) AND changed < (SELECT in_epoch(pg_snapshot_xmin(pg_current_snapshot())))
ORDER BY changed, session_id LIMIT $3
"""
# A series stands at its session that changed last. One that changes while this is read comes later, with that number.
# A term planned at once leaves tens of thousands of changes that are no series' last: a page looks at some of them.
LIST_SERIES_CHANGES = """
WITH next AS MATERIALIZED (
    SELECT series_id, changed FROM session_change
    WHERE (changed, series_id) > ($1, $2) AND changed < (SELECT in_epoch(pg_snapshot_xmin(pg_current_snapshot())))
    ORDER BY changed, series_id LIMIT $3)
SELECT DISTINCT series_id, changed, NOT EXISTS (
    SELECT FROM session_change AS later WHERE later.series_id = next.series_id AND later.changed > next.changed) AS last
FROM next ORDER BY changed, series_id
"""
LOOKED_AT = 2_000
# The next session that is held, else the next one called off.
FIND_NEAREST = """
SELECT asked.series_id, nearest.session_id, recurrence, first_day, last_day
FROM unnest($1::uuid[]) AS asked (series_id) CROSS JOIN LATERAL (
    SELECT session_id FROM (
        SELECT session_id, status, starts_at, ends_at FROM session WHERE series_id = asked.series_id
        UNION ALL
        SELECT session_id, status, starts_at, ends_at FROM session
        WHERE session_id = asked.series_id AND series_id IS NULL) AS part
    WHERE status IN ('published', 'cancelled')
    ORDER BY status = 'cancelled', ends_at <= $2, starts_at LIMIT 1) AS nearest
LEFT JOIN series ON series.series_id = asked.series_id
"""
ADD_FEED = """
INSERT INTO calendar_feed (feed_id, token_hash, kind, topic_id, created_by, created_at, region)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
LOCK_FEED = "SELECT feed_id, kind, topic_id, region, revoked_at FROM calendar_feed WHERE feed_id = $1 FOR UPDATE"
FEED_TAKEN = "SELECT EXISTS (SELECT FROM calendar_feed WHERE feed_id = $1 OR token_hash = $2)"
REVOKE_FEED = "UPDATE calendar_feed SET revoked_at = $2 WHERE feed_id = $1"
FIND_FEED = """
SELECT kind, topic_id, region, created_at FROM calendar_feed WHERE token_hash = $1 AND revoked_at IS NULL
"""
FIND_SITE = "SELECT name, region FROM site WHERE site_id = $1"
IS_PERSON = "SELECT EXISTS (SELECT FROM person WHERE person_id = $1)"
# A person's sessions: those with a seat, and those called off in which she had one.
LIST_ENTRIES = """
SELECT session_id, title, site.name AS place, starts_at, ends_at, status = 'cancelled' AS cancelled,
       version AS sequence, changed_at
FROM session JOIN site ON site.site_id = session.site_id JOIN session_change USING (session_id)
WHERE status IN ('published', 'closed', 'cancelled') AND starts_at >= $4
  AND session.region >= $2 AND session.region < $3
  AND CASE $5 WHEN 'site' THEN session.site_id = $1 WHEN 'unit' THEN session.unit_id = $1
      ELSE EXISTS (SELECT FROM participant JOIN enrolment USING (enrolment_id, session_id)
                   WHERE participant.session_id = session.session_id AND person_id = $1
                     AND enrolment.status = 'confirmed')
        OR status = 'cancelled' AND EXISTS (SELECT FROM enrolment WHERE enrolment.session_id = session.session_id
                                              AND enrolment.status = 'cancelled' AND $1 = ANY (people)) END
ORDER BY starts_at DESC, session_id LIMIT $6
"""


async def find_public(tx: Transaction, session_id: UUID) -> PublicSession | None:
    return (await _find_public(tx, [session_id])).get(session_id)


async def list_changes(tx: Transaction, query: ListSessionChanges) -> list[SessionChange]:
    """The next changes, with the sessions as they are now."""
    rows = await tx.fetch(LIST_CHANGES, query.after_modified, query.after_id, query.limit)
    sessions = await _find_public(tx, [row["session_id"] for row in rows])
    return [_change(row, sessions.get(row["session_id"])) for row in rows]


async def find_series(tx: Transaction, ids: list[UUID]) -> dict[UUID, PublicSeries]:
    """Those of which a session is shown."""
    rows = await tx.fetch(FIND_NEAREST, ids, tx.now)
    sessions = await _find_public(tx, [row["session_id"] for row in rows])
    return {
        row["series_id"]: PublicSeries(
            series_id=row["series_id"],
            session=sessions[row["session_id"]],
            recurrence=row["recurrence"],
            first_day=row["first_day"],
            last_day=row["last_day"],
        )
        for row in rows
    }


async def list_series_changes(tx: Transaction, query: ListSeriesChanges) -> list[SeriesNews]:
    """The next changes, with the series as they are now.

    Where none of those looked at is the last of its series, one of them is told all the same: a page that is not the
    end is never empty, and that series comes again.
    """
    looked_at = await tx.fetch(LIST_SERIES_CHANGES, query.after_modified, query.after_id, LOOKED_AT)
    rows = [row for row in looked_at if row["last"]][: query.limit] or looked_at[-1:]
    found = await find_series(tx, [row["series_id"] for row in rows])
    return [_series_change(row["series_id"], row["changed"], found.get(row["series_id"])) for row in rows]


def _series_change(series_id: UUID, changed: int, series: PublicSeries | None) -> SeriesNews:
    state = FeedState.UPDATED if series else FeedState.DELETED
    return SeriesNews(id=series_id, modified=changed, state=state, series=series)


def _change(row: Record, session: PublicSession | None) -> SessionChange:
    shown = session if session is not None and rules.is_open(session.status) else None
    state = FeedState.UPDATED if shown else FeedState.DELETED
    return SessionChange(id=row["session_id"], modified=row["changed"], state=state, session=shown)


async def _find_public(tx: Transaction, ids: list[UUID]) -> dict[UUID, PublicSession]:
    return {row["session_id"]: PublicSession.model_validate(dict(row)) for row in await tx.fetch(FIND_PUBLIC, ids)}


async def feed_taken(tx: Transaction, feed: CreateFeed) -> bool:
    """Whether the id, or the token, is that of another calendar."""
    return bool(await tx.value(FEED_TAKEN, feed.feed_id, feed.token_hash))


async def add_feed(tx: Transaction, feed: CreateFeed, region: str) -> None:
    await tx.execute(
        ADD_FEED, feed.feed_id, feed.token_hash, feed.kind.value, feed.topic_id, tx.actor.id, tx.now, region
    )


async def lock_feed(tx: Transaction, feed_id: UUID) -> Record | None:
    """kind, topic_id, region, revoked_at."""
    return await tx.find(LOCK_FEED, feed_id)


async def revoke_feed(tx: Transaction, feed_id: UUID) -> None:
    await tx.execute(REVOKE_FEED, feed_id, tx.now)


async def find_feed(tx: Transaction, token_hash: str) -> Record | None:
    """kind, topic_id, region, created_at of a calendar that was not revoked."""
    return await tx.find(FIND_FEED, token_hash)


async def find_site(tx: Transaction, site_id: UUID) -> Record | None:
    """name, region."""
    return await tx.find(FIND_SITE, site_id)


async def is_person(tx: Transaction, person_id: UUID) -> bool:
    return bool(await tx.value(IS_PERSON, person_id))


async def list_entries(tx: Transaction, feed: Record, most: int) -> list[FeedEntry]:
    """The sessions of a calendar, the newest first."""
    rows = await tx.fetch(
        LIST_ENTRIES,
        *(feed["topic_id"], *bounds(feed["region"])),
        *(tx.now - rules.SHOWN_FOR, feed["kind"], most),
    )
    return [FeedEntry(**dict(row)) for row in rows]


def state_of(feed: Record, revoked: bool) -> CalendarState:
    return CalendarState(
        feed_id=feed["feed_id"], kind=CalendarKind(feed["kind"]), topic_id=feed["topic_id"], revoked=revoked
    )
