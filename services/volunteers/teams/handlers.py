"""What volunteers does when a team is registered."""

from contracts.refusals import Refusal
from contracts.volunteers.v1 import RegisterTeam, TeamRegistered, TeamState
from services.chassis import Transaction
from services.chassis.access import decide
from services.volunteers import volunteers
from services.volunteers.teams import rules, store


@volunteers.decides(RegisterTeam)
async def register_team(command: RegisterTeam, tx: Transaction) -> TeamState | Refusal:
    known = await store.find_team(tx, command.team_id)
    site = await store.find_site(tx, command.site_id)
    if site is None:
        return Refusal("unknown-site", site_id=str(command.site_id))

    refusal = decide(tx.actor, RegisterTeam.contract.permission, site.region)
    refusal = refusal or rules.may_register(command, known is not None, site)
    if refusal:
        return refusal

    team = TeamState(
        team_id=command.team_id,
        name=command.name,
        site_id=site.site_id,
        unit_id=site.unit_id,
        region=site.region,
        version=1,
    )
    await store.add_team(tx, team, command)
    tx.say(_registered(team, command), region=team.region, version=team.version)
    return team


def _registered(team: TeamState, command: RegisterTeam) -> TeamRegistered:
    return TeamRegistered(
        team_id=team.team_id,
        name=team.name,
        site_id=team.site_id,
        unit_id=team.unit_id,
        legal_form=command.legal_form,
    )
