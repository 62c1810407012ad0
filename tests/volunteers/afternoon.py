"""An afternoon of volunteering, told in sentences: who joins, takes a shift, comes, goes, and who approves."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from contracts.activities.v1 import SessionScheduled
from contracts.data import AgeBand, SiteType
from contracts.message import Command, Part
from contracts.refusals import Refusal
from contracts.registry.v1 import PersonRegistered, SiteOpened
from contracts.volunteers.v1 import (
    ApproveHours,
    AssignmentState,
    CheckInVolunteer,
    CheckOutVolunteer,
    Grade,
    LedgerEntry,
    LegalForm,
    OpenShift,
    RegisterTeam,
    RegisterVolunteer,
    ShiftState,
    StintState,
    TakeShift,
    TeamState,
    VolunteerState,
)
from tests.under_test import ServiceUnderTest

COMMUNITY = "350503001001"
ELSEWHERE = "350203001001"
TODAY = date(2026, 6, 3)
OFFICER = "00000000-0000-7000-8000-0000000000bb"
"""Approves; in these tests somebody else records."""

P = TypeVar("P", bound=Part)


def done(answer: P | Refusal) -> P:
    """The reply of something that must not be refused."""
    assert not isinstance(answer, Refusal), answer
    return answer


def code(answer: Any) -> str:
    """The reason code of a refusal, `done` for whatever was not refused."""
    return answer.code if isinstance(answer, Refusal) else "done"


async def open_connections(service: ServiceUnderTest) -> None:
    """Makes ready what rivals need, or the first one would be done before the others have their connections."""
    connections = await asyncio.gather(*(service.pool.acquire() for _ in range(8)))
    await asyncio.gather(*(service.pool.release(connection) for connection in connections))


async def meet(service: ServiceUnderTest, commands: Iterable[Command[P]], **actor: Any) -> list[P | Refusal]:
    """Rivals that really meet."""
    await open_connections(service)
    return await service.ask_at_once(commands, **actor)


def at(clock: str, day: date = TODAY) -> datetime:
    """`14:05` of a day in Shanghai."""
    local = datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    return local.astimezone(UTC)


async def hear_site(service: ServiceUnderTest, region: str = COMMUNITY) -> SiteOpened:
    site = SiteOpened(
        site_id=uuid4(),
        name="巾帼志愿服务站",
        site_type=SiteType.VOLUNTEER_STATION,
        unit_id=uuid4(),
        rooms=(),
        hours=(),
    )
    await service.hear(site, region=region)
    return site


async def hear_person(service: ServiceUnderTest, band: AgeBand = AgeBand.MIDDLE) -> UUID:
    person = PersonRegistered(person_id=uuid4(), age_band=band)
    await service.hear(person)
    return person.person_id


async def hear_session(service: ServiceUnderTest) -> UUID:
    session = SessionScheduled(
        session_id=uuid4(), programme_id=uuid4(), unit_id=uuid4(), site_id=uuid4(), room_id=uuid4(),
        title="四点半课堂", place="儿童之家", starts_at=at("14:00"), ends_at=at("16:00"), capacity=20,
    )  # fmt: skip
    await service.hear(session)
    return session.session_id


def register_team(site_id: UUID) -> RegisterTeam:
    return RegisterTeam(
        team_id=uuid4(), name="巾帼志愿服务队", site_id=site_id, legal_form=LegalForm.FILED, consent_unit_id=uuid4()
    )


async def form_team(service: ServiceUnderTest, region: str = COMMUNITY) -> TeamState:
    site = await hear_site(service, region)
    return done(await service.ask(register_team(site.site_id)))


def register_volunteer(team: TeamState, person: UUID) -> RegisterVolunteer:
    return RegisterVolunteer(volunteer_id=uuid4(), team_id=team.team_id, person_id=person, skills=("first-aid",))


async def join(service: ServiceUnderTest, team: TeamState, person: UUID | None = None) -> VolunteerState:
    person = person or await hear_person(service)
    return done(await service.ask(register_volunteer(team, person)))


def open_shift(team: TeamState, begins: str = "14:00", ends: str = "16:00", **other: Any) -> OpenShift:
    return OpenShift(
        shift_id=uuid4(), team_id=team.team_id, title="课后看护", starts_at=at(begins), ends_at=at(ends),
        needed=other.pop("needed", 2), risk_notice="接送时注意交通安全", **other,
    )  # fmt: skip


def take(shift: ShiftState, volunteer: VolunteerState, **other: Any) -> TakeShift:
    wish: dict[str, Any] = {"assignment_id": uuid4(), "risk_acknowledged": True, **other}
    return TakeShift(shift_id=shift.shift_id, volunteer_id=volunteer.volunteer_id, **wish)


async def assigned(
    service: ServiceUnderTest, team: TeamState, volunteer: VolunteerState, begins: str = "14:00", ends: str = "16:00"
) -> ShiftState:
    """A shift that the volunteer took."""
    shift = done(await service.ask(open_shift(team, begins, ends)))
    assignment: AssignmentState = done(await service.ask(take(shift, volunteer)))
    assert assignment.shift_id == shift.shift_id
    return shift


def check_in(
    shift: ShiftState, volunteer: VolunteerState, clock: str = "14:00", grade: Grade = Grade.DEVICE_VERIFIED
) -> CheckInVolunteer:
    return CheckInVolunteer(
        stint_id=uuid4(),
        shift_id=shift.shift_id,
        volunteer_id=volunteer.volunteer_id,
        grade=grade,
        occurred_at=at(clock),
    )


def check_out(stint: StintState, clock: str = "16:00") -> CheckOutVolunteer:
    return CheckOutVolunteer(stint_id=stint.stint_id, occurred_at=at(clock))


async def served(
    service: ServiceUnderTest, shift: ShiftState, volunteer: VolunteerState, come: str = "14:00", go: str = "16:00"
) -> StintState:
    """A closed stint; the clock then stands at its end or later."""
    service.clock.at = max(service.clock.at, at(go))
    stint = done(await service.ask(check_in(shift, volunteer, come)))
    return done(await service.ask(check_out(stint, go)))


def approve(stint: StintState) -> ApproveHours:
    return ApproveHours(entry_id=uuid4(), stint_id=stint.stint_id)


async def credited(service: ServiceUnderTest, stint: StintState) -> LedgerEntry:
    return done(await service.ask(approve(stint), actor=OFFICER))


async def assert_versions_are_whole(service: ServiceUnderTest) -> None:
    """Each aggregate said its versions 1 to n, in order, without a gap."""
    said: dict[tuple[str, UUID], list[int]] = {}
    for event in await service.said_envelopes():
        said.setdefault((type(event.data).contract.aggregate, event.aggregate_id), []).append(event.aggversion)
    assert said
    for aggregate, versions in said.items():
        assert versions == list(range(1, len(versions) + 1)), aggregate
