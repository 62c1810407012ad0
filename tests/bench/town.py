"""A small town to measure in, made through the public interfaces: a district, a children's home, families, sessions."""

import asyncio
import time as clock
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4, uuid5

import nats
from uuid_utils.compat import uuid7

from contracts.activities.v1 import CreateProgramme, Enrol, ScheduleSession
from contracts.client import Client
from contracts.data import AgeBand, SiteType
from contracts.refusals import Refusal, Refused
from contracts.registry.v1 import (
    DivisionLevel,
    DivisionRow,
    ImportDivisions,
    OpeningHours,
    OpenSite,
    RegisterPerson,
    RegisterUnit,
    RoomPlan,
    UnitKind,
    UnitLevel,
    lines_of,
)
from services.chassis.tokens import Signer
from tests.bench.shape import tell

CITY, DISTRICT, STREET, COMMUNITY = "350500000000", "350503000000", "350503001000", "350503001001"
R = TypeVar("R")
SHANGHAI = timezone(timedelta(hours=8))
SPACE = UUID("01990000-0000-7000-8000-00000000be9c")


@dataclass(frozen=True, slots=True)
class Town:
    """What a bench speaks with: a client that may do everything, its token, and a site with many rooms."""

    client: Client
    token: str
    site_id: UUID
    programme_id: UUID
    rooms: Sequence[UUID]
    people: Sequence[UUID]


@asynccontextmanager
async def opened(nats_url: str, secrets_dir: Path, people: int, rooms: int) -> AsyncIterator[Town]:
    """Builds the town on a fresh stack and waits until activities knows it."""
    token = Signer("gateway", secrets_dir).mint("bench", ["editor", "operator", "reader"], seconds=36_000)
    connection = await nats.connect(nats_url, max_reconnect_attempts=-1)
    client = Client(connection, token, timeout=60.0)
    try:
        yield await _build(client, token, people, rooms)
    finally:
        await connection.close()


async def _build(client: Client, token: str, people: int, rooms: int) -> Town:
    unit, programme = uuid4(), uuid4()
    await _found(client, unit)
    site = await _open_site(client, unit, rooms)
    tell(f"registering {people} people")
    members = [uuid5(SPACE, str(number)) for number in range(people)]
    await _register(client, members)
    await client.send(CreateProgramme(programme_id=programme, name="压测", unit_id=unit, region=COMMUNITY))
    town = Town(client, token, site.site_id, programme, [room.room_id for room in site.rooms], members)
    await _wait_until_known(town)
    return town


async def _found(client: Client, unit: UUID) -> None:
    rows = [
        DivisionRow("350000000000", "福建省", DivisionLevel.PROVINCE, ""),
        DivisionRow(CITY, "泉州市", DivisionLevel.CITY, "350000000000"),
        DivisionRow(DISTRICT, "丰泽区", DivisionLevel.DISTRICT, CITY),
        DivisionRow(STREET, "东湖街道", DivisionLevel.STREET, DISTRICT),
        DivisionRow(COMMUNITY, "少林社区居委会", DivisionLevel.COMMUNITY, STREET),
    ]
    await client.send(ImportDivisions(source="bench", valid_from=date(2023, 6, 30), rows=lines_of(rows)))
    await client.send(
        RegisterUnit(
            unit_id=unit, name="少林社区妇联", kind=UnitKind.FEDERATION, level=UnitLevel.COMMUNITY, region=COMMUNITY
        )
    )


async def _open_site(client: Client, unit: UUID, rooms: int) -> OpenSite:
    always = tuple(OpeningHours(weekday=day, opens=time(0, 0), closes=time(23, 59)) for day in range(1, 8))
    plans = tuple(RoomPlan(room_id=uuid4(), name=f"教室{number}", capacity=1000) for number in range(rooms))
    site = OpenSite(
        site_id=uuid4(), name="少林社区儿童之家", site_type=SiteType.CHILDRENS_HOME, unit_id=unit,
        region=COMMUNITY, rooms=plans, hours=always,
    )  # fmt: skip
    await client.send(site)
    return site


async def _register(client: Client, people: Sequence[UUID]) -> None:
    commands = [
        RegisterPerson(person_id=each, region=COMMUNITY, name="演示居民", age_band=AgeBand.MIDDLE) for each in people
    ]
    for start in range(0, len(commands), 2000):
        outcomes = await client.send_many(commands[start : start + 2000])
        refused = [each for each in outcomes if isinstance(each, Refusal)]
        assert not refused, refused[0]


async def new_session(town: Town, number: int, capacity: int = 30) -> UUID:
    """Publishes a session in a room and hour of its own."""
    session, day = uuid7(), datetime.now(SHANGHAI) + timedelta(days=2 + number // (20 * len(town.rooms)))
    hour = (number // len(town.rooms)) % 20
    starts = day.replace(hour=hour, minute=0, second=0, microsecond=0)
    await town.client.send(
        ScheduleSession(
            session_id=session, title=f"压测场次{number}", programme_id=town.programme_id, site_id=town.site_id,
            room_id=town.rooms[number % len(town.rooms)], starts_at=starts.astimezone(UTC),
            ends_at=(starts + timedelta(minutes=50)).astimezone(UTC), capacity=capacity,
        )
    )  # fmt: skip
    return session


def requests_for(session: UUID, people: Sequence[UUID]) -> list[Enrol]:
    """One request a person."""
    return [Enrol(enrolment_id=uuid7(), session_id=session, contact_id=each, people=(each,)) for each in people]


async def _wait_until_known(town: Town) -> None:
    """Events travel: a session with the last person in it tells when activities knows the town."""
    session = await _until_accepted(lambda: new_session(town, 0, capacity=900))
    await _until_accepted(lambda: town.client.send(*requests_for(session, town.people[-1:])))


async def _until_accepted(attempt: Callable[[], Awaitable[R]], seconds: float = 120) -> R:
    deadline = clock.monotonic() + seconds
    while True:
        try:
            return await attempt()
        except Refused as refused:
            if clock.monotonic() > deadline:
                raise
            tell(f"waiting for activities to know the town ({refused.refusal.code})")
            await asyncio.sleep(0.5)
