"""When an appointment may end, and what posts let their holders do. No I/O, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from contracts.refusals import Refusal
from contracts.region import covers
from contracts.registry.v1 import AppointmentState, Delegate, EndAppointment, Function, Office, PostKind

LEADS: Final = frozenset({Function.READER, Function.EDITOR, Function.APPROVER})
RECORDS: Final = frozenset({Function.READER, Function.EDITOR})
FUNCTIONS: Final[Mapping[PostKind, frozenset[Function]]] = {
    PostKind.UNKNOWN: frozenset(),
    PostKind.CHAIR: LEADS,
    PostKind.VICE_CHAIR: LEADS,
    PostKind.EXECUTIVE_MEMBER: frozenset({Function.READER}),
    PostKind.SITE_KEEPER: RECORDS,
    PostKind.OFFICER: RECORDS,
    PostKind.AUDITOR: frozenset({Function.AUDITOR}),
    PostKind.OPERATOR: frozenset({Function.OPERATOR}),
}
"""What each post lets its holder do at its unit and below (issue of access: functions x levels x subtree)."""
CHANGES: Final = frozenset({Function.EDITOR, Function.APPROVER, Function.OPERATOR})


@dataclass(frozen=True, slots=True)
class Held:
    """A post that a person has at a unit, or in which she stands in (`acting`)."""

    unit_id: UUID
    region: str
    post: PostKind
    acting: bool


def may_end(command: EndAppointment, appointment: AppointmentState, today: date) -> Refusal | None:
    """On the first day or later; whoever is in office until a day, also earlier than that.

    Refusals: appointment-ended, ends-before-start.
    """
    if appointment.until is not None and not command.until < appointment.until >= today:
        return Refusal("appointment-ended")
    return Refusal("ends-before-start") if command.until < appointment.since else None


def may_stand_in(command: Delegate, appointment: AppointmentState, today: date) -> Refusal | None:
    """Somebody else, for days to come in which the post is held. Refusals: already-holder, ends-before-start."""
    if command.person_id == appointment.person_id:
        return Refusal("already-holder")
    in_office = command.since >= appointment.since and (appointment.until is None or command.until <= appointment.until)
    if command.until < max(command.since, today) or not in_office:
        return Refusal("ends-before-start")
    return None


def may_also_hold(post: PostKind, region: str, held: Iterable[Held]) -> Refusal | None:
    """Nobody audits where she also changes something, in one subtree and the other. Refusal: duties-conflict."""
    wanted = FUNCTIONS[post]
    for other in held:
        has = FUNCTIONS[other.post]
        meet = covers(region, other.region) or covers(other.region, region)
        if meet and (_audits_and_changes(wanted, has) or _audits_and_changes(has, wanted)):
            return Refusal("duties-conflict")
    return None


def _audits_and_changes(one: frozenset[Function], other: frozenset[Function]) -> bool:
    return Function.AUDITOR in one and bool(other & CHANGES)


def offices(held: Sequence[Held]) -> tuple[Office, ...]:
    """One office a unit, own ones first. Should posts of an auditor and an editor meet there, the auditor is left."""
    found: dict[UUID, Office] = {}
    for each in sorted(held, key=lambda one: one.acting):
        before = found.get(each.unit_id)
        functions = FUNCTIONS[each.post] | frozenset(before.functions if before else ())
        if Function.AUDITOR in functions:
            functions -= CHANGES
        found[each.unit_id] = Office(
            unit_id=each.unit_id,
            region=each.region,
            functions=tuple(sorted(functions)),
            acting=before.acting if before else each.acting,
        )
    return tuple(office for office in found.values() if office.functions)
