"""What activities remembers of registry's facts: sites, and of people no more than enrolment asks."""

from collections.abc import Sequence
from typing import Any

from contracts.envelope import CloudEvent
from contracts.registry.v1 import (
    ConsentGiven,
    ConsentPurpose,
    ConsentWithdrawn,
    PersonCorrected,
    PersonErased,
    PersonRegistered,
    PersonRestricted,
    RestrictionLifted,
    SiteClosed,
    SiteOpened,
)
from services.activities import activities, store
from services.activities.cadence.handlers import watch
from services.activities.consents.handlers import end_what_rested_on_consent, remember_photos
from services.activities.consents.rules import last_words
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


@activities.remembers(
    PersonRegistered,
    PersonCorrected,
    PersonRestricted,
    RestrictionLifted,
    PersonErased,
    ConsentGiven,
    ConsentWithdrawn,
    durable="activities-people",
    tables=("person",),
    then=end_what_rested_on_consent,
)
async def remember_people(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Age band, guardian, whether taking part and photos are agreed to, and whether all that is restricted.

    The last word of each kind counts; of whoever was erased nothing is left.
    """
    facts = [event.data for event in events]
    await store.add_people(tx, [fact for fact in facts if isinstance(fact, PersonRegistered)])
    await store.correct_people(tx, {fact.person_id: fact for fact in facts if isinstance(fact, PersonCorrected)})
    restricted = {
        fact.person_id: isinstance(fact, PersonRestricted)
        for fact in facts
        if isinstance(fact, PersonRestricted | RestrictionLifted)
    }
    await store.set_restricted(tx, restricted)
    await store.set_consents(tx, last_words(events, ConsentPurpose.ACTIVITIES))
    await remember_photos(events, tx)
    await store.forget_people(tx, [fact.person_id for fact in facts if isinstance(fact, PersonErased)])
