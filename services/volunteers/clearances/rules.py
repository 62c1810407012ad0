"""Which clearance may be recorded, and until when it holds (V4). No I/O, no clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from contracts.refusals import Refusal
from contracts.volunteers.v1 import ClearanceKind, ClearanceState, RecordClearance
from services.chassis.clock import SHANGHAI

MONTHS: Final = 12
"""未成年人保护法 art. 62: units in close contact with minors inquire at hiring and every year."""


@dataclass(frozen=True, slots=True)
class Clearance:
    """What a volunteer has proven; `person_id` is hers, `region` her team's."""

    clearance_id: UUID
    volunteer_id: UUID
    person_id: UUID
    kind: ClearanceKind
    valid_until: date
    ended_at: datetime | None
    version: int
    region: str


def may_record(command: RecordClearance, known: bool, person_id: UUID, actor: str, today: date) -> Refusal | None:
    """Made by today, holding today, at most 12 months from the check; by somebody else.

    Refusals: clears-oneself, clearance-exists, clearance-times-wrong.
    """
    if str(person_id) == actor:
        return Refusal("clears-oneself")
    if known:
        return Refusal("clearance-exists", clearance_id=str(command.clearance_id))
    if command.checked_on > today or not today <= command.valid_until <= a_year_after(command.checked_on):
        return Refusal("clearance-times-wrong")
    return None


def may_withdraw(clearance: Clearance, actor: str) -> Refusal | None:
    """Refusals: clears-oneself, clearance-ended."""
    if str(clearance.person_id) == actor:
        return Refusal("clears-oneself")
    return Refusal("clearance-ended") if clearance.ended_at else None


def has_lapsed(clearance: Clearance, today: date) -> bool:
    """Its last day is over, and nobody ended it before."""
    return clearance.ended_at is None and clearance.valid_until < today


def a_year_after(day: date) -> date:
    """The same day of the next year; of 29 February the 28th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def over_at(valid_until: date) -> datetime:
    """The last day is over: midnight in Shanghai."""
    return datetime.combine(valid_until + timedelta(days=1), time(), SHANGHAI)


def state_of(clearance: Clearance) -> ClearanceState:
    return ClearanceState(
        clearance_id=clearance.clearance_id,
        volunteer_id=clearance.volunteer_id,
        kind=clearance.kind,
        valid_until=clearance.valid_until,
        ended=clearance.ended_at is not None,
        version=clearance.version,
    )
