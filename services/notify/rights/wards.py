"""What notify remembers of who answers for whom: a guardian asks who saw what is kept of her ward (X15)."""

from collections.abc import Sequence
from typing import Any

from contracts.envelope import CloudEvent
from contracts.notify.v1 import ListNotifyAccesses
from contracts.registry.v1 import (
    PersonCorrected,
    PersonErased,
    PersonRegistered,
)
from services.chassis import Transaction
from services.chassis.accesses import answer_accesses
from services.notify import notify
from services.notify.rights import store

answer_accesses(notify, ListNotifyAccesses, store.find_guardian)


@notify.reacts_to(PersonRegistered, PersonCorrected, PersonErased, durable="notify-wards")
async def remember_wards(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """The last word about each person counts, in whatever order it is heard; who was erased is nobody's ward."""
    for event in sorted(events, key=lambda each: (each.data.person_id, each.epoch, each.aggversion)):
        known = None if isinstance(event.data, PersonErased) or not event.data.age_band.is_minor else event.data
        guardian = known.guardian_id if known else None
        await store.set_guardian(tx, event.data.person_id, guardian, event.epoch, event.aggversion)
