"""Instances of activities come, are replaced and go, under a load that never stops: what a caller notices."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import asyncpg
from uuid_utils.compat import uuid7

from contracts.activities.v1 import Enrol, WithdrawEnrolment
from contracts.data import AgeBand
from contracts.message import Command
from contracts.refusals import Refused
from contracts.registry.v1 import RegisterPerson
from deploy.local.stack import Stack
from services.chassis.scope import UNBOUND
from tests.bench.shape import Case, Report, percentile, tell
from tests.bench.town import COMMUNITY, Town, new_session, opened

SERVICE: Final = "activities"
FIRST: Final = f"{SERVICE}-1"
PHASES: Final[Mapping[str, Callable[[Stack], None]]] = {
    "one instance": lambda stack: stack.scale({SERVICE: 1}),
    "two instances": lambda stack: stack.scale({SERVICE: 2}),
    "the first replaced": lambda stack: stack.restart(FIRST),  # it held the relay, so that this too is handed over
    "one again": lambda stack: stack.scale({SERVICE: 1}),
}
SECONDS: Final = 10.0
CALLERS: Final = 16
RETRY_SECONDS: Final = 0.05
DRAIN_SECONDS: Final = 60.0

KNOWN: Final = "SELECT count(*) FROM person"
UNPUBLISHED: Final = "SELECT count(*) FROM outbox WHERE stream_seq IS NULL"
# The stream must hold the events of each aggregate as they were said: every version is one more than that before it.
OUT_OF_ORDER: Final = """
SELECT count(*) FROM (
    SELECT version - coalesce(lag(version) OVER (PARTITION BY aggregate, aggregate_id ORDER BY stream_seq), 0) AS step
    FROM outbox
) AS published WHERE step <> 1
"""


@dataclass(slots=True)
class Tally:
    """What callers noticed since `begun`; times of the monotonic clock."""

    begun: float = field(default_factory=time.perf_counter)
    answered: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    retryable: int = 0
    errors: int = 0

    def longest_gap(self, until: float) -> float:
        """The longest time in which nobody at all was answered."""
        moments = [self.begun, *self.answered, until]
        return max(later - earlier for earlier, later in pairwise(moments))


class Load:
    """Callers who enrol and withdraw without a pause, each in a session of her own, and a stream of new people."""

    def __init__(self, town: Town, sessions: Sequence[UUID]) -> None:
        self._town, self._sessions = town, sessions
        self._ended = asyncio.Event()
        self.tally = Tally()
        self.registered = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            for person, session in zip(self._town.people, self._sessions, strict=True):
                tasks.create_task(self._enrol_and_withdraw(person, session))
            tasks.create_task(self._register())
            yield
            self._ended.set()

    async def _enrol_and_withdraw(self, person: UUID, session: UUID) -> None:
        while not self._ended.is_set():
            enrolment = uuid7()
            await self._send(
                Enrol(enrolment_id=enrolment, session_id=session, contact_id=person, people=(person,)), self.tally
            )
            await self._send(WithdrawEnrolment(enrolment_id=enrolment), self.tally)

    async def _register(self) -> None:
        while not self._ended.is_set():
            person = RegisterPerson(person_id=uuid4(), region=COMMUNITY, name="演示居民", age_band=AgeBand.MIDDLE)
            await self._send(person, Tally())
            self.registered += 1

    async def _send(self, command: Command, tally: Tally) -> None:  # type: ignore[type-arg]
        """Sends a command until it is answered, always under the same id, and notes how that went."""
        id, began = uuid7(), time.perf_counter()
        while True:
            try:
                await self._town.client.send(command, id=id)
            except Refused as refused:
                if not refused.refusal.reason.retryable:
                    tell(f"  {command.contract.name}: {refused.refusal.code}")
                    tally.errors += 1
                    return
                tally.retryable += 1
                await asyncio.sleep(RETRY_SECONDS)
                continue
            now = time.perf_counter()
            tally.answered.append(now)
            tally.took.append(now - began)
            return


async def measure(rounds: int) -> Report:
    """Starts a throw-away stack and changes its scale as often as there are rounds."""
    cases: dict[str, list[Case]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="linli-bench-") as folder,
        Stack(Path(folder), services=["registry", SERVICE]) as stack,
    ):
        async with opened(stack.nats_url, stack.secrets_dir, people=CALLERS, rooms=CALLERS) as town:
            sessions = [await new_session(town, number + 1) for number in range(CALLERS)]
            for number in range(1, rounds + 1):
                tell(f"round {number} of {rounds}")
                for case in await _round(stack, town, sessions):
                    cases.setdefault(case.case, []).append(case)
    return Report("scale", [_middle(found) for found in cases.values()])


async def _round(stack: Stack, town: Town, sessions: Sequence[UUID]) -> list[Case]:
    database = await asyncpg.connect(stack.database_dsn(SERVICE), server_settings=UNBOUND)
    known = await database.fetchval(KNOWN)
    load = Load(town, sessions)
    cases = []
    async with load.running():
        for phase, change in PHASES.items():
            tell(f"  {phase}")
            cases.append(await _phase(stack, load, phase, change))
    drain = await _drained(database, known + load.registered)
    wrong = await database.fetchval(OUT_OF_ORDER)
    await database.close()
    seconds = len(PHASES) * SECONDS
    events = Case("events", per_second=load.registered / seconds, drain_s=drain, out_of_order=wrong)
    return [*cases, events]


async def _phase(stack: Stack, load: Load, name: str, change: Callable[[Stack], None]) -> Case:
    """Changes who runs; figures from then on, so that the hand-over is in them."""
    tally = load.tally = Tally()
    changed = asyncio.create_task(asyncio.to_thread(change, stack))
    await asyncio.sleep(SECONDS)
    await changed
    now = time.perf_counter()
    return Case(
        name,
        per_second=len(tally.answered) / (now - tally.begun),
        p50_ms=percentile(tally.took, 0.5),
        p99_ms=percentile(tally.took, 0.99),
        longest_gap_s=round(tally.longest_gap(now), 3),
        retryable=tally.retryable,
        errors=tally.errors,
    )


async def _drained(database: "asyncpg.Connection[asyncpg.Record]", people: int) -> float:
    """Seconds until activities knows everybody and has published everything; they must not exceed a minute."""
    began = time.perf_counter()
    while await database.fetchval(KNOWN) != people or await database.fetchval(UNPUBLISHED):
        assert time.perf_counter() - began < DRAIN_SECONDS, "the backlog did not drain"
        await asyncio.sleep(0.02)
    return round(time.perf_counter() - began, 3)


def _middle(cases: Sequence[Case]) -> Case:
    """Medians of rates and times; of what must not happen, all that happened, and the longest gap of all."""
    first = cases[0]

    def middle(figure: str) -> float | None:
        values = [value for each in cases if (value := getattr(each, figure)) is not None]
        return round(statistics.median(values), 3) if values else None

    def most(figure: str) -> float | None:
        return max((value for each in cases if (value := getattr(each, figure)) is not None), default=None)

    return Case(
        first.case,
        per_second=middle("per_second"),
        p50_ms=middle("p50_ms"),
        p99_ms=middle("p99_ms"),
        longest_gap_s=most("longest_gap_s"),
        drain_s=most("drain_s"),
        retryable=most("retryable"),
        errors=most("errors"),
        out_of_order=most("out_of_order"),
        rounds=len(cases),
    )
