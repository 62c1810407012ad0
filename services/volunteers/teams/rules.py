"""Which team may be registered. No I/O, no clock."""

from dataclasses import dataclass
from uuid import UUID

from contracts.refusals import Refusal
from contracts.volunteers.v1 import RegisterTeam


@dataclass(frozen=True, slots=True)
class Site:
    """What is remembered of a site of registry."""

    site_id: UUID
    unit_id: UUID
    region: str
    closed: bool


def may_register(command: RegisterTeam, known: bool, site: Site) -> Refusal | None:
    """A team stands at an open site; unit and region are those of the site (V1). Refusals: team-exists, site-closed."""
    if known:
        return Refusal("team-exists", team_id=str(command.team_id))
    if site.closed:
        return Refusal("site-closed", site_id=str(command.site_id))
    return None
