"""Who may be registered, and who answers for whom. No I/O, no clock."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import PersonState, RegisterPerson

MINORS: Final = tuple(band.value for band in AgeBand if band.is_minor)


def may_register(command: RegisterPerson, known: Mapping[UUID, PersonState]) -> Refusal | None:
    """An id is given once; a person under 18 needs a guardian who is registered and of age (PIPL 31).

    `known` holds the registered persons of these ids. Refusals: person-exists, guardian-needed, unknown-person,
    guardian-is-minor.
    """
    if command.person_id in known:
        return Refusal("person-exists", person_id=str(command.person_id))
    if command.guardian_id is None:
        return Refusal("guardian-needed") if command.age_band.is_minor else None
    guardian = known.get(command.guardian_id)
    if guardian is None:
        return Refusal("unknown-person", person_id=str(command.guardian_id))
    return Refusal("guardian-is-minor") if guardian.age_band.is_minor else None
