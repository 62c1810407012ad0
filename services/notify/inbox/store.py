"""All SQL that reads inboxes and counts notices."""

from uuid import UUID

from contracts.notify.v1 import Channel, InboxEntry, ListTold, NoticeStatus, StatusCount, Told
from contracts.region import bounds
from services.chassis import Transaction

# What was overtaken by a later fact stays in the list, and is new no more.
LIST_ENTRIES = """
SELECT notice_id, template, subject, text, sent_at AS at, status <> 'sent' AS seen FROM notice
WHERE recipient = $1 AND channel = 'inbox' AND sent_at IS NOT NULL AND region >= $2 AND region < $3
  AND ($4::uuid IS NULL OR (sent_at, notice_id) < (SELECT sent_at, notice_id FROM notice WHERE notice_id = $4))
ORDER BY sent_at DESC, notice_id DESC LIMIT $5
"""
COUNT_UNSEEN = """
SELECT count(*) FROM notice
WHERE recipient = $1 AND channel = 'inbox' AND status = 'sent' AND region >= $2 AND region < $3
"""
LOCK_ENTRY = """
SELECT region FROM notice
WHERE notice_id = $1 AND recipient = $2 AND channel = 'inbox' AND sent_at IS NOT NULL FOR UPDATE
"""
SET_SEEN = "UPDATE notice SET status = 'seen' WHERE notice_id = $1 AND status = 'sent'"
COUNT_BY_STATE = """
SELECT channel, status, count(*) FROM notice WHERE region >= $1 AND region < $2 GROUP BY channel, status
UNION ALL
SELECT 'webhook', status, count(*) FROM webhook_delivery WHERE region >= $1 AND region < $2 GROUP BY status
ORDER BY 1, 2
"""
COUNT_OF_SESSION = """
SELECT channel, status, count(*) FROM notice
WHERE session_id = $3 AND region >= $1 AND region < $2 GROUP BY channel, status ORDER BY 1, 2
"""
LIST_TOLD = """
SELECT notice_id, recipient AS person_id, template, channel, status, due_at, sent_at FROM notice
WHERE session_id = $3 AND region >= $1 AND region < $2 AND ($4::text IS NULL OR template = $4)
  AND ($5::uuid IS NULL OR notice_id > $5)
ORDER BY notice_id LIMIT $6
"""


async def list_entries(tx: Transaction, person: UUID, scope: str, before: UUID | None, limit: int) -> list[InboxEntry]:
    """The newest entries of a person in a scope's subtree, older than the entry `before`."""
    rows = await tx.fetch(LIST_ENTRIES, person, *bounds(scope), before, limit)
    return [InboxEntry(**dict(row)) for row in rows]


async def count_unseen(tx: Transaction, person: UUID, scope: str) -> int:
    return int(await tx.value(COUNT_UNSEEN, person, *bounds(scope)))


async def lock_entry(tx: Transaction, id: UUID, person: UUID) -> str | None:
    """The region of a person's inbox entry, its row locked; None when she has no such entry."""
    region: str | None = await tx.value(LOCK_ENTRY, id, person)
    return region


async def set_seen(tx: Transaction, id: UUID) -> None:
    await tx.execute(SET_SEEN, id)


async def count_by_state(tx: Transaction, region: str) -> list[StatusCount]:
    """Notices and webhook deliveries of a region's subtree, by channel and state."""
    rows = await tx.fetch(COUNT_BY_STATE, *bounds(region))
    return [StatusCount(channel=Channel(row[0]), status=NoticeStatus(row[1]), count=row[2]) for row in rows]


async def count_of_session(tx: Transaction, region: str, session_id: UUID) -> list[StatusCount]:
    """Notices about one session, by channel and state."""
    rows = await tx.fetch(COUNT_OF_SESSION, *bounds(region), session_id)
    return [StatusCount(channel=Channel(row[0]), status=NoticeStatus(row[1]), count=row[2]) for row in rows]


async def list_told(tx: Transaction, query: ListTold, scope: str) -> tuple[list[Told], UUID | None]:
    """Notices about a session in the order they were planned, and the last one's id."""
    values = (query.session_id, query.template, query.after, query.limit)
    rows = await tx.fetch(LIST_TOLD, *bounds(scope), *values)
    told = [
        Told(
            person_id=row["person_id"],
            template=row["template"],
            channel=Channel(row["channel"]),
            status=NoticeStatus(row["status"]),
            due_at=row["due_at"],
            sent_at=row["sent_at"],
        )
        for row in rows
    ]
    return told, rows[-1]["notice_id"] if rows else None
