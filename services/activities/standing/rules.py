"""When somebody who enrols and stays away is suspended by a host, and who decides on an appeal. No I/O, no clock.

Feature A14: it lapses, expires, can be appealed, and never touches hours: nothing of it leaves for volunteers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.activities.v1 import AppealStatus, StandingRule, StandingState, StandingStatus
from contracts.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one contact with one host; `absences` are those that count now."""

    standing_id: UUID
    unit_id: UUID
    person_id: UUID
    region: str
    absences: int
    suspended_until: datetime | None
    appeal_id: UUID | None
    appeal: AppealStatus | None
    version: int

    def is_suspended(self, now: datetime) -> bool:
        return self.suspended_until is not None and self.suspended_until > now


@dataclass(frozen=True, slots=True)
class Appeal:
    appeal_id: UUID
    standing_id: UUID
    person_id: UUID
    asked_by: str
    status: AppealStatus


def lapses_at(rule: StandingRule, now: datetime) -> datetime:
    """Until when an absence of now counts."""
    return now + timedelta(days=rule.within_days)


def is_too_often(rule: StandingRule, standing: Standing, now: datetime) -> bool:
    """Whether her absences suspend a contact now: not where they are too few, or she is suspended already."""
    return not standing.is_suspended(now) and standing.absences >= rule.absences


def suspension_ends_at(rule: StandingRule, now: datetime) -> datetime:
    return now + timedelta(days=rule.suspends_days)


def may_appeal(standing: Standing, now: datetime) -> Refusal | None:
    """Refusals: not-suspended, appeal-open."""
    if not standing.is_suspended(now):
        return Refusal("not-suspended")
    return Refusal("appeal-open") if standing.appeal is AppealStatus.OPEN else None


def may_decide(appeal: Appeal, by: str) -> Refusal | None:
    """Nobody decides on the own appeal, nor on one made in her name. Refusals: appeal-decided, own-appeal."""
    if appeal.status is not AppealStatus.OPEN:
        return Refusal("appeal-decided")
    return Refusal("own-appeal") if by in (appeal.asked_by, str(appeal.person_id)) else None


def state_of(standing: Standing, now: datetime) -> StandingState:
    suspended = standing.is_suspended(now)
    return StandingState(
        standing_id=standing.standing_id,
        unit_id=standing.unit_id,
        person_id=standing.person_id,
        status=StandingStatus.SUSPENDED if suspended else StandingStatus.GOOD,
        absences=standing.absences,
        suspended_until=standing.suspended_until if suspended else None,
        appeal_id=standing.appeal_id,
        appeal=standing.appeal,
        version=standing.version,
    )
