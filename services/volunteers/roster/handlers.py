"""What volunteers does when a person joins a team."""

from contracts.refusals import Refusal
from contracts.volunteers.v1 import ListVolunteersAccesses, RegisterVolunteer, VolunteerRegistered, VolunteerState
from services.chassis import Transaction
from services.chassis.access import decide
from services.chassis.accesses import answer_accesses
from services.volunteers import numbers, volunteers
from services.volunteers.roster import rules, store
from services.volunteers.teams.store import find_team

answer_accesses(volunteers, ListVolunteersAccesses, store.find_guardian)


@volunteers.decides(RegisterVolunteer)
async def register_volunteer(command: RegisterVolunteer, tx: Transaction) -> VolunteerState | Refusal:
    team = await find_team(tx, command.team_id)
    if team is None:
        return Refusal("unknown-team", team_id=str(command.team_id))
    known = await store.find_volunteer(tx, command.volunteer_id)
    person = await store.find_person(tx, command.person_id)
    member = await store.is_member(tx, command.team_id, command.person_id)

    refusal = decide(tx.actor, RegisterVolunteer.contract.permission, team.region)
    refusal = refusal or rules.may_join(command, known is not None, person, member)
    if refusal:
        return refusal

    state = VolunteerState(
        volunteer_id=command.volunteer_id,
        person_id=command.person_id,
        team_id=team.team_id,
        volunteer_no=numbers.volunteer_number(team.region, numbers.draw(numbers.VOLUNTEER_DRAW)),
        version=1,
    )
    await store.add_volunteer(tx, state, command)
    fact = VolunteerRegistered(**state.model_dump(exclude={"version"}))
    tx.say(fact, region=team.region, version=state.version)
    return state
