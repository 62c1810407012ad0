"""When a stint may begin and end, and how many minutes it is. No I/O, no clock."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.refusals import Refusal
from contracts.volunteers.v1 import CheckInVolunteer, Grade, StintState, StintStatus
from services.chassis.clock import SHANGHAI, day_of
from services.volunteers.fields import wrong

RULE: Final = "hours-1"
EARLIEST: Final = timedelta(minutes=60)
GRACE: Final = timedelta(minutes=30)
CLOCK_SKEW: Final = timedelta(minutes=5)
LATEST_RECORD: Final = timedelta(hours=24)
MINUTE: Final = timedelta(minutes=1)
RECORDED_ON_THE_SPOT: Final = frozenset({Grade.DEVICE_VERIFIED, Grade.WITNESSED})


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a volunteer took in a shift; `unit_id` (which records the service) and `region` are the team's."""

    volunteer_id: UUID
    person_id: UUID
    unit_id: UUID
    region: str
    shift_id: UUID
    starts_at: datetime
    ends_at: datetime
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Stint:
    """One person's service from a check-in to a check-out. `opened_by` and `closed_by` are who recorded them."""

    stint_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    person_id: UUID
    unit_id: UUID
    region: str
    shift_starts_at: datetime
    shift_ends_at: datetime
    status: StintStatus
    grade: Grade
    checked_in_at: datetime
    checked_out_at: datetime | None
    service_date: date
    minutes: int | None
    opened_by: str
    closed_by: str | None
    version: int


def state_of(stint: Stint) -> StintState:
    """What is told of a stint."""
    return StintState.model_validate(asdict(stint))


def minutes_served(stint: Stint, until: datetime) -> int:
    """Rule `hours-1`, the time actually given (Order 67 article 7): whole minutes, rounded down.

    Counted from the check-in, but not before the shift's start, to `until`, but not beyond the shift's end plus
    30 minutes (V25). Waiting before the shift and travel do not count.
    """
    begin = max(stint.checked_in_at, stint.shift_starts_at)
    end = min(until, stint.shift_ends_at + GRACE)
    return max(0, (end - begin) // MINUTE)


def may_open(
    command: CheckInVolunteer, place: Place, id_used: bool, others: Sequence[Stint], now: datetime
) -> Refusal | None:
    """A check-in from 60 minutes before the shift to its end, of somebody who is nowhere else (V14).

    `others` are stints of the same person that are open or ended after this check-in, in whatever team. A device's
    clock may be 5 minutes ahead; what is told more than 24 hours later is a back-fill, which needs evidence (V18)
    and is no check-in. Refusals: stint-exists, too-early, shift-over, already-open, stint-overlaps.
    """
    if id_used:
        return Refusal("stint-exists", stint_id=str(command.stint_id))
    if command.grade not in RECORDED_ON_THE_SPOT:
        return wrong("grade", "needs_evidence")
    at = command.occurred_at
    if at > now + CLOCK_SKEW or at < place.starts_at - EARLIEST:
        earliest = max(place.starts_at - EARLIEST, at - CLOCK_SKEW)
        return Refusal("too-early", from_time=earliest.astimezone(SHANGHAI).isoformat())
    if place.cancelled or at >= place.ends_at or at < now - LATEST_RECORD:
        return Refusal("shift-over")
    for other in others:
        if other.checked_out_at is None:
            return Refusal("already-open", stint_id=str(other.stint_id))
    return Refusal("stint-overlaps") if others else None


def opened(command: CheckInVolunteer, place: Place, by: str) -> Stint:
    """The stint of an accepted check-in. Its service date is the day on which its minutes begin to count."""
    return Stint(
        stint_id=command.stint_id,
        shift_id=place.shift_id,
        volunteer_id=place.volunteer_id,
        person_id=place.person_id,
        unit_id=place.unit_id,
        region=place.region,
        shift_starts_at=place.starts_at,
        shift_ends_at=place.ends_at,
        status=StintStatus.OPEN,
        grade=command.grade,
        checked_in_at=command.occurred_at,
        checked_out_at=None,
        service_date=day_of(max(command.occurred_at, place.starts_at)),
        minutes=None,
        opened_by=by,
        closed_by=None,
        version=1,
    )


def forgotten_at(stint: Stint, now: datetime) -> datetime:
    """When the rule closes it: 30 minutes after the shift, or after a check-in that was told later than that."""
    return max(stint.shift_ends_at, now) + GRACE


def may_close(stint: Stint, at: datetime, now: datetime) -> Refusal | None:
    """A check-out after the check-in and not in the future. Refusals: stint-closed, times-reversed."""
    if stint.status is not StintStatus.OPEN:
        return Refusal("stint-closed")
    if at < stint.checked_in_at:
        return Refusal("times-reversed")
    if at > now + CLOCK_SKEW:
        return wrong("occurred_at", "in_the_future")
    return None


def closed(stint: Stint, at: datetime, by: str) -> Stint:
    """The stint after a check-out."""
    return replace(
        stint,
        status=StintStatus.CLOSED,
        checked_out_at=at,
        minutes=minutes_served(stint, at),
        closed_by=by,
        version=stint.version + 1,
    )


def closed_by_rule(stint: Stint, by: str) -> Stint:
    """The stint after a forgotten exit: it counts to the shift's end, and says that the rule closed it (V14)."""
    return replace(closed(stint, stint.shift_ends_at, by), status=StintStatus.AUTO_CLOSED)
