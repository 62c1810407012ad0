"""What access costs a sign-up: token, decision and row-level security on, against a trusted internal actor.

Two stacks of the same code in one run, round by round: in one of them activities and gateway trust everybody
(trusted.py) and the database has no policies. Both get the same requests with the same headers.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from contracts import wire
from contracts.activities.v1 import Enrol, GetSession
from deploy.local.service import Service
from deploy.local.stack import Stack
from deploy.postgres.provision import database_of, dsn_in
from services.chassis.tokens import Signer
from tests.bench import load
from tests.bench.shape import Case, case_of, cpu_seconds, median_case, tell
from tests.bench.town import COMMUNITY, Town, new_session, opened, requests_for
from tests.bench.trusted import without_policies

SEATS: Final = 30
BATCHED, SINGLE, HTTP = 5000, 3000, 5000
PATH: Final = "/v1/sessions/{session_id}/enrolments"
TRUSTING: Final = tuple(
    Service(name, (sys.executable, "-m", "tests.bench.trusted", name), database=name == "activities")
    for name in ("activities", "gateway")
)
Send = Callable[["Side", list[Enrol]], Awaitable[tuple[float, list[float]]]]


@dataclass(slots=True)
class Side:
    """One stack with its town, and who signs for its people."""

    stack: Stack
    town: Town
    signer: Signer
    sessions: int = 0
    exact: bool = True

    async def measure(self, count: int, send: Send) -> Case:
        names = ("activities-", "gateway-")
        pids = [keeper.program.pid for name, keeper in self.stack.processes.items() if name.startswith(names)]
        self.sessions += 1
        session = await new_session(self.town, self.sessions, SEATS)
        requests = requests_for(session, self.town.people[:count])
        before = cpu_seconds(pids)
        seconds, took = await send(self, requests)
        used = cpu_seconds(pids) - before
        state = await self.town.client.ask(GetSession(session_id=session))
        self.exact &= (state.seats_taken, state.waiting) == (SEATS, count - SEATS)
        return case_of(count, seconds, took, used)


async def by_one(side: Side, requests: list[Enrol]) -> tuple[float, list[float]]:
    """One system brings all: its token is said once a batch."""
    nats = side.town.client.connection
    return await load.batched(nats, Enrol.contract.subject, side.town.token, requests, in_flight=4), []


async def by_each(side: Side, requests: list[Enrol]) -> tuple[float, list[float]]:
    """The worst that can be: everybody brings her own, with a token that the service has never seen."""
    tokens = [side.signer.mint(str(uuid4()), ["editor"], COMMUNITY) for _ in requests]
    sendings = [wire.Sending(one.enrolment_id, one, token) for one, token in zip(requests, tokens, strict=True)]
    parts = [sendings[start : start + wire.MAX_BATCH] for start in range(0, len(sendings), wire.MAX_BATCH)]
    bodies = [(len(part), wire.batch_body(part)) for part in parts]
    return await load.carried(side.town.client.connection, Enrol.contract.subject, bodies, {}, in_flight=4), []


async def singly(side: Side, requests: list[Enrol]) -> tuple[float, list[float]]:
    return await load.single(side.town.client.connection, Enrol.contract.subject, side.town.token, requests, 16)


async def over_http(side: Side, requests: list[Enrol]) -> tuple[float, list[float]]:
    url = side.stack.gateway_url
    return await load.http(url, load.posts(url, PATH, side.town.token, requests), in_flight=64)


CASES: Final[tuple[tuple[str, int, Send], ...]] = (
    ("access: batched, one token", BATCHED, by_one),
    ("access: batched, a new token each", BATCHED, by_each),
    ("access: single", SINGLE, singly),
    ("access: http", HTTP, over_http),
)


@asynccontextmanager
async def side(stack: Stack) -> AsyncIterator[Side]:
    async with opened(stack.nats_url, stack.secrets_dir, people=BATCHED, rooms=10) as town:
        yield Side(stack, town, Signer("gateway", stack.secrets_dir))


async def compare(checking: Stack, trusting: Stack, rounds: int) -> tuple[list[Case], bool]:
    """Every case on both sides by turns; whether all sessions were filled exactly."""
    assert await without_policies(dsn_in(trusting.admin_dsn, database_of("activities"))) > 10
    found: dict[str, tuple[list[Case], list[Case]]] = {}
    async with side(checking) as ours, side(trusting) as trusted:
        for number in range(rounds + 1):
            tell(f"access, round {number} of {rounds}" + (" (warm-up, not counted)" if number == 0 else ""))
            for name, count, send in CASES:
                pair = [ours, trusted] if number % 2 else [trusted, ours]
                cases = {id(each): await each.measure(count, send) for each in pair}
                await asyncio.sleep(0.2)
                if number:
                    mine, its = found.setdefault(name, ([], []))
                    mine.append(cases[id(ours)])
                    its.append(cases[id(trusted)])
        return [median_case(name, *both) for name, both in found.items()], ours.exact and trusted.exact


async def compare_access(environment: dict[str, str], rounds: int) -> tuple[list[Case], bool]:
    """Starts both stacks for `compare`."""
    with (
        tempfile.TemporaryDirectory(prefix="linli-bench-") as one,
        tempfile.TemporaryDirectory(prefix="linli-bench-") as other,
        Stack(Path(one), services=["registry", "activities", "gateway"], environment=environment) as checking,
        Stack(Path(other), services=["registry", *TRUSTING], environment=environment) as trusting,
    ):
        return await compare(checking, trusting, rounds)
