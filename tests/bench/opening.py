"""The opening minute: 20,000 family requests against 40 sessions, a few of them hot, beside the bare loop.

After each case every session is judged by its roster: families in order of arrival, each seated when all of it fitted
into what was free then, else waiting. Seats that are not exact, or an order that is not that one, show as `false`.
"""

import random
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.activities.v1 import Enrol, EnrolmentTerms, GetRoster, GetSession, ReservedSeats, ScheduleSession
from deploy.local.stack import Stack
from tests.bench import bare_sign_up, load
from tests.bench.shape import Case, Report, case_of, cpu_seconds, median_case, tell
from tests.bench.sign_up import PATH, SUBJECT, UNLIMITED, child
from tests.bench.town import SHANGHAI, Town, opened

REQUESTS, SESSIONS, HOT = 20_000, 40, 10
HOT_SHARE: Final = 0.7
HOT_SEATS, COLD_SEATS = 40, 200
PEOPLE: Final = 4_000
KIND: Final = "in-difficulty"
TERMS: Final = EnrolmentTerms(child_seats=20, reserved=(ReservedSeats(group=KIND, seats=8),))
Send = Callable[[list[Enrol]], Awaitable[tuple[float, list[float]]]]


class OpeningBench:
    """Each case opens 40 sessions of its own."""

    def __init__(self, stack: Stack, town: Town, bare_pid: int) -> None:
        self._stack, self._town, self._bare_pid = stack, town, bare_pid
        self._opened = 0
        self._chance = random.Random(20_000)
        self.exact = True

    async def run(self, rounds: int) -> list[Case]:
        ours = self._pids("activities-")
        edge = ours + self._pids("gateway-")
        cases: dict[str, tuple[list[Case], list[Case]]] = {}
        for number in range(rounds):
            tell(f"round {number + 1} of {rounds}")
            bare = await self._measure([self._bare_pid], self._batched(bare_sign_up.SUBJECT), None, judged=False)
            for name, pids, send, terms in (
                ("nats-batched", ours, self._batched(SUBJECT), None),
                ("with-terms", ours, self._batched(SUBJECT), TERMS),
                ("http", edge, self._http, None),
            ):
                mine, its = cases.setdefault(name, ([], []))
                mine.append(await self._measure(pids, send, terms))
                its.append(bare)
        return [median_case(name, mine, its) for name, (mine, its) in cases.items()]

    def _pids(self, name: str) -> list[int]:
        return [keeper.program.pid for each, keeper in self._stack.processes.items() if each.startswith(name)]

    async def _measure(self, pids: list[int], send: Send, terms: EnrolmentTerms | None, judged: bool = True) -> Case:
        sessions = await self._open(terms)
        requests = self._requests(sessions, terms is not None)
        before = cpu_seconds(pids)
        seconds, took = await send(requests)
        used = cpu_seconds(pids) - before
        if judged:
            for session, capacity in sessions.items():
                self.exact &= await self._is_fair(session, capacity, terms)
        return case_of(REQUESTS, seconds, took, used)

    async def _open(self, terms: EnrolmentTerms | None) -> dict[UUID, int]:
        """40 sessions with their seats, the hot ones first."""
        made = {}
        for number in range(SESSIONS):
            session, capacity = uuid7(), HOT_SEATS if number < HOT else COLD_SEATS
            await self._town.client.send(_plan(self._town, session, self._opened, capacity, terms))
            self._opened += 1
            made[session] = capacity
        return made

    def _requests(self, sessions: dict[UUID, int], of_kinds: bool) -> list[Enrol]:
        """Families of one to three, each person once a session, hot and cold sessions mixed as they come."""
        hot, cold = list(sessions)[:HOT], list(sessions)[HOT:]
        used = dict.fromkeys(sessions, 0)
        made = []
        for _ in range(REQUESTS):
            session = self._chance.choice(hot if self._chance.random() < HOT_SHARE else cold)
            size = self._chance.choice((1, 1, 2, 2, 3))
            people = tuple(self._town.people[used[session] : used[session] + size])
            used[session] += size
            request = Enrol(enrolment_id=uuid7(), session_id=session, contact_id=people[0], people=people)
            kind = {"household": KIND} if of_kinds and self._chance.random() < 0.2 else {}
            made.append(request.model_copy(update=kind))
        return made

    def _batched(self, subject: str) -> Send:
        async def send(requests: list[Enrol]) -> tuple[float, list[float]]:
            nats = self._town.client.connection
            return await load.batched(nats, subject, self._town.token, requests, in_flight=4), []

        return send

    async def _http(self, requests: list[Enrol]) -> tuple[float, list[float]]:
        url = self._stack.gateway_url
        return await load.http(url, load.posts(url, PATH, self._town.token, requests), in_flight=64)

    async def _is_fair(self, session: UUID, capacity: int, terms: EnrolmentTerms | None) -> bool:
        entries = (await self._town.client.ask(GetRoster(session_id=session))).entries
        state = await self._town.client.ask(GetSession(session_id=session))
        seated = [len(each.people) for each in entries if each.status == "confirmed"]
        exact = sum(seated) == state.seats_taken <= capacity and state.waiting == len(entries) - len(seated)
        if terms is not None:  # who is of which kind stands in no roster: the seats are judged, and that nobody is left
            return exact and state.seats_taken > capacity - 3
        return exact and [each.status == "confirmed" for each in entries] == _greedy(
            [len(each.people) for each in entries], capacity
        )


def _greedy(sizes: Sequence[int], capacity: int) -> list[bool]:
    """Who sits when families come in this order and each gets all its seats or none."""
    seated = []
    for size in sizes:
        fits = size <= capacity
        capacity -= size if fits else 0
        seated.append(fits)
    return seated


def _plan(town: Town, session: UUID, number: int, capacity: int, terms: EnrolmentTerms | None) -> ScheduleSession:
    """A session in a room and hour of its own, later than those that the town was built with."""
    rooms = len(town.rooms)
    day = datetime.now(SHANGHAI) + timedelta(days=20 + number // (20 * rooms))
    starts = day.replace(hour=(number // rooms) % 20, minute=0, second=0, microsecond=0)
    return ScheduleSession(
        session_id=session, title=f"开放报名{number}", programme_id=town.programme_id, site_id=town.site_id,
        room_id=town.rooms[number % rooms], starts_at=starts.astimezone(UTC),
        ends_at=(starts + timedelta(minutes=50)).astimezone(UTC), capacity=capacity, terms=terms,
    )  # fmt: skip


@asynccontextmanager
async def bench(stack: Stack) -> AsyncIterator[OpeningBench]:
    with child("tests.bench.bare_sign_up", stack.database_dsn("activities"), stack.nats_url) as bare:
        async with opened(stack.nats_url, stack.secrets_dir, people=PEOPLE, rooms=20) as town:
            yield OpeningBench(stack, town, bare.pid)


async def measure(rounds: int) -> Report:
    """Starts a throw-away stack; medians over the rounds."""
    with (
        tempfile.TemporaryDirectory(prefix="linli-bench-") as folder,
        Stack(Path(folder), services=["registry", "activities", "gateway"], environment=UNLIMITED) as stack,
    ):
        async with bench(stack) as running:
            cases = await running.run(rounds)
            return Report("opening", cases, running.exact)
