"""Who may be registered, and who answers for whom. No I/O, no clock."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import PersonState, RegisterPerson

MINORS: Final = tuple(band.value for band in AgeBand if band.is_minor)


def may_register(
    command: RegisterPerson, known: Mapping[UUID, PersonState], given: Collection[UUID] = ()
) -> Refusal | None:
    """An id is given once; a person under 18 needs a guardian who is registered and of age (PIPL 31).

    `known` holds the registered persons of these ids; `given` are ids of whoever is or was one.
    Refusals: person-exists, guardian-needed, unknown-person, guardian-is-minor.
    """
    if command.person_id in known or command.person_id in given:
        return Refusal("person-exists", person_id=str(command.person_id))
    if command.guardian_id is None:
        return Refusal("guardian-needed") if command.age_band.is_minor else None
    return may_be_guardian(command.guardian_id, known.get(command.guardian_id))


def may_be_guardian(guardian_id: UUID, guardian: PersonState | None) -> Refusal | None:
    """A guardian is registered and of age. Refusals: unknown-person, guardian-is-minor."""
    if guardian is None:
        return Refusal("unknown-person", person_id=str(guardian_id))
    return Refusal("guardian-is-minor") if guardian.age_band.is_minor else None
