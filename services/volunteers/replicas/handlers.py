"""What volunteers remembers of others' facts. Every fact of an aggregate is named, or the order gate would wait."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.activities.v1 import (
    SessionAmended,
    SessionBlocked,
    SessionCancelled,
    SessionClosed,
    SessionMoved,
    SessionScheduled,
    SessionUnblocked,
)
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
from services.chassis import Transaction
from services.volunteers import volunteers
from services.volunteers.consents.handlers import end_what_rested_on_consent
from services.volunteers.replicas import store
from services.volunteers.shifts.store import cancel_shifts

Events = Sequence[CloudEvent[Any]]


@volunteers.remembers(SiteOpened, SiteClosed, durable="volunteers-sites", tables=("site",))
async def remember_sites(events: Events, tx: Transaction) -> None:
    opened = [event for event in events if isinstance(event.data, SiteOpened)]
    await store.add_sites(tx, [(event.data.site_id, event.data.unit_id, event.region) for event in opened])
    await store.close_sites(tx, [event.data.site_id for event in events if isinstance(event.data, SiteClosed)])


@volunteers.remembers(
    PersonRegistered,
    PersonCorrected,
    PersonRestricted,
    RestrictionLifted,
    PersonErased,
    ConsentGiven,
    ConsentWithdrawn,
    durable="volunteers-people",
    tables=("person",),
    then=end_what_rested_on_consent,
)
async def remember_people(events: Events, tx: Transaction) -> None:
    """Age band, guardian, consent to volunteering, restriction; of the steps in one batch the last of each counts."""
    facts = [event.data for event in events]
    people = [fact for fact in facts if isinstance(fact, PersonRegistered)]
    corrected = {
        fact.person_id: (fact.age_band, fact.guardian_id) for fact in facts if isinstance(fact, PersonCorrected)
    }
    restricted = {
        fact.person_id: isinstance(fact, PersonRestricted)
        for fact in facts
        if isinstance(fact, PersonRestricted | RestrictionLifted)
    }
    agreed = {
        fact.person_id: isinstance(fact, ConsentGiven)
        for fact in facts
        if isinstance(fact, ConsentGiven | ConsentWithdrawn) and fact.purpose is ConsentPurpose.VOLUNTEERING
    }
    await store.add_people(tx, {person.person_id: (person.age_band, person.guardian_id) for person in people})
    await store.set_agreed(tx, agreed)
    await store.correct_people(tx, corrected)
    await store.set_restricted(tx, restricted)
    await store.forget_people(tx, [fact.person_id for fact in facts if isinstance(fact, PersonErased)])


async def cancel_their_shifts(events: Events, tx: Transaction) -> None:
    """The shifts of a cancelled session take nobody more, and those who took one are free at that time."""
    await cancel_shifts(tx, cancelled_of(events))


@volunteers.remembers(
    SessionScheduled,
    SessionAmended,
    SessionMoved,
    SessionCancelled,
    SessionClosed,
    SessionBlocked,
    SessionUnblocked,
    durable="volunteers-sessions",
    tables=("session",),
    then=cancel_their_shifts,
)
async def remember_sessions(events: Events, tx: Transaction) -> None:
    scheduled = [event.data.session_id for event in events if isinstance(event.data, SessionScheduled)]
    await store.add_sessions(tx, scheduled)
    await store.cancel_sessions(tx, cancelled_of(events))


def cancelled_of(events: Events) -> list[UUID]:
    return [event.data.session_id for event in events if isinstance(event.data, SessionCancelled)]
