"""What activities does when a calendar is made, read or revoked, and when the public looks for sessions."""

from typing import Final

from contracts.activities.v1 import (
    Calendar,
    CalendarKind,
    CalendarState,
    CreateFeed,
    GetPublicSeries,
    GetPublicSession,
    ListSeriesChanges,
    ListSessionChanges,
    PublicSeries,
    PublicSession,
    ReadFeed,
    RevokeFeed,
    SeriesChanges,
    SessionChanges,
    SessionStatus,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.feeds import rules, store
from services.chassis import Transaction
from services.chassis.access import decide

MOST_ENTRIES: Final = 1_000
SEEN: Final = (SessionStatus.PUBLISHED, SessionStatus.CLOSED, SessionStatus.CANCELLED)


@activities.decides(CreateFeed)
async def create_feed(command: CreateFeed, tx: Transaction) -> CalendarState | Refusal:
    if await store.feed_taken(tx, command):
        return Refusal("feed-exists", feed_id=str(command.feed_id))
    if command.kind is CalendarKind.SITE and await store.find_site(tx, command.topic_id) is None:
        return Refusal("unknown-site", site_id=str(command.topic_id))
    if command.kind is CalendarKind.PERSON and not await store.is_person(tx, command.topic_id):
        return Refusal("unknown-person", person_id=str(command.topic_id))
    await store.add_feed(tx, command, tx.actor.region)
    return CalendarState(feed_id=command.feed_id, kind=command.kind, topic_id=command.topic_id, revoked=False)


@activities.decides(RevokeFeed)
async def revoke_feed(command: RevokeFeed, tx: Transaction) -> CalendarState | Refusal:
    feed = await store.lock_feed(tx, command.feed_id)
    if feed is None:
        return Refusal("unknown-feed")
    denied = decide(tx.actor, command.contract.permission, feed["region"])
    if denied:
        return denied
    if feed["revoked_at"] is None:
        await store.revoke_feed(tx, command.feed_id)
    return store.state_of(feed, revoked=True)


@activities.answers(ReadFeed)
async def read_feed(query: ReadFeed, tx: Transaction) -> Calendar | Refusal:
    feed = await store.find_feed(tx, query.token_hash)
    if feed is None:
        return Refusal("unknown-feed")
    kind = CalendarKind(feed["kind"])
    site = await store.find_site(tx, feed["topic_id"]) if kind is CalendarKind.SITE else None
    entries = await store.list_entries(tx, feed, MOST_ENTRIES)
    # What she enrols in or gives back changes hers without any session's change: by date it is always new.
    changed = [tx.now] if kind is CalendarKind.PERSON else [entry.changed_at for entry in entries]
    return Calendar(
        name=site["name"] if site else rules.NAMES[kind],
        changed_at=max(changed, default=feed["created_at"]),
        entries=tuple(entries),
    )


@activities.answers(GetPublicSession)
async def get_public_session(query: GetPublicSession, tx: Transaction) -> PublicSession | Refusal:
    session = await store.find_public(tx, query.session_id)
    if session is None or session.status not in SEEN:
        return Refusal("unknown-session", session_id=str(query.session_id))
    return session


@activities.answers(ListSessionChanges)
async def list_session_changes(query: ListSessionChanges, tx: Transaction) -> SessionChanges:
    return SessionChanges(items=tuple(await store.list_changes(tx, query)))


@activities.answers(GetPublicSeries)
async def get_public_series(query: GetPublicSeries, tx: Transaction) -> PublicSeries | Refusal:
    found = await store.find_series(tx, [query.series_id])
    return found.get(query.series_id) or Refusal("unknown-series", series_id=str(query.series_id))


@activities.answers(ListSeriesChanges)
async def list_series_changes(query: ListSeriesChanges, tx: Transaction) -> SeriesChanges:
    return SeriesChanges(items=tuple(await store.list_series_changes(tx, query)))
