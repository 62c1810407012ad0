"""Check-ins of one batch, decided one after the other, so that each meets those before it. No I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.refusals import Refusal
from contracts.volunteers.v1 import CheckInVolunteer
from services.volunteers.stints import rules
from services.volunteers.stints.rules import Place, Stint


@dataclass(slots=True)
class Arrivals:
    """What is known when a batch of check-ins comes: regions of the shifts, places taken, ids used, and stints of
    the same persons; the last two grow with each check-in that is admitted."""

    regions: Mapping[UUID, str]
    places: Mapping[tuple[UUID, UUID], Place]
    used: set[UUID]
    stints: list[Stint]

    def admit(self, command: CheckInVolunteer, by: str, now: datetime) -> Stint | Refusal:
        """Opens a stint. Refusals: unknown-shift, not-assigned, and those of `rules.may_open`."""
        if command.shift_id not in self.regions:
            return Refusal("unknown-shift", shift_id=str(command.shift_id))
        place = self.places.get((command.shift_id, command.volunteer_id))
        if place is None:
            return Refusal("not-assigned")
        others = [
            stint
            for stint in self.stints
            if stint.person_id == place.person_id
            and (stint.checked_out_at is None or stint.checked_out_at > command.occurred_at)
        ]
        refusal = rules.may_open(command, place, command.stint_id in self.used, others, now)
        if refusal:
            return refusal
        stint = rules.opened(command, place, by)
        self.used.add(stint.stint_id)
        self.stints.append(stint)
        return stint
