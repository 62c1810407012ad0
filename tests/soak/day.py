"""The working day of a children's home, over and over: planned, filled, checked in, polled, counted, read by others."""

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic_core import to_json
from uuid_utils.compat import uuid7

from contracts.activities.v1 import (
    AttendanceMark,
    AttendanceMethod,
    CalendarKind,
    CloseSession,
    CreateFeed,
    Door,
    GetDoor,
    GetPublicSeries,
    GetStatistics,
    ListSeriesChanges,
    ListSessionChanges,
    ReadFeed,
    Scan,
    ScheduleSession,
    StatisticsBy,
    UploadScans,
)
from contracts.client import Client
from contracts.refusals import Refusal, Refused
from tests.bench.town import CITY, SHANGHAI, Town, requests_for

HOMES: Final = 4
SEATS: Final = 30
LONG: Final = timedelta(minutes=1)
BEGINS_IN: Final = timedelta(seconds=12)
POLL_SECONDS: Final = 0.5
ROOMS: Final = 40


class Day:
    """Everything that is done counts; whatever is refused, or is not what it should be, ends the day."""

    def __init__(self, town: Town, edge: Client, ends: float) -> None:
        self._town, self._edge, self._ends = town, edge, ends
        self._number = count()
        self.done: Counter[str] = Counter()

    async def live(self) -> None:
        """Until the end: homes, and those who only read."""
        homes = [self._home(home) for home in range(HOMES)]
        await asyncio.gather(*homes, self._statistics(), self._harvester(), self._calendar())

    async def _home(self, home: int) -> None:
        while time.monotonic() < self._ends:
            await self._session(self._town.people[home * SEATS : (home + 1) * SEATS])

    async def _session(self, people: Any) -> None:
        ask = self._town.client.ask
        session, starts = uuid7(), datetime.now(UTC) + BEGINS_IN
        room = self._town.rooms[next(self._number) % ROOMS]
        await self._town.client.send(
            ScheduleSession(
                session_id=session, title="蓝色成长课堂", programme_id=self._town.programme_id, room_id=room,
                site_id=self._town.site_id, starts_at=starts, ends_at=starts + LONG, capacity=SEATS,
            )
        )  # fmt: skip
        self._well(await self._town.client.send_many(requests_for(session, people)))
        self.done["sign-ups"] += len(people)
        door = await ask(GetDoor(session_id=session))
        while datetime.now(UTC) < starts:
            if door.inside < len(people):
                await self._come(session, people[door.inside : door.inside + 10])
            door = await self._poll(session, door)
            await asyncio.sleep(POLL_SECONDS)
        assert (door.inside, door.missing) == (len(people), 0)
        closed = await self._town.client.send(CloseSession(session_id=session))
        assert closed.status.value == "closed"
        self.done["sessions"] += 1

    async def _come(self, session: UUID, people: Any) -> None:
        now = datetime.now(UTC)
        scans = tuple(
            Scan(
                session_id=session, person_id=person, mark=AttendanceMark.CHECK_IN, method=AttendanceMethod.QR,
                client_id=uuid7(), occurred_at=now,
            )
            for person in people
        )  # fmt: skip
        upload = UploadScans(device_id=uuid4(), device_time=now, scans=scans)
        for _ in range(2):  # uploaded twice, as phones do
            summary = await self._town.client.send(upload)
            assert summary.counted == len(people), summary
        self.done["check-ins"] += len(people)

    async def _poll(self, session: UUID, known: Door) -> Door:
        shown = await self._town.client.ask(GetDoor(session_id=session, known=known.version))
        self.done["polls"] += 1
        return known if shown.unchanged else shown

    async def _statistics(self) -> None:
        year = str(datetime.now(SHANGHAI).year)
        while time.monotonic() < self._ends:
            for by in (StatisticsBy.REGION, StatisticsBy.MONTH, StatisticsBy.PROGRAMME, StatisticsBy.AUDIENCE):
                await self._town.client.ask(GetStatistics(region=CITY, period=year, by=by))
                self.done["statistics"] += 1
            await asyncio.sleep(POLL_SECONDS)

    async def _harvester(self) -> None:
        """Reads both open feeds to their ends, and comes again; one item in ten is looked up."""
        sessions, series = ListSessionChanges(limit=100), ListSeriesChanges(limit=100)
        while time.monotonic() < self._ends:
            if news := (await self._town.client.ask(sessions)).items:
                sessions = ListSessionChanges(after_modified=news[-1].modified, after_id=news[-1].id, limit=100)
            if items := (await self._town.client.ask(series)).items:
                series = ListSeriesChanges(after_modified=items[-1].modified, after_id=items[-1].id, limit=100)
            self.done["feed items"] += len(news) + len(items)
            for item in items[::10]:
                await self._look_up(item.id)
            await asyncio.sleep(POLL_SECONDS)

    async def _look_up(self, series_id: UUID) -> None:
        try:
            await self._town.client.ask(GetPublicSeries(series_id=series_id))
        except Refused as refused:
            if refused.refusal.code != "unknown-series":  # over since
                raise

    async def _calendar(self) -> None:
        token = uuid4().hex * 2
        feed = CreateFeed(feed_id=uuid7(), kind=CalendarKind.SITE, topic_id=self._town.site_id, token_hash=token)
        await self._town.client.send(feed)
        while time.monotonic() < self._ends:
            calendar = await self._edge.ask(ReadFeed(token_hash=token))
            assert len(to_json(calendar)) > 0
            self.done["calendars"] += 1
            await asyncio.sleep(POLL_SECONDS)

    def _well(self, outcomes: list[Any]) -> None:
        refused = [each for each in outcomes if isinstance(each, Refusal)]
        assert not refused, refused[0]
