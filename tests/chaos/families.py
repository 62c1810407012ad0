"""What people do meanwhile: families register, agree, enrol, withdraw, accept offers and come; some fifty at a time."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    AcceptOffer,
    AttendanceMark,
    AttendanceMethod,
    CreateProgramme,
    Enrol,
    RecordAttendance,
    ScheduleSession,
    WithdrawEnrolment,
)
from contracts.data import AgeBand, SiteType
from contracts.message import Command
from contracts.registry.v1 import (
    ConsentPurpose,
    DivisionLevel,
    DivisionRow,
    ImportDivisions,
    OpeningHours,
    OpenSite,
    RecordConsent,
    RegisterPerson,
    RegisterUnit,
    RoomPlan,
    UnitKind,
    UnitLevel,
    WithdrawConsent,
    lines_of,
)
from tests.chaos.callers import Asked, Desk

DISTRICT, COMMUNITY = "350503000000", "350503001001"
SHANGHAI: Final = timezone(timedelta(hours=8))
HOT, COLD = 2, 10
NOT_HEARD_YET: Final = {"unknown-person", "unknown-session", "unknown-site", "guardian-consent-missing"}
"""Refusals that pass once activities has heard what registry said."""
PAUSE_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Town:
    """Sessions to enrol in: a few hot ones that everybody wants, and cold ones."""

    hot: Sequence[UUID]
    cold: Sequence[UUID]

    def pick(self, dice: random.Random) -> UUID:
        return dice.choice(self.hot if dice.random() < 0.6 else self.cold)


async def found(desk: Desk, now: datetime) -> Town:
    """A community with a site, and sessions that begin within the hour, so that people may be checked in."""
    unit, programme = uuid4(), uuid4()
    rows = [
        DivisionRow("350000000000", "福建省", DivisionLevel.PROVINCE, ""),
        DivisionRow("350500000000", "泉州市", DivisionLevel.CITY, "350000000000"),
        DivisionRow(DISTRICT, "丰泽区", DivisionLevel.DISTRICT, "350500000000"),
        DivisionRow("350503001000", "东湖街道", DivisionLevel.STREET, DISTRICT),
        DivisionRow(COMMUNITY, "少林社区居委会", DivisionLevel.COMMUNITY, "350503001000"),
    ]
    await do(desk, ImportDivisions(source="chaos", valid_from=date(2023, 6, 30), rows=lines_of(rows)))
    await do(
        desk,
        RegisterUnit(
            unit_id=unit, name="少林社区妇联", kind=UnitKind.FEDERATION, level=UnitLevel.COMMUNITY, region=COMMUNITY
        ),
    )
    rooms = tuple(RoomPlan(room_id=uuid4(), name=f"教室{number}", capacity=100) for number in range(HOT + COLD))
    always = tuple(OpeningHours(weekday=day, opens=time(0, 0), closes=time(23, 59)) for day in range(1, 8))
    site = OpenSite(
        site_id=uuid4(), name="少林社区儿童之家", site_type=SiteType.CHILDRENS_HOME, unit_id=unit, region=COMMUNITY,
        rooms=rooms, hours=always,
    )  # fmt: skip
    await do(desk, site)
    await do(desk, CreateProgramme(programme_id=programme, name="四点半课堂", unit_id=unit, region=COMMUNITY))
    starts = _start(now.astimezone(SHANGHAI))
    sessions = [uuid4() for _ in rooms]
    for number, (session, room) in enumerate(zip(sessions, rooms, strict=True)):
        await do(
            desk,
            ScheduleSession(
                session_id=session, title=f"四点半课堂{number}", programme_id=programme, site_id=site.site_id,
                room_id=room.room_id, starts_at=starts.astimezone(UTC),
                ends_at=(starts + timedelta(minutes=30)).astimezone(UTC), capacity=20 if number < HOT else 6,
            ),
        )  # fmt: skip
    return Town(sessions[:HOT], sessions[HOT:])


def _start(now: datetime) -> datetime:
    """In 25 minutes, or after midnight where the site would be closed before the end."""
    starts = now + timedelta(minutes=25)
    if (starts + timedelta(minutes=31)).date() == now.date():
        return starts
    return datetime.combine(now.date() + timedelta(days=1), time(0, 20), SHANGHAI)


async def do(desk: Desk, command: Command[Any]) -> Asked:
    """Sends until it is done; events travel meanwhile."""
    while (asked := await desk.send(command)).code in NOT_HEARD_YET:
        await asyncio.sleep(0.2)
    assert asked.ok, f"{type(command).__name__}: {asked.code or 'no answer'}"
    return asked


class Family:
    """One family after another, until told to stop."""

    def __init__(self, desk: Desk, town: Town, seed: int) -> None:
        self._desk, self._town = desk, town
        self._stop = asyncio.Event()
        self._dice = random.Random(seed)
        self._waiting: list[UUID] = []

    def stop(self) -> None:
        """No new family; what this one has begun it still ends."""
        self._stop.set()

    async def live(self) -> None:
        while not self._stop.is_set():
            contact, people = await self._register()
            if not self._stop.is_set():
                await self._take_part(contact, people)

    async def _send(self, command: Command[Any]) -> Asked:
        asked = await self._desk.send(command)
        await asyncio.sleep(self._dice.uniform(0, 2 * PAUSE_SECONDS))
        return asked

    async def _register(self) -> tuple[UUID, tuple[UUID, ...]]:
        """A guardian and her children; consents go back and forth, so that some people have many versions."""
        adult = uuid4()
        await self._send(_person(adult, AgeBand.MIDDLE))
        children = [uuid4() for _ in range(self._dice.randint(0, 3))]
        if children:
            await self._desk.send_all([_person(child, AgeBand.SCHOOL, adult) for child in children])
        for child in children:
            await self._send(_consent(child, adult, ConsentPurpose.ACTIVITIES, "v1"))
        for number in range(self._dice.choice((0, 0, 2, 5))):
            await self._send(_consent(adult, adult, ConsentPurpose.PHOTOS, f"v{number}"))
            if self._dice.random() < 0.6:
                await self._send(WithdrawConsent(person_id=adult, purpose=ConsentPurpose.PHOTOS))
        return adult, tuple(children) or (adult,)

    async def _take_part(self, contact: UUID, people: tuple[UUID, ...]) -> None:
        session = self._town.pick(self._dice)
        asked = await self._enrol(session, contact, people)
        if asked is None or asked.outcome is None or not asked.ok:
            return
        enrolment = UUID(asked.outcome["ok"]["enrolment_id"])
        if asked.outcome["ok"]["status"] == "waiting":
            self._waiting.append(enrolment)
        elif self._dice.random() < 0.4:
            await self._come(session, people[0])
        if self._dice.random() < 0.6:
            await self._send(WithdrawEnrolment(enrolment_id=enrolment))
        if self._waiting and self._dice.random() < 0.7:
            await self._answer_offer()

    async def _enrol(self, session: UUID, contact: UUID, people: tuple[UUID, ...]) -> Asked | None:
        """Tries until activities knows the family; each try is a command of its own."""
        while not self._stop.is_set():
            command = Enrol(enrolment_id=uuid4(), session_id=session, contact_id=contact, people=people)
            asked = await self._send(command)
            if asked.code not in NOT_HEARD_YET:
                return asked
            await asyncio.sleep(0.3)
        return None

    async def _come(self, session: UUID, person: UUID) -> None:
        for mark in (AttendanceMark.CHECK_IN, AttendanceMark.CHECK_OUT):
            scan = RecordAttendance(
                session_id=session, person_id=person, mark=mark, method=AttendanceMethod.QR, client_id=uuid4(),
                occurred_at=datetime.now(UTC),
            )  # fmt: skip
            await self._send(scan)

    async def _answer_offer(self) -> None:
        enrolment = self._dice.choice(self._waiting)
        if (await self._send(AcceptOffer(enrolment_id=enrolment))).ok and self._dice.random() < 0.5:
            self._waiting.remove(enrolment)
            await self._send(WithdrawEnrolment(enrolment_id=enrolment))


def _person(person: UUID, band: AgeBand, guardian: UUID | None = None) -> RegisterPerson:
    return RegisterPerson(person_id=person, region=COMMUNITY, name="演示居民", age_band=band, guardian_id=guardian)


def _consent(person: UUID, giver: UUID, purpose: ConsentPurpose, notice: str) -> RecordConsent:
    return RecordConsent(person_id=person, purpose=purpose, given_by=giver, notice_version=notice)
