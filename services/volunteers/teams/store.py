"""All SQL about teams."""

from uuid import UUID

from contracts.volunteers.v1 import RegisterTeam, TeamState
from services.chassis import Transaction
from services.volunteers.teams.rules import Site

FIND_SITE = "SELECT site_id, unit_id, region, closed FROM site WHERE site_id = $1"
FIND_TEAM = "SELECT team_id, name, site_id, unit_id, region, version FROM team WHERE team_id = $1"
ADD_TEAM = """
INSERT INTO team (team_id, name, site_id, unit_id, region, legal_form, consent_unit_id, registered_at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def find_site(tx: Transaction, site_id: UUID) -> Site | None:
    row = await tx.find(FIND_SITE, site_id)
    return Site(**dict(row)) if row else None


async def find_team(tx: Transaction, team_id: UUID) -> TeamState | None:
    row = await tx.find(FIND_TEAM, team_id)
    return TeamState(**dict(row)) if row else None


async def add_team(tx: Transaction, team: TeamState, command: RegisterTeam) -> None:
    await tx.execute(
        ADD_TEAM,
        *(team.team_id, team.name, team.site_id, team.unit_id, team.region),
        *(command.legal_form, command.consent_unit_id, tx.now, team.version),
    )
