"""Who may name whom to fetch a child, and into whose hands it is given (A27). No I/O, no clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.activities.v1 import AuthorisePickUp, HandOver, PickUpState, SessionStatus
from contracts.data import AgeBand
from contracts.refusals import Refusal
from services.activities.attendance.rules import CLOCK_TOLERANCE, Attendance
from services.activities.sessions.rules import SHANGHAI, Session

NEW_FOR: Final = timedelta(hours=24)
"""So long an authorisation is new: a call that somebody else comes today is looked at twice."""


@dataclass(frozen=True, slots=True)
class Kin:
    """What custody knows of a person: her age band, and for a minor her guardian."""

    age_band: AgeBand
    guardian_id: UUID | None


@dataclass(frozen=True, slots=True)
class PickUp:
    """Somebody of age whom the guardian named for a child at a site."""

    pick_up_id: UUID
    child_id: UUID
    person_id: UUID
    site_id: UUID
    given_by: UUID
    given_at: datetime
    until: date | None
    ended_at: datetime | None
    version: int
    region: str

    def holds(self, day: date) -> bool:
        return self.ended_at is None and (self.until is None or self.until >= day)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who stands there to fetch the child: what names her, whether she fetched this child before, and whether whoever
    checked is on duty."""

    pick_up: PickUp | None
    fetched_before: bool
    checker_on_duty: bool


def by_guardian(child_id: UUID, child: Kin | None, given_by: UUID) -> Refusal | None:
    """Only the guardian decides about a child under 14 (PIPL 31). Refusals: unknown-person, not-a-child,
    not-the-guardian."""
    if child is None:
        return Refusal("unknown-person", person_id=str(child_id))
    if not child.age_band.is_under_14:
        return Refusal("not-a-child")
    return None if child.guardian_id == given_by else Refusal("not-the-guardian")


def may_authorise(command: AuthorisePickUp, child: Kin | None, person: Kin | None, site_known: bool) -> Refusal | None:
    """Refusals: unknown-person, not-a-child, not-the-guardian, too-young-to-fetch, unknown-site."""
    refusal = by_guardian(command.child_id, child, command.given_by)
    if refusal:
        return refusal
    if person is None:
        return Refusal("unknown-person", person_id=str(command.person_id))
    if person.age_band.is_minor:
        return Refusal("too-young-to-fetch")
    return None if site_known else Refusal("unknown-site", site_id=str(command.site_id))


def is_given_already(known: PickUp | None, same: PickUp | None, today: date) -> Refusal | None:
    """`known` has the id of a new authorisation, `same` is that of the same person, and was not ended; one whose last
    day is over stands in nobody's way. Refusal: pick-up-exists."""
    standing = same if same is not None and same.holds(today) else None
    taken = known or standing
    return Refusal("pick-up-exists", pick_up_id=str(taken.pick_up_id)) if taken else None


def may_hand_over(
    command: HandOver, session: Session, child: Kin | None, stay: Attendance | None, receiver: Receiver, now: datetime
) -> Refusal | None:
    """A child that is inside goes into the hands of its guardian, or of somebody she named.

    Refusals: session-cancelled, attendance-closed, clock-skew, unknown-person, not-inside, already-left,
    and those of `_may_receive`.
    """
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    if session.status is SessionStatus.CLOSED:
        return Refusal("attendance-closed")
    if command.occurred_at > now + CLOCK_TOLERANCE:
        return Refusal("clock-skew")
    if child is None:
        return Refusal("unknown-person", person_id=str(command.child_id))
    if stay is None or command.occurred_at < stay.checked_in_at:
        return Refusal("not-inside")
    if stay.checked_out_at is not None:
        return Refusal("already-left", since=stay.checked_out_at.astimezone(SHANGHAI).isoformat())
    return None if child.guardian_id == command.received_by else _may_receive(command, receiver, now)


def _may_receive(command: HandOver, receiver: Receiver, now: datetime) -> Refusal | None:
    """Somebody who is not the guardian: named, and looked at by a second person on duty where that is new.

    Refusals: not-authorised, second-check-needed.
    """
    pick_up = receiver.pick_up
    if pick_up is None or not pick_up.holds(command.occurred_at.astimezone(SHANGHAI).date()):
        return Refusal("not-authorised", person_id=str(command.received_by))
    is_new = now - pick_up.given_at < NEW_FOR
    if (is_new or not receiver.fetched_before) and not receiver.checker_on_duty:
        return Refusal("second-check-needed", why="new-authorisation" if is_new else "first-time")
    return None


def state_of(pick_up: PickUp) -> PickUpState:
    return PickUpState(
        pick_up_id=pick_up.pick_up_id,
        child_id=pick_up.child_id,
        person_id=pick_up.person_id,
        site_id=pick_up.site_id,
        until=pick_up.until,
        ended=pick_up.ended_at is not None,
        version=pick_up.version,
    )
