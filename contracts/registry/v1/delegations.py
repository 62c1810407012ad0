"""Who stands in for the holder of a post: what is asked and the facts stated."""

from datetime import date
from uuid import UUID

from ...data import PersonId, UnitId
from ...message import Command, Event, Part
from .. import refusals as refusals

__all__ = [
    "Delegate",
    "DelegationEnded",
    "DelegationStarted",
    "DelegationState",
    "EndDelegation",
]


class DelegationState(Part):
    delegation_id: UUID
    appointment_id: UUID
    person_id: PersonId
    since: date
    until: date


class Delegate(
    Command[DelegationState],
    name="delegate",
    permission="registry.appointments.delegate",
    http="POST /v1/appointments/{appointment_id}/delegations",
    refusals=(
        "unknown-appointment",
        "unknown-person",
        "already-holder",
        "delegation-exists",
        "ends-before-start",
        "duties-conflict",
    ),
):
    """Lets somebody stand in for the holder of a post from `since` to `until`, both included (X14)."""

    delegation_id: UUID
    appointment_id: UUID
    person_id: PersonId
    since: date
    until: date


class DelegationStarted(Event, fact="delegation.started"):
    delegation_id: UUID
    appointment_id: UUID
    person_id: PersonId
    unit_id: UnitId
    since: date
    until: date


class EndDelegation(
    Command[DelegationState],
    name="end-delegation",
    permission="registry.appointments.delegate",
    http="POST /v1/delegations/{delegation_id}/end",
    refusals=("unknown-delegation",),
):
    """Ends it at once; one that ended before stays as it is."""

    delegation_id: UUID


class DelegationEnded(Event, fact="delegation.ended"):
    delegation_id: UUID
    appointment_id: UUID
    person_id: PersonId
    unit_id: UnitId
