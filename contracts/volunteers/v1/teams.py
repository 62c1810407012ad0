"""Teams and volunteers: what is asked and the facts stated."""

from uuid import UUID

from pydantic import Field

from ...data import (
    Code,
    PersonId,
    SiteId,
    Title,
    UnitId,
    VolunteerNumber,
)
from ...message import Command, Event, Part
from ...region import RegionCode
from .. import refusals as refusals
from .codes import LegalForm

__all__ = [
    "RegisterTeam",
    "RegisterVolunteer",
    "TeamRegistered",
    "TeamState",
    "VolunteerRegistered",
    "VolunteerState",
]


class TeamState(Part):
    team_id: UUID
    name: Title
    site_id: SiteId
    unit_id: UnitId
    region: RegionCode
    version: int


class RegisterTeam(
    Command[TeamState],
    name="register-team",
    permission="volunteers.teams.register",
    http="POST /v1/teams",
    refusals=("team-exists", "unknown-site", "site-closed"),
):
    """Registers a team at a volunteer station. `consent_unit_id` is the unit whose 居委会 agreed (条例 42, V1)."""

    team_id: UUID
    name: Title
    site_id: SiteId
    legal_form: LegalForm
    consent_unit_id: UnitId


class TeamRegistered(Event, fact="team.registered"):
    team_id: UUID
    name: Title
    site_id: SiteId
    unit_id: UnitId
    legal_form: LegalForm


class VolunteerState(Part):
    volunteer_id: UUID
    person_id: PersonId
    team_id: UUID
    volunteer_no: VolunteerNumber
    version: int


class RegisterVolunteer(
    Command[VolunteerState],
    name="register-volunteer",
    permission="volunteers.register",
    http="POST /v1/teams/{team_id}/volunteers",
    refusals=(
        "unknown-team",
        "unknown-person",
        "already-volunteer",
        "person-restricted",
        "guardian-consent-missing",
        "volunteer-exists",
    ),
):
    """A person joins a team; a number of ours stands in for any document number (Order 67 art. 5, V3).

    A person under 18 needs the guardian's consent to volunteering (V28).
    """

    volunteer_id: UUID
    team_id: UUID
    person_id: PersonId
    skills: tuple[Code, ...] = Field((), max_length=20)


class VolunteerRegistered(Event, fact="volunteer.registered"):
    volunteer_id: UUID
    person_id: PersonId
    team_id: UUID
    volunteer_no: VolunteerNumber
