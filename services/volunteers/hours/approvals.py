"""Approvals of one batch, decided one after the other, so that the daily cap holds inside it. No I/O, no clock."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from contracts.refusals import Refusal
from contracts.volunteers.v1 import ApproveHours, StintStatus
from services.volunteers.fields import wrong
from services.volunteers.hours import rules
from services.volunteers.hours.rules import Entry
from services.volunteers.stints.rules import Stint


@dataclass(slots=True)
class Approvals:
    """What is known when a batch of approvals comes: the stints, the ids used, and the minutes that each person has
    on a service date; all of them move on with each approval that is admitted."""

    stints: dict[UUID, Stint]
    used: set[UUID]
    days: dict[tuple[UUID, date], int]

    def admit(self, command: ApproveHours, approver: str) -> Entry | Refusal:
        """The line to add to the ledger. Refusals: unknown-stint, and those of `rules.may_credit`."""
        stint = self.stints.get(command.stint_id)
        if stint is None:
            return Refusal("unknown-stint", stint_id=str(command.stint_id))
        day = stint.person_id, stint.service_date
        refusal = rules.may_credit(stint, approver, self.days.get(day, 0))
        if refusal:
            return refusal
        if command.entry_id in self.used:
            return wrong("entry_id", "already_used")
        entry = rules.credit(stint, command.entry_id, approver)
        self.stints[stint.stint_id] = replace(stint, status=StintStatus.CREDITED)
        self.used.add(entry.entry_id)
        self.days[day] = self.days.get(day, 0) + entry.minutes
        return entry
