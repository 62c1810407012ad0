"""What ends when a consent does. No I/O, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from contracts.envelope import CloudEvent
from contracts.registry.v1 import ConsentGiven, ConsentPurpose, ConsentWithdrawn
from services.activities.enrolment.eligibility import Person

EFFECTS: Final[Mapping[str, tuple[str, ...]]] = {
    ConsentPurpose.ACTIVITIES: ("enrolments-withdrawn", "health-notes-erased"),
    ConsentPurpose.PHOTOS: ("photo-mark-cleared",),
}
"""The purposes that mean something here, and what the end of each brings about."""
LOOK_AGAIN: Final = timedelta(seconds=30)
"""A sign-up that read the consent before it ended is decided by then: no handler takes longer than 10 s."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A consent that ended; `withdrawal_id` is the event that said so, `region` the person's own."""

    withdrawal_id: UUID
    person_id: UUID
    purpose: str
    region: str
    at: datetime
    version: int = 1


def last_words(events: Iterable[CloudEvent[Any]], purpose: ConsentPurpose) -> dict[UUID, bool]:
    """Whether each person agrees to a purpose after these events; whoever they say nothing of is left out."""
    return {
        event.data.person_id: isinstance(event.data, ConsentGiven)
        for event in events
        if isinstance(event.data, (ConsentGiven, ConsentWithdrawn)) and event.data.purpose is purpose
    }


def withdrawn(events: Sequence[CloudEvent[Any]], now: datetime) -> list[Withdrawal]:
    """The consents that ended with these events and were not given again by them."""
    found = {
        (event.data.person_id, event.data.purpose.value): Withdrawal(
            event.id, event.data.person_id, event.data.purpose.value, event.region, now
        )
        for event in events
        if isinstance(event.data, ConsentWithdrawn) and event.data.purpose in EFFECTS
    }
    if not found:
        return []
    agreed = {purpose.value: last_words(events, purpose) for purpose in ConsentPurpose if purpose in EFFECTS}
    return [each for each in found.values() if not agreed[each.purpose][each.person_id]]


def needs_consent(person: Person) -> bool:
    """Whether taking part without consent is unlawful: that of a child under 14 (PIPL 31)."""
    return person.age_band.is_under_14
