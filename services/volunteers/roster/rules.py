"""Who may join a team. No I/O, no clock."""

from dataclasses import dataclass
from uuid import UUID

from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.volunteers.v1 import RegisterVolunteer


@dataclass(frozen=True, slots=True)
class Person:
    """What is remembered of a person of registry; for a minor it is the guardian who agreed."""

    age_band: AgeBand
    agreed_to_volunteering: bool
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Volunteer:
    """A person in one team; `unit_id` and `region` are the team's. `restricted`: her data are kept and no more.

    Whether she still serves is read under `lock_people`; the record of what she did stays under it.
    """

    volunteer_id: UUID
    person_id: UUID
    team_id: UUID
    volunteer_no: str
    unit_id: UUID
    region: str
    restricted: bool = False


def may_join(command: RegisterVolunteer, id_used: bool, person: Person | None, member: bool) -> Refusal | None:
    """A person joins a team once; one under 18 only with the guardian's consent (V3, V28).

    Refusals: volunteer-exists, unknown-person, person-restricted (PIPL 44), already-volunteer,
    guardian-consent-missing.
    """
    if id_used:
        return Refusal("volunteer-exists", volunteer_id=str(command.volunteer_id))
    if person is None:
        return Refusal("unknown-person", person_id=str(command.person_id))
    if person.restricted:
        return Refusal("person-restricted", person_id=str(command.person_id))
    if member:
        return Refusal("already-volunteer")
    if person.age_band.is_minor and not person.agreed_to_volunteering:
        return Refusal("guardian-consent-missing")
    return None
