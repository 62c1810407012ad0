"""Who is on duty, told as volunteers and registry tell it: teams, shifts, who took them, who is cleared how long."""

from datetime import date, datetime
from uuid import UUID, uuid4

from contracts.activities.v1 import CareState, SetCare
from contracts.data import AgeBand
from contracts.registry.v1 import ConsentGiven, ConsentPurpose, PersonAppointed, PersonRegistered, PostKind
from contracts.volunteers.v1 import (
    ClearanceExpired,
    ClearanceKind,
    ClearanceRecorded,
    ClearanceWithdrawn,
    ShiftOpened,
    ShiftReleased,
    ShiftTaken,
    VolunteerRegistered,
)
from tests.activities.world import COMMUNITY, Home, done

CHECK = ClearanceKind.BACKGROUND_CHECK


class Helper:
    """A volunteer of a team, and what volunteers says of her."""

    def __init__(self, home: Home, team_id: UUID, person_id: UUID) -> None:
        self.home, self.team_id, self.person_id = home, team_id, person_id
        self.volunteer_id, self.clearance_id, self.assignment_id = uuid4(), uuid4(), uuid4()
        self.shift_id = uuid4()

    @classmethod
    async def joined(cls, home: Home, team_id: UUID, band: AgeBand = AgeBand.MIDDLE) -> "Helper":
        helper = cls(home, team_id, await home.person(band))
        fact = VolunteerRegistered(
            volunteer_id=helper.volunteer_id, person_id=helper.person_id, team_id=team_id, volunteer_no="QZ-DH-00042"
        )
        await home.service.hear(fact, region=COMMUNITY)
        return helper

    async def cleared(self, until: date) -> "Helper":
        self.clearance_id = uuid4()
        fact = ClearanceRecorded(
            clearance_id=self.clearance_id, volunteer_id=self.volunteer_id, person_id=self.person_id, kind=CHECK,
            valid_until=until,
        )  # fmt: skip
        await self.home.service.hear(fact, region=COMMUNITY)
        return self

    async def loses_clearance(self, kind: type[ClearanceExpired | ClearanceWithdrawn]) -> None:
        fact = kind(
            clearance_id=self.clearance_id, volunteer_id=self.volunteer_id, person_id=self.person_id, kind=CHECK
        )
        await self.home.service.hear(fact, region=COMMUNITY, version=2)

    async def on_duty(self, session: UUID | None, starts: datetime, ends: datetime) -> "Helper":
        """A shift of the team, opened for her, and taken."""
        self.shift_id, self.assignment_id = uuid4(), uuid4()
        opened = ShiftOpened(
            shift_id=self.shift_id, team_id=self.team_id, session_id=session, title="课后看护", starts_at=starts,
            ends_at=ends, needed=1,
        )  # fmt: skip
        await self.home.service.hear(opened, region=COMMUNITY)
        await self.home.service.hear(ShiftTaken(**self._place()), region=COMMUNITY)
        return self

    async def released(self) -> None:
        await self.home.service.hear(ShiftReleased(**self._place()), region=COMMUNITY, version=2)

    def _place(self) -> dict[str, UUID]:
        return {
            "assignment_id": self.assignment_id,
            "shift_id": self.shift_id,
            "volunteer_id": self.volunteer_id,
            "person_id": self.person_id,
        }


async def keeper_of(home: Home) -> UUID:
    """The keeper of the home's unit."""
    person_id = await home.person()
    fact = PersonAppointed(
        appointment_id=uuid4(), person_id=person_id, unit_id=home.unit_id, post=PostKind.SITE_KEEPER,
        since=date(2026, 1, 1),
    )  # fmt: skip
    await home.service.hear(fact, region=COMMUNITY)
    return person_id


async def child_of(home: Home, guardian: UUID, band: AgeBand = AgeBand.SCHOOL) -> UUID:
    """A child with a guardian, whose consent is given."""
    child = uuid4()
    await home.service.hear(PersonRegistered(person_id=child, age_band=band, guardian_id=guardian), region=COMMUNITY)
    consent = ConsentGiven(person_id=child, purpose=ConsentPurpose.ACTIVITIES)
    await home.service.hear(consent, region=COMMUNITY, version=2)
    return child


async def take_into_care(home: Home, per_adult: int = 10, least: int = 1, grace: int = 15) -> CareState:
    """The home's programme becomes one of care."""
    rule = SetCare(
        programme_id=home.programme_id, children_per_adult=per_adult, least_adults=least, grace_minutes=grace
    )
    return done(await home.service.ask(rule), CareState)
