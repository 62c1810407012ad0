"""What volunteers does when a person is erased, and what it tells of a person for her own copy."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from contracts.envelope import CloudEvent
from contracts.holdings import Holdings
from contracts.registry.v1 import PersonErased
from contracts.volunteers.v1 import HeldByVolunteers, VolunteersRecordsPurged
from services.chassis import Due, Transaction
from services.chassis.holdings import MOST_RECORDS, holdings
from services.chassis.purging import purge_by_schedule
from services.volunteers import volunteers
from services.volunteers.consents.ending import end_volunteering
from services.volunteers.consents.store import list_serving
from services.volunteers.rights import store

purge_by_schedule(volunteers, VolunteersRecordsPurged)

KEEP_AGAIN: Final = "keep-only-the-record-again"
SETTLED: Final = timedelta(minutes=2)
"""What was being decided while the fact was on its way has ended by then, and nobody knows the person any more."""


@volunteers.reacts_to(PersonErased, durable="volunteers-let-go-of-erased")
async def keep_only_what_the_law_keeps(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Hours and certificates stay under the id alone (志愿服务条例 19, Order 67). Memberships, skills, clearances and
    coming shifts go.
    """
    await _keep_only_the_record(tx, [event.data.person_id for event in events])
    for event in events:
        tx.set_timer(KEEP_AGAIN, event.data.person_id, tx.now + SETTLED, tx.because_of(event.id))


@volunteers.when_due(KEEP_AGAIN)
async def keep_again(due: Sequence[Due], tx: Transaction) -> None:
    await _keep_only_the_record(tx, [each.key for each in due])


async def _keep_only_the_record(tx: Transaction, people: Sequence[UUID]) -> None:
    await end_volunteering(tx, people, [each.volunteer_id for each in await list_serving(tx, people)])
    await store.store_only(tx, people)


@volunteers.answers(HeldByVolunteers)
async def tell_what_is_held(query: HeldByVolunteers, tx: Transaction) -> Holdings:
    return holdings(volunteers.name, await store.list_held(tx, query.person_id, MOST_RECORDS + 1))
