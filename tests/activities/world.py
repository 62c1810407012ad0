"""The little world of the tests: a home that opens, people who live nearby, sessions, families, scans."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    AttendanceMark,
    AttendanceMethod,
    CloseDays,
    CreateProgramme,
    Enrol,
    EnrolmentState,
    ExplainQueue,
    GetRoster,
    GetSession,
    ProgrammeState,
    QueueLog,
    RecordAttendance,
    Roster,
    ScheduleSeries,
    ScheduleSession,
    SessionState,
    WithdrawEnrolment,
)
from contracts.data import AgeBand, SiteType
from contracts.message import Part
from contracts.registry.v1 import (
    ConsentGiven,
    ConsentPurpose,
    OpeningHours,
    PersonRegistered,
    RoomPlan,
    SiteOpened,
)
from services.activities.sessions.rules import SHANGHAI
from tests.under_test import ServiceUnderTest

P = TypeVar("P", bound=Part)
COMMUNITY = "350503001001"


def done(outcome: Any, kind: type[P]) -> P:
    """The outcome, which must be the reply and no refusal."""
    assert isinstance(outcome, kind), outcome
    return outcome


def code(outcome: Any) -> str:
    """The reason code of a refusal, or the status that was reached."""
    return str(getattr(outcome, "code", None) or outcome.status.value)


def at(hour: int, minute: int = 0, day: int = 3) -> datetime:
    """A moment of June 2026 by the clocks of Shanghai; the 3rd is a Wednesday and today."""
    return datetime(2026, 6, day, hour, minute, tzinfo=SHANGHAI)


@dataclass
class Home:
    """蓝色成长课堂 at a 儿童之家, open 08:00 to 12:00 and 12:00 to 21:00 every day, closed on Mondays."""

    service: ServiceUnderTest
    site_id: UUID
    room_id: UUID
    other_room_id: UUID
    programme_id: UUID
    unit_id: UUID

    @classmethod
    async def opened(cls, service: ServiceUnderTest, region: str = COMMUNITY, room_id: UUID | None = None) -> "Home":
        home = cls(service, uuid4(), room_id or uuid4(), uuid4(), uuid4(), uuid4())
        await service.hear(home.site_opened(), region=region)
        programme = CreateProgramme(
            programme_id=home.programme_id, name="蓝色成长课堂", unit_id=home.unit_id, region=region
        )
        done(await service.ask(programme), ProgrammeState)
        return home

    def site_opened(self) -> SiteOpened:
        return SiteOpened(
            site_id=self.site_id,
            name="金山社区儿童之家",
            site_type=SiteType.CHILDRENS_HOME,
            unit_id=self.unit_id,
            rooms=(
                RoomPlan(room_id=self.room_id, name="大教室", capacity=60),
                RoomPlan(room_id=self.other_room_id, name="广场", capacity=5000),
            ),
            hours=tuple(
                OpeningHours(weekday=day, opens=opens, closes=closes)
                for day in range(2, 8)
                for opens, closes in ((time(12), time(21)), (time(8), time(12)))
            ),
        )

    async def person(self, band: AgeBand = AgeBand.MIDDLE, consent: bool = False) -> UUID:
        person_id = uuid4()
        await self.service.hear(PersonRegistered(person_id=person_id, age_band=band), region=COMMUNITY)
        if consent:
            fact = ConsentGiven(person_id=person_id, purpose=ConsentPurpose.ACTIVITIES)
            await self.service.hear(fact, region=COMMUNITY, version=2)
        return person_id

    async def people(self, count: int, band: AgeBand = AgeBand.MIDDLE, consent: bool = False) -> list[UUID]:
        return list(await asyncio.gather(*(self.person(band, consent) for _ in range(count))))

    def plan(self, **changes: Any) -> ScheduleSession:
        """A session this afternoon from 15:00 to 17:00 with 20 seats."""
        values: dict[str, Any] = {
            "session_id": uuid4(),
            "title": "蓝色成长课堂第一讲",
            "programme_id": self.programme_id,
            "site_id": self.site_id,
            "room_id": self.room_id,
            "starts_at": at(15),
            "ends_at": at(17),
            "capacity": 20,
        }
        return ScheduleSession(**(values | changes))

    def series(self, **changes: Any) -> ScheduleSeries:
        """四点半课堂, Tuesdays and Fridays in June from 16:30 to 18:00."""
        values: dict[str, Any] = {
            "series_id": uuid4(),
            "title": "四点半课堂",
            "programme_id": self.programme_id,
            "site_id": self.site_id,
            "room_id": self.room_id,
            "first_day": date(2026, 6, 4),
            "last_day": date(2026, 6, 30),
            "weekdays": (2, 5),
            "begins": time(16, 30),
            "ends": time(18),
            "capacity": 20,
        }
        return ScheduleSeries(**(values | changes))

    def closing(self, first: int, last: int | None = None) -> CloseDays:
        """The home is closed on these days of June."""
        return CloseDays(
            closing_id=uuid4(),
            site_id=self.site_id,
            first_day=date(2026, 6, first),
            last_day=date(2026, 6, last or first),
            reason="空调检修",
        )

    async def session(self, capacity: int = 20, **changes: Any) -> UUID:
        state = await self.service.ask(self.plan(capacity=capacity, **changes))
        return done(state, SessionState).session_id

    async def seated(self, count: int) -> tuple[UUID, list[UUID]]:
        """A session of this afternoon, and people who have a seat in it, at half past two."""
        session, people = await self.session(60), await self.people(count)
        await self.service.ask_together([enrol(session, [person]) for person in people])
        self.move_to(at(14, 30))
        return session, people

    async def find(self, session_id: UUID) -> SessionState:
        return done(await self.service.query(GetSession(session_id=session_id)), SessionState)

    async def family(self, session_id: UUID, size: int) -> Enrol:
        """A request of a family of adults nobody has seen before."""
        return enrol(session_id, await self.people(size))

    async def families(self, session_id: UUID, *sizes: int) -> list[Enrol]:
        return list(await asyncio.gather(*(self.family(session_id, size) for size in sizes)))

    async def enrolled(self, session_id: UUID, *sizes: int) -> list[EnrolmentState]:
        """New families of these sizes, enrolled one after the other."""
        requests = await self.families(session_id, *sizes)
        return [done(await self.service.ask(request), EnrolmentState) for request in requests]

    async def withdraw(self, enrolment: EnrolmentState) -> EnrolmentState:
        command = WithdrawEnrolment(enrolment_id=enrolment.enrolment_id)
        return done(await self.service.ask(command), EnrolmentState)

    async def log(self, session_id: UUID) -> list[tuple[UUID, str, int, int]]:
        """The fairness log: enrolment, step, seats wanted, seats free."""
        told = done(await self.service.query(ExplainQueue(session_id=session_id)), QueueLog)
        return [(step.enrolment_id, step.step, step.seats_wanted, step.seats_free) for step in told.steps]

    async def roster(self, session_id: UUID) -> dict[UUID, str]:
        """The status of every active enrolment, in order of arrival."""
        entries = done(await self.service.query(GetRoster(session_id=session_id)), Roster).entries
        return {entry.enrolment_id: entry.status.value for entry in entries}

    def scan(
        self, session_id: UUID, person_id: UUID, mark: AttendanceMark = AttendanceMark.CHECK_IN, **changes: Any
    ) -> RecordAttendance:
        """A scan now, by a phone whose clock is right."""
        values: dict[str, Any] = {
            "session_id": session_id,
            "person_id": person_id,
            "mark": mark,
            "method": AttendanceMethod.QR,
            "client_id": uuid4(),
            "occurred_at": self.service.clock.now(),
        }
        return RecordAttendance(**(values | changes))

    def move_to(self, moment: datetime) -> None:
        self.service.clock.at = moment

    def move(self, **by: float) -> None:
        self.service.clock.at += timedelta(**by)


def enrol(session_id: UUID, people: Sequence[UUID], contact: UUID | None = None) -> Enrol:
    return Enrol(enrolment_id=uuid4(), session_id=session_id, contact_id=contact or people[0], people=tuple(people))
