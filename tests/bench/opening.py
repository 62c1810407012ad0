"""The opening minute: 20,000 family requests against 40 sessions, a few of them hot, beside the bare loop.

After each case every session is judged by its roster, in two things that show apart. Exact: the seats of the families
on it are those the session says are taken, no more than it has, and everybody asked has an answer. Fair: in order of
arrival each family is seated when all of it fitted into what was free for it then, quotas included, and waits else; and
of families that came in one request none arrived before one that stood before it.
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
from contracts.wire import MAX_BATCH
from deploy.local.stack import Stack
from tests.bench import bare_sign_up, load
from tests.bench.shape import Case, Report, cpu_seconds, median_case, tell
from tests.bench.sign_up import PATH, SUBJECT, UNLIMITED, case_of, child
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
        self.exact = self.fair = True

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
                await self._judge(session, capacity, terms, requests, together=1 if send == self._http else MAX_BATCH)
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

    async def _judge(
        self, session: UUID, capacity: int, terms: EnrolmentTerms | None, requests: Sequence[Enrol], *, together: int
    ) -> None:
        """`together` is how many requests a message held: inside one their order is certain."""
        asked = {each.enrolment_id: (place, each) for place, each in enumerate(requests) if each.session_id == session}
        entries = (await self._town.client.ask(GetRoster(session_id=session))).entries
        state = await self._town.client.ask(GetSession(session_id=session))
        seated = [len(each.people) for each in entries if each.status == "confirmed"]
        self.exact &= sum(seated) == state.seats_taken <= capacity and state.waiting == len(entries) - len(seated)
        self.exact &= {each.enrolment_id for each in entries} == asked.keys()

        came = [asked[each.enrolment_id] for each in entries if each.enrolment_id in asked]
        families = [(len(each.people), terms is not None and each.household == KIND) for _, each in came]
        reserved = sum(each.seats for each in terms.reserved) if terms else 0
        self.fair &= [each.status == "confirmed" for each in entries] == due(families, capacity, reserved)
        self.fair &= keeps_order([place for place, _ in came], together)


def due(families: Sequence[tuple[int, bool]], capacity: int, reserved: int) -> list[bool]:
    """Who sits when families come in this order, each with all its seats or none; those of the kind take reserved
    seats first. Written anew, and only for what this bench asks: adults, one kind."""
    seats, kept = capacity - reserved, reserved
    seated = []
    for size, of_kind in families:
        from_kept = min(size, kept) if of_kind else 0
        fits = size - from_kept <= seats
        seated.append(fits)
        if fits:
            seats, kept = seats - (size - from_kept), kept - from_kept
    return seated


def keeps_order(places: Sequence[int], together: int) -> bool:
    """Whether families of one message arrived as they stood in it."""
    last: dict[int, int] = {}
    for place in places:
        if last.get(place // together, -1) > place:
            return False
        last[place // together] = place
    return True


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
            return Report("opening", cases, running.exact, running.fair)
