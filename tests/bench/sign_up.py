"""Durable sign-ups on one hot session of 30 seats: over NATS in batches, one by one, and over HTTP; exact seats."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from contracts.activities.v1 import Enrol, GetSession
from deploy.local.ports import free_port
from deploy.local.stack import Stack
from tests.bench import bare_sign_up, load
from tests.bench.access import compare_access
from tests.bench.shape import Case, Report, case_of, cpu_seconds, median_case, tell
from tests.bench.town import Town, new_session, opened, requests_for

SEATS: Final = 30
BATCHED, SINGLE, HTTP = 5000, 3000, 5000
SUBJECT: Final = Enrol.contract.subject
PATH: Final = "/v1/sessions/{session_id}/enrolments"
UNLIMITED: Final = {"LINLI_LIMIT_CREDENTIAL": "1000000"}
"""All sign-ups come by one token, faster than any one caller may ask."""


class SignUpBench:
    """Runs every case in turn, ours and bare, round by round, so that both meet the same moods of the machine."""

    def __init__(self, stack: Stack, town: Town, bare: "subprocess.Popen[str]", bare_http: tuple[str, int]) -> None:
        self._stack, self._town, self._bare, self._bare_http = stack, town, bare, bare_http
        self._sessions = 1
        self.exact = True

    async def run(self, rounds: int) -> list[Case]:
        found: dict[str, tuple[list[Case], list[Case]]] = {}
        for number in range(rounds + 1):
            tell(f"round {number} of {rounds}" + (" (warm-up, not counted)" if number == 0 else ""))
            for name, ours, bare in await self._round():
                if number:
                    mine, its = found.setdefault(name, ([], []))
                    mine.append(ours)
                    its.append(bare)
        return [median_case(name, ours, bare) for name, (ours, bare) in found.items()]

    async def _round(self) -> list[tuple[str, Case, Case]]:
        pids = [keeper.program.pid for name, keeper in self._stack.processes.items() if name.startswith("activities-")]
        edge = [keeper.program.pid for name, keeper in self._stack.processes.items() if name.startswith("gateway-")]
        bare = [self._bare.pid]
        return [
            (
                "nats-batched",
                await self._measure(BATCHED, pids, lambda requests: self._batched(SUBJECT, requests)),
                await self._measure(BATCHED, bare, lambda requests: self._batched(bare_sign_up.SUBJECT, requests)),
            ),
            (
                "nats-single",
                await self._measure(SINGLE, pids, lambda requests: self._single(SUBJECT, requests, 16)),
                await self._measure(SINGLE, bare, lambda requests: self._single(bare_sign_up.SUBJECT, requests, 16)),
            ),
            (
                "http",
                await self._measure(HTTP, pids + edge, lambda requests: self._http(requests)),
                await self._bare_post(),
            ),
        ]

    async def _measure(
        self, count: int, pids: list[int], send: Callable[[list[Enrol]], Awaitable[tuple[float, list[float]]]]
    ) -> Case:
        session = await new_session(self._town, self._sessions, SEATS)
        self._sessions += 1
        requests = requests_for(session, self._town.people[:count])
        before = cpu_seconds(pids)
        seconds, took = await send(requests)
        used = cpu_seconds(pids) - before
        state = await self._town.client.ask(GetSession(session_id=session))
        self.exact &= (state.seats_taken, state.waiting) == (SEATS, count - SEATS)
        return case_of(count, seconds, took, used)

    async def _batched(self, subject: str, requests: list[Enrol]) -> tuple[float, list[float]]:
        nats = self._town.client.connection
        return await load.batched(nats, subject, self._town.token, requests, in_flight=4), []

    async def _single(self, subject: str, requests: list[Enrol], in_flight: int) -> tuple[float, list[float]]:
        return await load.single(self._town.client.connection, subject, self._town.token, requests, in_flight)

    async def _http(self, requests: list[Enrol]) -> tuple[float, list[float]]:
        url = self._stack.gateway_url
        return await load.http(url, load.posts(url, PATH, self._town.token, requests), in_flight=64)

    async def _bare_post(self) -> Case:
        url, pid = self._bare_http
        requests = requests_for(self._town.site_id, self._town.people[:HTTP])
        before = cpu_seconds([pid])
        seconds, took = await load.http(url, load.posts(url, "/enrol", "none", requests), in_flight=64)
        return case_of(HTTP, seconds, took, cpu_seconds([pid]) - before)


@contextmanager
def child(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A Python module as a process that ends with the block."""
    process = subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.PIPE, text=True, env=os.environ)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()


@asynccontextmanager
async def bench(stack: Stack) -> AsyncIterator[SignUpBench]:
    port = free_port()
    with (
        child("tests.bench.bare_sign_up", stack.database_dsn("activities"), stack.nats_url) as bare,
        child("tests.bench.bare_http", str(port)) as bare_http,
    ):
        async with opened(stack.nats_url, stack.secrets_dir, people=max(BATCHED, HTTP), rooms=10) as town:
            await asyncio.to_thread(bare.stdout.readline if bare.stdout else str)
            await _answers(port)
            yield SignUpBench(stack, town, bare, (f"http://127.0.0.1:{port}", bare_http.pid))


async def _answers(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.1)
    raise TimeoutError("the bare HTTP server did not start")


async def measure(rounds: int) -> Report:
    """Starts a throw-away stack and measures sign-ups on it; medians over the rounds."""
    with (
        tempfile.TemporaryDirectory(prefix="linli-bench-") as folder,
        Stack(Path(folder), services=["registry", "activities", "gateway"], environment=UNLIMITED) as stack,
    ):
        async with bench(stack) as running:
            cases = await running.run(rounds)
    access, exact = await compare_access(UNLIMITED, rounds)
    return Report("sign-up", cases + access, running.exact and exact)
