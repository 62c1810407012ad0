"""Teams at sites, and who joins them."""

from collections import Counter
from uuid import uuid4

from contracts.refusals import Refusal
from contracts.volunteers.v1 import TeamRegistered, TeamState, VolunteerRegistered, VolunteerState
from tests.under_test import ServiceUnderTest
from tests.volunteers.afternoon import (
    COMMUNITY,
    ELSEWHERE,
    assert_versions_are_whole,
    code,
    done,
    form_team,
    hear_person,
    hear_site,
    join,
    meet,
    register_team,
    register_volunteer,
)


async def test_a_team_belongs_to_the_unit_and_region_of_its_site(volunteers: ServiceUnderTest) -> None:
    site = await hear_site(volunteers, COMMUNITY)

    team = done(await volunteers.ask(register_team(site.site_id)))

    assert (team.unit_id, team.region) == (site.unit_id, COMMUNITY)
    [said] = await volunteers.said(TeamRegistered)
    assert (said.team_id, said.unit_id) == (team.team_id, site.unit_id)


async def test_a_team_needs_a_site_that_is_known(volunteers: ServiceUnderTest) -> None:
    site = uuid4()

    assert await volunteers.ask(register_team(site)) == Refusal("unknown-site", site_id=str(site))


async def test_rivals_with_one_id_register_one_team(volunteers: ServiceUnderTest) -> None:
    command = register_team((await hear_site(volunteers)).site_id)

    answers = await meet(volunteers, [command] * 8)

    assert Counter(map(code, answers)) == {"done": 1, "team-exists": 7}
    assert await volunteers.count("team") == 1


async def test_a_volunteer_gets_a_number_that_tells_nothing_of_the_person(
    volunteers: ServiceUnderTest, team: TeamState
) -> None:
    first, second = await join(volunteers, team), await join(volunteers, team)

    assert first.volunteer_no.startswith("JG350503-")
    assert first.volunteer_no != second.volunteer_no
    assert [said.volunteer_no for said in await volunteers.said(VolunteerRegistered)] == [
        first.volunteer_no,
        second.volunteer_no,
    ]


async def test_a_person_joins_several_teams_but_each_once(volunteers: ServiceUnderTest, team: TeamState) -> None:
    person = await hear_person(volunteers)
    await join(volunteers, team, person)
    other = await form_team(volunteers, ELSEWHERE)

    assert code(await volunteers.ask(register_volunteer(team, person))) == "already-volunteer"
    assert isinstance(await volunteers.ask(register_volunteer(other, person)), VolunteerState)


async def test_rivals_register_a_person_once_in_a_team(volunteers: ServiceUnderTest, team: TeamState) -> None:
    person = await hear_person(volunteers)

    answers = await meet(volunteers, (register_volunteer(team, person) for _ in range(8)))

    assert Counter(map(code, answers)) == {"done": 1, "already-volunteer": 7}


async def test_a_volunteer_must_be_a_known_person_of_a_known_team(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    person = await hear_person(volunteers)
    nowhere = team.model_copy(update={"team_id": uuid4()})
    used = register_volunteer(team, person).model_copy(update={"volunteer_id": helper.volunteer_id})

    assert code(await volunteers.ask(register_volunteer(nowhere, person))) == "unknown-team"
    assert code(await volunteers.ask(register_volunteer(team, uuid4()))) == "unknown-person"
    assert code(await volunteers.ask(used)) == "volunteer-exists"


async def test_nobody_registers_outside_the_own_subtree(volunteers: ServiceUnderTest, team: TeamState) -> None:
    site, person = await hear_site(volunteers), await hear_person(volunteers)

    assert code(await volunteers.ask(register_team(site.site_id), region=ELSEWHERE)) == "not-permitted"
    assert code(await volunteers.ask(register_volunteer(team, person), region=ELSEWHERE)) == "not-permitted"
    assert (await volunteers.count("team"), await volunteers.count("volunteer")) == (1, 0)
    await assert_versions_are_whole(volunteers)
