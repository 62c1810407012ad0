"""Whoever is restricted takes no shift; of whoever is erased the record of service stays, and nothing else."""

from typing import Any
from uuid import uuid4

from contracts.holdings import Holdings
from contracts.refusals import Refusal
from contracts.registry.v1 import PersonErased, PersonRestricted, RestrictionGround, RestrictionLifted
from contracts.volunteers.v1 import (
    HeldByVolunteers,
    IssueCertificate,
    ShiftState,
    TeamState,
    VerifyCertificate,
    VolunteerState,
)
from tests.under_test import ServiceUnderTest
from tests.volunteers.afternoon import (
    TODAY,
    assigned,
    code,
    credited,
    done,
    open_shift,
    register_volunteer,
    served,
    take,
)

SERVICE: dict[str, Any] = {"actor": "service:notify", "roles": ("service",)}


async def test_nobody_restricted_joins_or_takes_a_shift_until_it_is_lifted(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState
) -> None:
    shift = done(await volunteers.ask(open_shift(team)))
    restricted = PersonRestricted(person_id=helper.person_id, ground=RestrictionGround.OBJECTION)
    await volunteers.hear(restricted, version=2)
    refusal = Refusal("person-restricted", person_id=str(helper.person_id))

    assert await volunteers.ask(take(shift, helper)) == refusal
    assert await volunteers.ask(register_volunteer(team, helper.person_id)) == refusal
    await volunteers.hear(RestrictionLifted(person_id=helper.person_id), version=3)
    assert code(await volunteers.ask(take(shift, helper))) == "done"


async def test_of_the_erased_the_record_of_service_stays_under_the_id(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, afternoon: ShiftState
) -> None:
    await credited(volunteers, await served(volunteers, afternoon, helper))
    issue = IssueCertificate(certificate_id=uuid4(), volunteer_id=helper.volunteer_id, since=TODAY, until=TODAY)
    certificate = done(await volunteers.ask(issue))
    coming = await assigned(volunteers, team, helper, "18:00", "19:00")

    await volunteers.hear(PersonErased(person_id=helper.person_id), version=2)

    told = await volunteers.query(HeldByVolunteers(person_id=helper.person_id), **SERVICE)
    assert isinstance(told, Holdings)
    kept = {record.kind: {fact.name: fact.value for fact in record.facts} for record in told.records}
    assert {"hours", "certificate", "stint", "volunteer"} <= set(kept)
    assert "person" not in kept
    assert kept["volunteer"]["skills"] == "[]"
    check = VerifyCertificate(certificate_no=certificate.certificate_no, check_code=certificate.check_code)
    verified = done(await volunteers.query(check))
    assert verified.valid
    assert await volunteers.admin.fetchval("SELECT assigned FROM shift WHERE shift_id = $1", coming.shift_id) == 0
    again = IssueCertificate(certificate_id=uuid4(), volunteer_id=helper.volunteer_id, since=TODAY, until=TODAY)
    assert code(await volunteers.ask(again)) == "unknown-volunteer"
