"""Whose consent to volunteering ended, and what ends with it. No I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from contracts.envelope import CloudEvent
from contracts.registry.v1 import ConsentGiven, ConsentPurpose, ConsentWithdrawn
from services.volunteers.roster.rules import Person

EFFECTS: Final = ("shifts-released", "memberships-ended")
LOOK_AGAIN: Final = timedelta(seconds=30)
"""Who was joining or taking a shift while the consent ended has done so by then: no handler takes longer than 10 s."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A person in a team who still serves; `version` counts the membership's facts."""

    volunteer_id: UUID
    person_id: UUID
    team_id: UUID
    region: str
    version: int


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A consent that ended; `withdrawal_id` is the event that said so. What it ended so far is listed."""

    withdrawal_id: UUID
    person_id: UUID
    region: str
    at: datetime
    assignments: tuple[UUID, ...] = ()
    memberships: tuple[UUID, ...] = ()
    version: int = 1

    def with_effects(self, assignments: Sequence[UUID], memberships: Sequence[UUID], version: int) -> "Withdrawal":
        return replace(
            self,
            assignments=(*self.assignments, *assignments),
            memberships=(*self.memberships, *memberships),
            version=version,
        )


def withdrawn(events: Sequence[CloudEvent[Any]], now: datetime) -> list[Withdrawal]:
    """The consents to volunteering that ended with these events and were not given again by them."""
    last: dict[UUID, CloudEvent[Any]] = {
        event.data.person_id: event
        for event in events
        if isinstance(event.data, ConsentGiven | ConsentWithdrawn) and event.data.purpose is ConsentPurpose.VOLUNTEERING
    }
    return [
        Withdrawal(event.id, person_id, event.region, now)
        for person_id, event in last.items()
        if isinstance(event.data, ConsentWithdrawn)
    ]


def joined_unlawfully(person: Person | None, registered_at: datetime, at: datetime) -> bool:
    """Whether a membership that turned up after its consent ended at `at` must end as well.

    One that was being made at that moment does; a later one is a new act of her own, unless she is a minor, whose
    guardian must consent (PIPL 31, V28). Who consented again meanwhile stays.
    """
    if person is None or person.agreed_to_volunteering:
        return False
    return registered_at <= at or person.age_band.is_minor
