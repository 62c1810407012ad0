"""One stack for all of these: the services of the house with handlers that can be troubled, each promise's own load."""

import json
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import httpx2
import nats
import pytest
from nats.aio.client import Client as Nats
from nats.js import JetStreamContext

from contracts.catalogue import SERVICES
from deploy.local.service import GATEWAY, Process, Service
from deploy.local.stack import Stack
from services.chassis.scope import UNBOUND
from services.chassis.tokens import Signer
from tests.chaos.callers import ATTEMPT_SECONDS, Desk, OverHttp, OverNats, Way
from tests.system.conftest import adult, shorten_ack_wait

SCALE: Final = {"registry": 2, GATEWAY: 2}
ANSWERED_SECONDS: Final = 45.0
"""After so long without an answer a command counts as lost."""
HURRY: Final = 40
"""Quarantine after 1.5 s instead of a minute, a quarter of a second for a handler, 2.5 s for a blocked loop."""


@dataclass(frozen=True, slots=True)
class House:
    """A running stack, and how a test speaks with it and looks into it."""

    stack: Stack
    seed: int
    nats: Nats
    jetstream: JetStreamContext
    http: httpx2.AsyncClient
    desk: Desk

    @property
    def troubles(self) -> Path:
        return troubles_of(self.stack)

    @property
    def over_nats(self) -> OverNats:
        [way] = [way for way in self.desk.ways if isinstance(way, OverNats)]
        return way

    @property
    def over_http(self) -> OverHttp:
        [way] = [way for way in self.desk.ways if isinstance(way, OverHttp)]
        return way

    def program(self, name: str) -> Process:
        program = self.stack.processes[name].program
        assert isinstance(program, Process)
        return program

    @property
    def service_names(self) -> list[str]:
        """Every instance of a service, such as `notify-1`."""
        return [name for name in self.stack.processes if name.split("-")[0] in (*SERVICES, GATEWAY)]

    async def waits_for(self, name: str) -> list[str]:
        """What an instance says at /ready that it waits for."""
        answer = await self.http.get(f"{self.program(name).url}/ready")
        found: list[str] = answer.json()["waits_for"]
        return found

    async def loop_lag(self, name: str) -> float:
        """How late the instance's event loop was at its last heartbeat, in seconds."""
        lines = (await self.http.get(f"{self.program(name).url}/metrics")).text.splitlines()
        [value] = [line.split()[1] for line in lines if line.startswith("linli_event_loop_lag_seconds ")]
        return float(value)

    async def fetch(self, service: str, sql: str, *values: Any) -> list[asyncpg.Record]:
        """Rows of a service's database, for what only a judge may look at."""
        database = await asyncpg.connect(self.stack.database_dsn(service), timeout=10, server_settings=UNBOUND)
        try:
            return list(await database.fetch(sql, *values))
        finally:
            await database.close()

    async def register(self) -> UUID:
        """A grown-up, registered for good, by HTTP or by NATS."""
        person = uuid4()
        self.desk.gives_up_at = time.monotonic() + ANSWERED_SECONDS
        assert (await self.desk.send(adult(person))).ok
        return person

    async def heard_of(self, service: str, people: list[UUID]) -> int:
        """How many of the people a service has heard of."""
        [row] = await self.fetch(service, "SELECT count(*) FROM person WHERE person_id = ANY ($1::uuid[])", people)
        return int(row["count"])

    def service_pids(self) -> dict[str, int]:
        """By which process each instance runs: a restart shows."""
        return {name: self.program(name).pid for name in self.service_names}


def troubles_of(stack: Stack) -> Path:
    return stack.directory / "troubles"


def troubled_stack(directory: Path, hurry: float) -> Stack:
    """The house with services that can be troubled (tests/promises/troubled.py), not yet started."""
    services = [
        Service(name, (sys.executable, "-m", "tests.promises.troubled", name), database=True) for name in SERVICES
    ]
    (directory / "troubles").mkdir(parents=True)
    environment = {"LINLI_TROUBLE_DIR": str(directory / "troubles"), "LINLI_TROUBLE_HURRY": str(hurry)}
    return Stack(directory, services=[*services, GATEWAY], scale=SCALE, environment=environment)


def gateways(stack: Stack) -> list[str]:
    """The gateways that say they are ready: a balancer sends to no other."""
    programs = [keeper.program for name, keeper in stack.processes.items() if name.startswith(f"{GATEWAY}-")]
    ready = [program.url for program in programs if isinstance(program, Process) and program.ready]
    return ready or [program.url for program in programs if isinstance(program, Process)]


async def _expected(_: Exception) -> None:
    """Servers go away in these tests."""


@asynccontextmanager
async def opened(stack: Stack) -> AsyncIterator[House]:
    """The house of a running stack; its seed is printed, so that a run can be repeated with LINLI_SEED."""
    seed = int(os.environ.get("LINLI_SEED") or random.SystemRandom().randrange(10**6))
    print(json.dumps({"seed": seed}))
    token = Signer("gateway", stack.secrets_dir).mint("promises", ["editor", "operator", "reader"], seconds=3600)
    connection = await nats.connect(
        stack.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=0.2, ping_interval=2, error_cb=_expected
    )
    await shorten_ack_wait(connection)
    async with httpx2.AsyncClient(timeout=ATTEMPT_SECONDS) as http:
        ways: list[Way] = [OverNats(connection, token), OverHttp(http, lambda: gateways(stack), token, seed)]
        desk = Desk(ways, random.Random(seed))
        yield House(stack, seed, connection, connection.jetstream(timeout=5), http, desk)
    await connection.close()


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with troubled_stack(tmp_path_factory.mktemp("promises") / "house", HURRY) as running:
        yield running


@pytest.fixture(scope="package")
async def house(stack: Stack) -> AsyncIterator[House]:
    async with opened(stack) as found:
        yield found
