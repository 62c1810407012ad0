"""What activities remembers of registry's facts: sites, and of people no more than enrolment asks."""

from collections.abc import Sequence
from typing import Any

from contracts.envelope import CloudEvent
from contracts.registry.v1 import (
    ConsentGiven,
    ConsentPurpose,
    ConsentWithdrawn,
    PersonRegistered,
    SiteClosed,
    SiteOpened,
)
from services.activities import activities, store
from services.activities.cadence.handlers import watch
from services.chassis import Transaction


async def watch_their_cadence(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    watch(tx, [event.data.site_id for event in events if isinstance(event.data, SiteOpened)])


@activities.remembers(SiteOpened, SiteClosed, durable="activities-sites", tables=("site",), then=watch_their_cadence)
async def remember_sites(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Sites with their rooms and opening hours; in a closed one nothing more is planned."""
    for event in events:
        if isinstance(event.data, SiteOpened):
            await store.add_site(tx, event.data, event.region)
        else:
            await store.close_site(tx, event.data.site_id)


@activities.remembers(PersonRegistered, ConsentGiven, ConsentWithdrawn, durable="activities-people", tables=("person",))
async def remember_people(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Age band, guardian, and whether taking part in activities is agreed to; the last word on consent counts."""
    facts = [event.data for event in events]
    await store.add_people(tx, [fact for fact in facts if isinstance(fact, PersonRegistered)])
    consents = {
        fact.person_id: isinstance(fact, ConsentGiven)
        for fact in facts
        if isinstance(fact, ConsentGiven | ConsentWithdrawn) and fact.purpose is ConsentPurpose.ACTIVITIES
    }
    await store.set_consents(tx, consents)
