"""All SQL about volunteers."""

from collections.abc import Collection
from uuid import UUID

from contracts.data import AgeBand
from contracts.volunteers.v1 import RegisterVolunteer, VolunteerState
from services.chassis import Transaction
from services.volunteers.roster.rules import Person, Volunteer

FIND_PERSON = "SELECT age_band, agreed_to_volunteering, restricted FROM person WHERE person_id = $1"
FIND_GUARDIAN = "SELECT guardian_id FROM person WHERE person_id = $1 AND age_band = ANY ($2::text[])"
MINORS = [band.value for band in AgeBand if band.is_minor]
FIND_VOLUNTEER = """
SELECT volunteer_id, person_id, team_id, volunteer_no, unit_id, volunteer.region,
    EXISTS (SELECT FROM person WHERE person.person_id = volunteer.person_id AND restricted) AS restricted
FROM volunteer JOIN team USING (team_id) WHERE volunteer_id = $1 AND stored_only_at IS NULL
"""
IS_MEMBER = "SELECT EXISTS (SELECT FROM volunteer WHERE team_id = $1 AND person_id = $2 AND withdrawn_at IS NULL)"
ADD_VOLUNTEER = """
INSERT INTO volunteer (volunteer_id, team_id, person_id, volunteer_no, skills, registered_at, version, region)
VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT region FROM team WHERE team_id = $2))
"""
# Sorted, so that two batches never wait for each other crosswise. The row of a team that is just being joined may be
# missed: the rows that the person had before are enough for rivals to meet.
LOCK_PEOPLE = """
SELECT volunteer_id, stored_only_at IS NULL AND withdrawn_at IS NULL AS serving FROM volunteer
WHERE person_id = ANY ($1::uuid[]) ORDER BY volunteer_id FOR NO KEY UPDATE
"""
# Whose a membership is never changes: it can be read in the statement that waits.
LOCK_PEOPLE_OF = """
SELECT person_id FROM volunteer
WHERE person_id IN (SELECT person_id FROM volunteer WHERE volunteer_id = ANY ($1::uuid[]))
ORDER BY volunteer_id FOR NO KEY UPDATE
"""


async def find_person(tx: Transaction, person_id: UUID) -> Person | None:
    row = await tx.find(FIND_PERSON, person_id)
    return Person(AgeBand(row["age_band"]), row["agreed_to_volunteering"], row["restricted"]) if row else None


async def find_guardian(tx: Transaction, person_id: UUID) -> UUID | None:
    """Who answers for a minor; nobody answers for whoever is of age."""
    guardian: UUID | None = await tx.value(FIND_GUARDIAN, person_id, MINORS)
    return guardian


async def find_volunteer(tx: Transaction, volunteer_id: UUID) -> Volunteer | None:
    row = await tx.find(FIND_VOLUNTEER, volunteer_id)
    return Volunteer(**dict(row)) if row else None


async def is_member(tx: Transaction, team_id: UUID, person_id: UUID) -> bool:
    return bool(await tx.value(IS_MEMBER, team_id, person_id))


async def add_volunteer(tx: Transaction, state: VolunteerState, command: RegisterVolunteer) -> None:
    await tx.execute(
        ADD_VOLUNTEER,
        *(state.volunteer_id, state.team_id, state.person_id, state.volunteer_no),
        *(command.skills, tx.now, state.version),
    )


async def lock_people(tx: Transaction, people: Collection[UUID]) -> set[UUID]:
    """From here to the commit nobody else decides about the time and hours of these persons, in whatever team.

    Returns their memberships that still serve: while we waited somebody may have been erased, or have withdrawn.
    """
    async with tx.everywhere():
        rows = await tx.fetch(LOCK_PEOPLE, list(people))
    return {row["volunteer_id"] for row in rows if row["serving"]}


async def lock_people_of(tx: Transaction, volunteers: Collection[UUID]) -> set[UUID]:
    """The same for whoever serves under these memberships; returns the persons."""
    async with tx.everywhere():
        rows = await tx.fetch(LOCK_PEOPLE_OF, list(volunteers))
    return {row["person_id"] for row in rows}
