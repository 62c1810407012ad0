"""What volunteers remembers of sites, people and sessions."""

from uuid import uuid4

from uuid_utils.compat import uuid7

from contracts.activities.v1 import SessionCancelled, SessionClosed
from contracts.data import AgeBand
from contracts.registry.v1 import ConsentGiven, ConsentPurpose, ConsentWithdrawn, PersonRegistered, SiteClosed
from contracts.volunteers.v1 import TeamState
from tests.under_test import ServiceUnderTest
from tests.volunteers.afternoon import (
    at,
    code,
    done,
    hear_person,
    hear_session,
    hear_site,
    join,
    open_shift,
    register_team,
    register_volunteer,
    take,
)


def cancelled(session_id: object) -> SessionCancelled:
    return SessionCancelled.model_validate(
        {
            "session_id": session_id, "unit_id": uuid4(), "title": "四点半课堂", "starts_at": at("14:00"),
            "reason": "台风",
        }
    )  # fmt: skip


async def test_no_team_is_registered_at_a_closed_site(volunteers: ServiceUnderTest) -> None:
    site = await hear_site(volunteers)
    await volunteers.hear(SiteClosed(site_id=site.site_id), version=2)

    assert code(await volunteers.ask(register_team(site.site_id))) == "site-closed"


async def test_a_minor_joins_when_the_guardian_agreed_to_volunteering(
    volunteers: ServiceUnderTest, team: TeamState
) -> None:
    teenager = await hear_person(volunteers, AgeBand.TEEN)
    request = register_volunteer(team, teenager)
    assert code(await volunteers.ask(request)) == "guardian-consent-missing"

    await volunteers.hear(ConsentGiven(person_id=teenager, purpose=ConsentPurpose.PHOTOS), version=2)
    assert code(await volunteers.ask(request)) == "guardian-consent-missing"

    await volunteers.hear(ConsentGiven(person_id=teenager, purpose=ConsentPurpose.VOLUNTEERING), version=3)
    assert code(await volunteers.ask(request)) == "done"


async def test_a_withdrawn_consent_counts_no_more(volunteers: ServiceUnderTest, team: TeamState) -> None:
    teenager = await hear_person(volunteers, AgeBand.TEEN)
    await volunteers.hear(ConsentGiven(person_id=teenager, purpose=ConsentPurpose.VOLUNTEERING), version=2)
    await volunteers.hear(ConsentWithdrawn(person_id=teenager, purpose=ConsentPurpose.VOLUNTEERING), version=3)

    assert code(await volunteers.ask(register_volunteer(team, teenager))) == "guardian-consent-missing"


async def test_an_event_that_comes_again_changes_nothing(volunteers: ServiceUnderTest, team: TeamState) -> None:
    teenager, first = uuid4(), uuid7()
    registered = PersonRegistered(person_id=teenager, age_band=AgeBand.TEEN)
    await volunteers.hear(registered, id=first)
    await volunteers.hear(ConsentGiven(person_id=teenager, purpose=ConsentPurpose.VOLUNTEERING), version=2)

    await volunteers.hear(registered, id=first)

    assert code(await volunteers.ask(register_volunteer(team, teenager))) == "done"


async def test_a_shift_can_serve_a_session_that_is_on(volunteers: ServiceUnderTest, team: TeamState) -> None:
    session = await hear_session(volunteers)

    assert code(await volunteers.ask(open_shift(team, session_id=session))) == "done"
    assert code(await volunteers.ask(open_shift(team, session_id=uuid4()))) == "unknown-session"


async def test_a_closed_session_keeps_its_shifts(volunteers: ServiceUnderTest, team: TeamState) -> None:
    session, helper = await hear_session(volunteers), await join(volunteers, team)
    shift = done(await volunteers.ask(open_shift(team, session_id=session)))
    closed = SessionClosed(
        session_id=session, unit_id=uuid4(), person_times=1, persons=1, held=True, rule="attendance-count-1"
    )

    await volunteers.hear(closed, version=2)

    assert code(await volunteers.ask(take(shift, helper))) == "done"


async def test_a_cancelled_session_takes_its_shifts_with_it(volunteers: ServiceUnderTest, team: TeamState) -> None:
    session, helper, other = await hear_session(volunteers), await join(volunteers, team), await join(volunteers, team)
    shift = done(await volunteers.ask(open_shift(team, session_id=session)))
    meanwhile = done(await volunteers.ask(open_shift(team)))
    done(await volunteers.ask(take(shift, helper)))
    assert code(await volunteers.ask(take(meanwhile, helper))) == "overlaps"

    await volunteers.hear(cancelled(session), version=2)

    assert code(await volunteers.ask(take(shift, other))) == "shift-over"
    assert code(await volunteers.ask(open_shift(team, session_id=session))) == "unknown-session"
    assert code(await volunteers.ask(take(meanwhile, helper))) == "done"
