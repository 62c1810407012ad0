"""A term of 36,000 sessions planned and published, and the month's calendar of a district, beside bare asyncpg."""

import asyncio
import tempfile
import time as clock
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import asyncpg
import nats

from contracts.activities.v1 import (
    CreateProgramme,
    ListCalendar,
    MonthCalendar,
    PublishSession,
    ScheduleSeries,
    SeriesState,
)
from contracts.client import Client
from contracts.data import SiteType
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    DivisionLevel,
    DivisionRow,
    ImportDivisions,
    OpeningHours,
    OpenSite,
    RegisterUnit,
    RoomPlan,
    UnitKind,
    UnitLevel,
    lines_of,
)
from deploy.local.stack import Stack
from deploy.postgres.provision import database_of, dsn_in
from services.chassis.tokens import Signer
from tests.bench import bare_plans
from tests.bench.shape import Case, Report, case_of, cpu_seconds, median_case, tell
from tests.bench.town import CITY

DISTRICTS, HOMES, DAYS = 10, 30, 120
SESSIONS: Final = DISTRICTS * HOMES * DAYS
IN_FLIGHT, BATCH, CALENDARS = 4, 500, 60
PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Home:
    """A site with one room."""

    site_id: UUID
    room_id: UUID
    region: str


class PlansBench:
    """The same term again each round, two hours later than the round before: 08:00 to 22:00."""

    def __init__(self, client: Client, homes: Sequence[Home], programme_id: UUID, stack: Stack) -> None:
        self._client, self._homes, self._programme_id = client, homes, programme_id
        self._service = stack.processes["activities-1"].program.pid
        self._dsn = stack.database_dsn("activities")
        self._admin_dsn = dsn_in(stack.admin_dsn, database_of("activities"))
        self._first = datetime.now(UTC).date() + timedelta(days=40)

    async def round(self, number: int) -> list[tuple[str, Case, Case]]:
        ids, planned = await self._plan(time(8 + 2 * number), time(9 + 2 * number))
        published = await self._publish(ids)
        bare_planned, bare_published = await bare_plans.term(self._admin_dsn, SESSIONS, DAYS, BATCH)
        month = f"{self._first + timedelta(days=35):%Y-%m}"
        return [
            ("plan-36000", planned, bare_planned),
            ("publish-36000", published, bare_published),
            ("month-of-district", await self._calendar(month), await bare_plans.months(self._dsn, month, CALENDARS)),
        ]

    async def _plan(self, begins: time, ends: time) -> tuple[list[UUID], Case]:
        commands = [self._series(home, begins, ends) for home in self._homes]
        room = asyncio.Semaphore(IN_FLIGHT)
        took: list[float] = []

        async def one(command: ScheduleSeries) -> SeriesState:
            async with room:
                start = clock.perf_counter()
                state = await self._client.send(command)
                took.append(clock.perf_counter() - start)
                return state

        before, start = cpu_seconds([self._service]), clock.perf_counter()
        states = await asyncio.gather(*map(one, commands))
        seconds = clock.perf_counter() - start
        ids = [session.session_id for state in states for session in state.sessions]
        assert len(ids) == SESSIONS
        return ids, case_of(SESSIONS, seconds, took, cpu_seconds([self._service]) - before)

    def _series(self, home: Home, begins: time, ends: time) -> ScheduleSeries:
        return ScheduleSeries(
            series_id=uuid4(),
            title="四点半课堂",
            programme_id=self._programme_id,
            site_id=home.site_id,
            room_id=home.room_id,
            first_day=self._first,
            last_day=self._first + timedelta(days=DAYS - 1),
            recurrence="FREQ=DAILY",
            begins=begins,
            ends=ends,
            capacity=20,
            draft=True,
        )

    async def _publish(self, ids: Sequence[UUID]) -> Case:
        before, start = cpu_seconds([self._service]), clock.perf_counter()
        outcomes = await self._client.send_many([PublishSession(session_id=id) for id in ids])
        seconds = clock.perf_counter() - start
        refused = [each for each in outcomes if isinstance(each, Refusal)]
        assert not refused, refused[0]
        return case_of(SESSIONS, seconds, [], cpu_seconds([self._service]) - before)

    async def _calendar(self, month: str) -> Case:
        took: list[float] = []
        before, start = cpu_seconds([self._service]), clock.perf_counter()
        for number in range(CALENDARS):
            began = clock.perf_counter()
            pages = await self._month(f"3505{number % DISTRICTS + 1:02}000000", month)
            took.append(clock.perf_counter() - began)
            assert sum(len(page.entries) for page in pages) >= HOMES * 28
        seconds = clock.perf_counter() - start
        return case_of(CALENDARS, seconds, took, cpu_seconds([self._service]) - before)

    async def _month(self, region: str, month: str) -> list[MonthCalendar]:
        pages = [await self._client.ask(ListCalendar(region=region, month=month, limit=PAGE))]
        while pages[-1].more:
            after = pages[-1].entries[-1].session_id
            pages.append(await self._client.ask(ListCalendar(region=region, month=month, limit=PAGE, after=after)))
        return pages


async def measure(rounds: int) -> Report:
    """Starts a throw-away stack; medians over the rounds, of which at most six fit into a day."""
    with (
        tempfile.TemporaryDirectory(prefix="linli-bench-") as folder,
        Stack(Path(folder), services=["registry", "activities"]) as stack,
    ):
        async with _opened(stack) as (client, homes, programme_id):
            bench = PlansBench(client, homes, programme_id, stack)
            found: dict[str, tuple[list[Case], list[Case]]] = {}
            for number in range(min(rounds, 6) + 1):
                tell(f"round {number} of {rounds}" + (" (warm-up, not counted)" if number == 0 else ""))
                for name, ours, bare in await bench.round(number):
                    if number:
                        mine, its = found.setdefault(name, ([], []))
                        mine.append(ours)
                        its.append(bare)
        return Report("plans", [median_case(name, *both) for name, both in found.items()])


@asynccontextmanager
async def _opened(stack: Stack) -> AsyncIterator[tuple[Client, list[Home], UUID]]:
    """A city of ten districts with thirty homes each."""
    token = Signer("gateway", stack.secrets_dir).mint("bench", ["editor", "operator", "reader"], seconds=36_000)
    connection = await nats.connect(stack.nats_url, max_reconnect_attempts=-1)
    try:
        client = Client(connection, token, timeout=60.0)
        unit, programme = uuid4(), uuid4()
        await _found(client, unit)
        tell(f"opening {DISTRICTS * HOMES} homes")
        homes = [await _open(client, unit, number) for number in range(DISTRICTS * HOMES)]
        await client.send(CreateProgramme(programme_id=programme, name="压测", unit_id=unit, region=CITY))
        await _until_known(stack.database_dsn("activities"), len(homes))
        yield client, homes, programme
    finally:
        await connection.close()


async def _found(client: Client, unit: UUID) -> None:
    rows = [
        DivisionRow("350000000000", "福建省", DivisionLevel.PROVINCE, ""),
        DivisionRow(CITY, "泉州市", DivisionLevel.CITY, "350000000000"),
    ]
    for number in range(1, DISTRICTS + 1):
        district = f"3505{number:02}000000"
        rows.append(DivisionRow(district, f"第{number}区", DivisionLevel.DISTRICT, CITY))
        rows.append(DivisionRow(f"{district[:6]}001000", f"第{number}街道", DivisionLevel.STREET, district))
    await client.send(ImportDivisions(source="bench", valid_from=date(2023, 6, 30), rows=lines_of(rows)))
    await client.send(
        RegisterUnit(unit_id=unit, name="泉州市妇联", kind=UnitKind.FEDERATION, level=UnitLevel.CITY, region=CITY)
    )


async def _open(client: Client, unit: UUID, number: int) -> Home:
    region = f"3505{number // HOMES + 1:02}001000"
    home = Home(uuid4(), uuid4(), region)
    always = tuple(OpeningHours(weekday=day, opens=time(0, 0), closes=time(23, 59)) for day in range(1, 8))
    await client.send(
        OpenSite(
            site_id=home.site_id,
            name=f"儿童之家{number}",
            site_type=SiteType.CHILDRENS_HOME,
            unit_id=unit,
            region=region,
            rooms=(RoomPlan(room_id=home.room_id, name="大教室", capacity=60),),
            hours=always,
        )
    )
    return home


async def _until_known(dsn: str, sites: int) -> None:
    """Waits until activities has heard of every site."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT set_config('app.scope', 'all', false)")
        while await connection.fetchval("SELECT count(*) FROM site") < sites:
            await asyncio.sleep(0.1)
    finally:
        await connection.close()
