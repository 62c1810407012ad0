"""What a shift may ask for, and who may take a place in it. No I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.refusals import Refusal
from contracts.volunteers.v1 import AssignmentState, OpenShift, TakeShift
from services.chassis.clock import day_of
from services.volunteers.fields import wrong
from services.volunteers.hours.rules import DAILY_CAP
from services.volunteers.roster.rules import Volunteer
from services.volunteers.stints.rules import GRACE

LONGEST: Final = DAILY_CAP - GRACE
"""11 h 30 min: a stint with its grace then never exceeds the daily cap alone, so it can always be approved."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A need for helpers; `assigned` of `needed` places are taken. `unit_id` and `region` are the team's."""

    shift_id: UUID
    team_id: UUID
    unit_id: UUID
    region: str
    starts_at: datetime
    ends_at: datetime
    needed: int
    assigned: int
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Assignment:
    """A volunteer's place in a shift; `active` until it is given back or the shift is cancelled."""

    assignment_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    person_id: UUID
    active: bool
    version: int


@dataclass(frozen=True, slots=True)
class Diary:
    """What is known of the volunteer's time and of this assignment before it is made."""

    id_used: bool
    has_this: bool
    overlapping: UUID | None


def may_open(command: OpenShift, known: bool, session_on: bool) -> Refusal | None:
    """A shift lies within one day and 11 h 30 min; a session it serves is known and not cancelled (V6).

    Refusals: shift-exists, unknown-session, times-reversed.
    """
    if known:
        return Refusal("shift-exists", shift_id=str(command.shift_id))
    if command.session_id is not None and not session_on:
        return Refusal("unknown-session", session_id=str(command.session_id))
    if command.ends_at <= command.starts_at or day_of(command.starts_at) != day_of(command.ends_at):
        return Refusal("times-reversed")
    if command.ends_at - command.starts_at > LONGEST:
        return wrong("ends_at", "longer_than_11_h_30_min")
    return None


def may_take(command: TakeShift, shift: Shift, volunteer: Volunteer, diary: Diary, now: datetime) -> Refusal | None:
    """A volunteer of the shift's team, who knows the risks, takes a free place in a time that is free (V8, V9).

    Refusals: unknown-volunteer, person-restricted (PIPL 44),
    risk-not-acknowledged (条例 12), already-assigned, shift-over, shift-filled, overlaps.
    """
    if volunteer.team_id != shift.team_id:
        return Refusal("unknown-volunteer", volunteer_id=str(command.volunteer_id))
    if volunteer.restricted:
        return Refusal("person-restricted", person_id=str(volunteer.person_id))
    if not command.risk_acknowledged:
        return Refusal("risk-not-acknowledged")
    if diary.has_this:
        return Refusal("already-assigned")
    if diary.id_used:
        return wrong("assignment_id", "already_used")
    if shift.cancelled or now >= shift.ends_at:
        return Refusal("shift-over")
    if shift.assigned >= shift.needed:
        return Refusal("shift-filled", needed=shift.needed)
    if diary.overlapping is not None:
        return Refusal("overlaps", shift_id=str(diary.overlapping))
    return None


def may_release(assignment: Assignment, shift: Shift, on_duty: UUID | None, now: datetime) -> Refusal | None:
    """A place is given back before the shift begins, and by nobody whose stint, `on_duty`, has begun (V10).

    Refusals: assignment-released, already-open, shift-over.
    """
    if not assignment.active:
        return Refusal("assignment-released")
    if on_duty is not None and now < shift.starts_at:
        return Refusal("already-open", stint_id=str(on_duty))
    return Refusal("shift-over") if shift.cancelled or now >= shift.starts_at else None


def released(assignment: Assignment) -> AssignmentState:
    return AssignmentState(
        assignment_id=assignment.assignment_id,
        shift_id=assignment.shift_id,
        volunteer_id=assignment.volunteer_id,
        status="released",
        version=assignment.version + 1,
    )
