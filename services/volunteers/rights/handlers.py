"""What volunteers does when a person is erased, and what it tells of a person for her own copy."""

from collections.abc import Sequence
from typing import Any

from contracts.envelope import CloudEvent
from contracts.holdings import Holdings
from contracts.registry.v1 import PersonErased
from contracts.volunteers.v1 import HeldByVolunteers
from services.chassis import Transaction
from services.chassis.holdings import MOST_RECORDS, holdings
from services.volunteers import volunteers
from services.volunteers.rights import store


@volunteers.reacts_to(PersonErased, durable="volunteers-let-go-of-erased")
async def keep_only_what_the_law_keeps(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Hours and certificates stay under the id alone (志愿服务条例 19, Order 67); skills and coming shifts go."""
    erased = [event.data.person_id for event in events]
    await store.free_coming_shifts(tx, erased)
    await store.store_only(tx, erased)


@volunteers.answers(HeldByVolunteers)
async def tell_what_is_held(query: HeldByVolunteers, tx: Transaction) -> Holdings:
    return holdings(volunteers.name, await store.list_held(tx, query.person_id, MOST_RECORDS + 1))
