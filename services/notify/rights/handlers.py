"""What notify does when a person wants no messages, or is erased; and what it tells of her for her own copy."""

from collections.abc import Sequence
from typing import Any

from contracts.envelope import CloudEvent
from contracts.holdings import Holdings
from contracts.notify.v1 import HeldByNotify, NoticeCancelled, NotifyRecordsPurged
from contracts.registry.v1 import PersonErased, PersonRestricted, RestrictionLifted
from services.chassis import Transaction
from services.chassis.holdings import MOST_RECORDS, holdings
from services.chassis.purging import purge_by_schedule
from services.notify import notify
from services.notify.notices.saying import say
from services.notify.rights import store

purge_by_schedule(notify, NotifyRecordsPurged)


@notify.reacts_to(PersonRestricted, RestrictionLifted, PersonErased, durable="notify-silence")
async def silence(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Nobody writes to her from now on: what waits is cancelled. Of whoever was erased no notice is left at all."""
    for event in sorted(events, key=lambda each: (each.data.person_id, each.epoch, each.aggversion)):
        await store.remember(tx, event.data.person_id, _state(event.data), event.epoch, event.aggversion)
    quiet = [event.data.person_id for event in events if not isinstance(event.data, RestrictionLifted)]
    for notice in await store.cancel_waiting(tx, quiet):
        say(NoticeCancelled, notice, tx)
    await store.remove(tx, [event.data.person_id for event in events if isinstance(event.data, PersonErased)])


def _state(fact: PersonRestricted | RestrictionLifted | PersonErased) -> str:
    if isinstance(fact, PersonErased):
        return "erased"
    return "restricted" if isinstance(fact, PersonRestricted) else "free"


@notify.answers(HeldByNotify)
async def tell_what_is_held(query: HeldByNotify, tx: Transaction) -> Holdings:
    return holdings(notify.name, await store.list_held(tx, query.person_id, MOST_RECORDS + 1))
