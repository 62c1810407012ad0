"""Release N and N+1 under load: N alone, both, N+1 alone, while callers of both releases ask over NATS and HTTP."""

import asyncio
import json
import os
import random
import sys
from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import nats
import pytest

from contracts.catalogue import SERVICES
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.service import CHECKOUT, Process
from deploy.local.stack import Stack
from deploy.postgres.provision import KEYRING
from services.chassis.scope import UNBOUND
from services.chassis.tokens import Signer
from tests.chaos.callers import Desk, OverNats
from tests.chaos.families import NOT_HEARD_YET, found
from tests.system.conftest import until
from tests.versions.checkout import Checkout
from tests.versions.next_release import SABOTEURS, declare_next, say_next

pytestmark = pytest.mark.soak
NEXT = ("registry", "activities", "gateway")
"""The services that run in both releases; the others stay at N, and hear what N+1 says."""
SAID_BY_NEXT = "SELECT count(*) FROM outbox WHERE type = 'linli.registry.greeting.sent.v1'"
PHASE = 60
"""So many people are registered before the next phase begins."""


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Release N+1; with a saboteur, a release that ought never to have landed."""
    copy = Checkout.copied_to(tmp_path_factory.mktemp("later") / "checkout")
    declare_next(copy)
    say_next(copy)
    SABOTEURS[os.environ.get("LINLI_SABOTAGE", "")](copy)
    return copy


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("sides")) as running:
        yield running


class Sides:
    """The two releases on one stack."""

    def __init__(self, stack: Stack, later: Checkout) -> None:
        self.stack, self.later = stack, later
        self.ports = {name: free_port() for name in NEXT}
        self.token = Signer("gateway", stack.secrets_dir).mint("system", ["editor", "operator", "reader"], seconds=3600)

    def both(self, service: str) -> list[str]:
        """Where the instance of N and that of N+1 are."""
        this = self.stack.processes[f"{service}-1"].program
        assert isinstance(this, Process)
        return [this.url, f"http://{LOOPBACK}:{self.ports[service]}"]

    async def start_next(self, http: httpx2.AsyncClient) -> None:
        """Instances of N+1 beside those of N, ready to work."""
        for name, port in self.ports.items():
            env = (
                self.later.environment
                | self.stack.own_secrets(name)
                | {
                    "LINLI_INSTANCE": f"{name}-next",
                    "LINLI_HTTP_HOST": LOOPBACK,
                    "LINLI_HTTP_PORT": str(port),
                    "LINLI_DATABASE_DSN": self.stack.database_dsn(name) if name in SERVICES else "",
                    "LINLI_KEYRING_DSN": self.stack.database_dsn(KEYRING) if name == "registry" else "",
                }
            )
            argv = (sys.executable, "-m", f"services.{name}.app")
            await asyncio.to_thread(self.stack.add_process, f"{name}-next", argv, env)
        for port in self.ports.values():
            await until(lambda port=port: is_ready(http, port), 60)  # type: ignore[misc]

    async def end_this(self) -> None:
        """The roll-out is done: no instance of N is left of these services."""
        for name in NEXT:
            await asyncio.to_thread(self.stack.stop_process, f"{name}-1")

    async def fetch(self, service: str, sql: str, *values: Any) -> list[asyncpg.Record]:
        database = await asyncpg.connect(self.stack.database_dsn(service), timeout=10, server_settings=UNBOUND)
        try:
            return list(await database.fetch(sql, *values))
        finally:
            await database.close()

    async def count(self, service: str, sql: str, *values: Any) -> int:
        [row] = await self.fetch(service, sql, *values)
        return int(row[0])

    async def grown(self, sql: str, by: int) -> None:
        """Waits until a count of registry's has grown by so many; fails as soon as anything is buried."""
        wanted = await self.count("registry", sql) + by

        async def enough() -> bool:
            await self.nothing_buried()
            return await self.count("registry", sql) >= wanted

        await until(enough, 60)

    async def nothing_buried(self) -> None:
        for service in SERVICES:
            buried = await self.fetch(service, "SELECT DISTINCT consumer, reason FROM quarantine")
            assert [dict(row) for row in buried] == [], f"{service} buried events"

    @asynccontextmanager
    async def calling(self, release: Path, sessions: list[str], told: list[dict[str, Any]]) -> Any:
        """A caller of a release at work; what it was answered is in `told` at the end."""
        argument = {
            "nats": self.stack.nats_url,
            "gateways": self.both("gateway"),
            "token": self.token,
            "sessions": sessions,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.versions.caller", json.dumps(argument), stdin=-1, stdout=-1,
            env=self.later.environment | {"PYTHONPATH": f"{release}{os.pathsep}{CHECKOUT}"},
        )  # fmt: skip
        try:
            yield
        finally:
            output, _ = await process.communicate(b"")  # the end of its input
        told.append(json.loads(output))


async def is_ready(http: httpx2.AsyncClient, port: int) -> bool:
    try:
        return (await http.get(f"http://{LOOPBACK}:{port}/ready")).status_code == 200
    except httpx2.HTTPError:
        return False


async def handled(http: httpx2.AsyncClient, url: str, metric: str) -> float:
    """The sum of a counter of one instance."""
    lines = (await http.get(f"{url}/metrics")).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(metric))


async def test_two_releases_work_side_by_side_and_neither_loses_refuses_or_buries_anything(
    stack: Stack, later: Checkout
) -> None:
    sides = Sides(stack, later)
    connection = await nats.connect(stack.nats_url, max_reconnect_attempts=-1)
    town = await found(Desk([OverNats(connection, sides.token)], random.Random(1)), datetime.now(UTC))
    sessions = [str(each) for each in (*town.hot, *town.cold)]
    told: list[dict[str, Any]] = []

    async with httpx2.AsyncClient(timeout=10) as http:
        async with sides.calling(CHECKOUT, sessions, told), sides.calling(later.home, sessions, told):
            await sides.grown("SELECT count(*) FROM person", PHASE)
            assert await sides.count("registry", SAID_BY_NEXT) == 0
            await sides.start_next(http)
            await sides.grown(SAID_BY_NEXT, PHASE)
            heard = [await handled(http, url, "linli_events_handled_total") for url in sides.both("activities")]
            decided = [await handled(http, url, "linli_commands_total") for url in sides.both("registry")]
            await sides.end_this()
            await sides.grown(SAID_BY_NEXT, PHASE)
        new = await http.post(
            f"{sides.both('gateway')[1]}/v1/people", headers={"authorization": f"Bearer {sides.token}"},
            json={"person_id": told[0]["people"][0][:-4] + "ffff", "region": "350503001001", "name": "演示居民",
                  "age_band": "18-34", "channel": "phone"},
        )  # fmt: skip
    await connection.close()

    assert min(heard) > 0, "one release heard nothing: this run shows nothing"
    assert min(decided) > 0
    assert (new.status_code, new.json()["channel"]) == (200, "counter"), new.text
    for caller in told:
        assert set(caller["refused"]) <= NOT_HEARD_YET, caller["refused"]
        assert set(caller["retried"]) <= {"no-answer", "unavailable"}, caller["retried"]
        assert caller["unequal"] == []
        assert caller["enrolments"]
    await nothing_lost(sides, [person for caller in told for person in caller["people"]])
    await all_kept(sides, told)


async def nothing_lost(sides: Sides, people: list[str]) -> None:
    """All who were registered are known to whoever hears of people; nothing is in quarantine or unsaid."""

    async def known() -> bool:
        sql = "SELECT count(*) FROM person WHERE person_id = ANY ($1::uuid[])"
        counts = [await sides.count(service, sql, people) for service in ("registry", "activities", "volunteers")]
        return counts == [len(people)] * 3

    await until(known, 20)
    await sides.nothing_buried()
    for service in SERVICES:
        assert await sides.count(service, "SELECT count(*) FROM outbox WHERE stream_seq IS NULL") == 0


async def all_kept(sides: Sides, told: list[dict[str, Any]]) -> None:
    """Every confirmed enrolment is there, and both releases said their own kind of event."""
    enrolments = [each for caller in told for each in caller["enrolments"]]
    sql = "SELECT count(*) FROM enrolment WHERE enrolment_id = ANY ($1::uuid[])"
    assert await sides.count("activities", sql, enrolments) == len(enrolments)
    said = "SELECT count(*) FROM outbox WHERE type = 'linli.registry.person.registered.v1' AND body"
    assert await sides.count("registry", f'{said} LIKE \'%"channel":"counter"%\'') >= 2 * PHASE
    assert await sides.count("registry", f"{said} NOT LIKE '%channel%'") >= PHASE
    assert await sides.count("registry", f"{said} LIKE '%\"80+\"%'") > 0
    assert await sides.count("activities", "SELECT count(*) FROM person WHERE age_band = 'unknown'") > 0
