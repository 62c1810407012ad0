"""When a session with children may open: enough adults on duty, all of them cleared (A30). No I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from contracts.activities.v1 import GateReason
from services.activities.sessions.rules import SHANGHAI, Session

LOOKED_AT_FROM: Final = time(8, 0)
"""The day before, when people can be reached and a substitute still be found."""
LOOKED_AT_AGAIN: Final = timedelta(hours=1)
MOST_SUBSTITUTES: Final = 10


@dataclass(frozen=True, slots=True)
class Care:
    """What a programme asks of its sessions."""

    care_id: UUID
    programme_id: UUID
    children_per_adult: int
    least_adults: int
    grace_minutes: int
    version: int

    def due_at(self, session: Session) -> datetime:
        """When a child that nobody has fetched is overdue."""
        return session.ends_at + timedelta(minutes=self.grace_minutes)

    def adults_for(self, children: int) -> int:
        """One adult for so many children begun, never fewer than the least."""
        return max(self.least_adults, -(-children // self.children_per_adult))


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody who took a shift of the session; `cleared_until` is the last day of the best background check."""

    person_id: UUID
    volunteer_id: UUID
    adult: bool
    cleared_until: date | None

    def cleared_on(self, day: date) -> bool:
        return self.cleared_until is not None and self.cleared_until >= day


@dataclass(frozen=True, slots=True)
class Judgement:
    """May a session open: `reason` is missing where it may."""

    reason: GateReason | None
    children: int
    needed: int
    cleared: int
    uncleared: tuple[UUID, ...]


def first_look_at(session: Session) -> datetime:
    """08:00 of the day before: from then on the gate of a session is kept."""
    return datetime.combine(session.day - timedelta(days=1), LOOKED_AT_FROM, SHANGHAI)


def is_kept(session: Session, now: datetime) -> bool:
    """Whether the gate of a session is looked at: from the day before until its end."""
    return first_look_at(session) <= now < session.ends_at


def judge(care: Care, session: Session, children: int, on_duty: Sequence[OnDuty]) -> Judgement:
    """Nobody near children without a check that holds on that day (未成年人保护法 art. 62), and adults enough.

    A missing clearance is the reason even where enough others are cleared: whoever is not may not be there.
    """
    day, needed = session.day, care.adults_for(children)
    uncleared = tuple(sorted({each.person_id for each in on_duty if not each.cleared_on(day)}))
    cleared = len({each.person_id for each in on_duty if each.adult and each.cleared_on(day)})
    if uncleared:
        reason: GateReason | None = GateReason.CLEARANCE_MISSING
    else:
        reason = GateReason.TOO_FEW_ADULTS if cleared < needed else None
    return Judgement(reason, children, needed, cleared, uncleared)
