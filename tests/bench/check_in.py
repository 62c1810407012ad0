"""Offline check-ins: 3,000 people come to three sessions at once, in uploads of 500 scans from six devices.

Ours and the bare loop meet sessions of their own, round by round. Then the same uploads again: nothing counts twice.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic_core import from_json
from uuid_utils.compat import uuid7

from contracts import wire
from contracts.activities.v1 import (
    AttendanceMark,
    AttendanceMethod,
    GetDoor,
    Scan,
    ScheduleSession,
    UploadScans,
    UploadSummary,
)
from contracts.refusals import Refusal
from deploy.local.stack import Stack
from tests.bench import bare_check_in
from tests.bench.shape import Case, Report, case_of, cpu_seconds, median_case, tell
from tests.bench.sign_up import UNLIMITED, child
from tests.bench.town import SHANGHAI, Town, opened, requests_for

PEOPLE, A_SESSION, AN_UPLOAD = 3000, 1000, 500
ROOMS: Final = 40
IN_FLIGHT: Final = 4
TIMEOUT: Final = 60.0
SLOTS: Final = (timedelta(minutes=3), timedelta(minutes=32))
"""When sessions begin: within the hour before which people may come in, one after the other in a room."""


class CheckInBench:
    def __init__(self, stack: Stack, town: Town, bare_pid: int) -> None:
        self._stack, self._town, self._bare_pid = stack, town, bare_pid
        self._number = count()
        self._begun = datetime.now(SHANGHAI)
        self.exact = True

    async def run(self, rounds: int) -> list[Case]:
        """At most twelve rounds: rooms and the hour are used up."""
        found: dict[str, tuple[list[Case], list[Case]]] = {}
        for number in range(rounds + 1):
            tell(f"round {number} of {rounds}" + (" (warm-up, not counted)" if number == 0 else ""))
            ours, again = await self._ours()
            bare = await self._bare()
            if number:
                for name, mine in (("upload", ours), ("same-upload-again", again)):
                    found.setdefault(name, ([], []))[0].append(mine)
                    found[name][1].append(bare)
        return [median_case(name, mine, bare) for name, (mine, bare) in found.items()]

    async def _ours(self) -> tuple[Case, Case]:
        pids = [keeper.program.pid for name, keeper in self._stack.processes.items() if name.startswith("activities-")]
        sessions, scans = await self._full_house()
        cases = []
        for _ in range(2):
            before = cpu_seconds(pids)
            seconds, counted = await self._send(UploadScans.contract.subject, scans)
            cases.append(case_of(PEOPLE, seconds, [], cpu_seconds(pids) - before))
            self.exact &= counted == PEOPLE
        for session in sessions:
            door = await self._town.client.ask(GetDoor(session_id=session))
            self.exact &= (door.inside, door.missing) == (A_SESSION, 0)
        return cases[0], cases[1]

    async def _bare(self) -> Case:
        _, scans = await self._full_house()
        before = cpu_seconds([self._bare_pid])
        seconds, _ = await self._send(bare_check_in.SUBJECT, scans)
        return case_of(PEOPLE, seconds, [], cpu_seconds([self._bare_pid]) - before)

    async def _full_house(self) -> tuple[list[UUID], list[Scan]]:
        """Three sessions with everybody enrolled, and a scan a person; each device has met people of all three."""
        sessions = [await self._session() for _ in range(PEOPLE // A_SESSION)]
        seats = [(session, person) for session, group in zip(sessions, self._groups(), strict=True) for person in group]
        for session, group in zip(sessions, self._groups(), strict=True):
            outcomes = await self._town.client.send_many(requests_for(session, group))
            assert not [each for each in outcomes if isinstance(each, Refusal)]
        now = datetime.now(UTC)
        scans = [
            Scan(
                session_id=session, person_id=person, mark=AttendanceMark.CHECK_IN, method=AttendanceMethod.QR,
                client_id=uuid7(), occurred_at=now,
            )
            for session, person in seats
        ]  # fmt: skip
        return sessions, [scans[place] for start in range(6) for place in range(start, PEOPLE, 6)]

    def _groups(self) -> Iterator[Sequence[UUID]]:
        for start in range(0, PEOPLE, A_SESSION):
            yield self._town.people[start : start + A_SESSION]

    async def _session(self) -> UUID:
        number, session = next(self._number), uuid7()
        starts = self._begun + SLOTS[number // ROOMS]
        await self._town.client.send(
            ScheduleSession(
                session_id=session, title=f"压测场次{number}", programme_id=self._town.programme_id,
                site_id=self._town.site_id, room_id=self._town.rooms[number % ROOMS], starts_at=starts,
                ends_at=starts + timedelta(minutes=28), capacity=A_SESSION, permit_number="BENCH-1",
            )
        )  # fmt: skip
        return session

    async def _send(self, subject: str, scans: Sequence[Scan]) -> tuple[float, int]:
        """Seconds until the last answer, and how many scans counted."""
        todo = iter([self._upload(scans[start : start + AN_UPLOAD]) for start in range(0, PEOPLE, AN_UPLOAD)])
        counted = 0

        async def sender() -> None:
            nonlocal counted
            for body in todo:
                headers = {wire.COMMAND_ID: str(uuid7()), wire.AUTHORIZATION: f"Bearer {self._town.token}"}
                answer = await self._town.client.connection.request(subject, body, timeout=TIMEOUT, headers=headers)
                outcome = wire.read_outcome(UploadSummary, from_json(answer.data))
                counted += outcome.counted if isinstance(outcome, UploadSummary) else 0

        start = time.perf_counter()
        await asyncio.gather(*(sender() for _ in range(IN_FLIGHT)))
        return time.perf_counter() - start, counted

    def _upload(self, scans: Sequence[Scan]) -> bytes:
        upload = UploadScans(device_id=uuid7(), device_time=datetime.now(UTC), scans=tuple(scans))
        return upload.model_dump_json().encode()


async def measure(rounds: int) -> Report:
    """Starts a throw-away stack; medians over the rounds."""
    with (
        tempfile.TemporaryDirectory(prefix="linli-bench-") as folder,
        Stack(Path(folder), services=["registry", "activities"], environment=UNLIMITED) as stack,
        child("tests.bench.bare_check_in", stack.database_dsn("activities"), stack.nats_url) as bare,
    ):
        async with opened(stack.nats_url, stack.secrets_dir, people=PEOPLE, rooms=ROOMS) as town:
            await asyncio.to_thread(bare.stdout.readline if bare.stdout else str)
            running = CheckInBench(stack, town, bare.pid)
            cases = await running.run(rounds)
            return Report("check-in", cases, running.exact)
