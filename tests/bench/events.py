"""From the outbox to a read model: rates of the real relay and consumer, and the time from commit to effect."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
from nats.aio.msg import Msg

from contracts.data import AgeBand
from contracts.envelope import subject_filter
from contracts.registry.v1 import PersonRegistered, RegisterPerson
from deploy.local.stack import Stack
from deploy.postgres.provision import dsn_in
from services.chassis.scope import UNBOUND
from services.chassis.transaction import WAKE_RELAY
from tests.bench.mirror import start_mirror
from tests.bench.rows import COLUMNS, outbox_rows
from tests.bench.shape import Case, Report, cpu_seconds, median_case, percentile, tell
from tests.bench.town import COMMUNITY, Town, opened

ROWS: Final = 20_000
LONE, A_SECOND = 200, 50
ALL_SENT: Final = "SELECT NOT EXISTS (SELECT FROM outbox WHERE stream_seq IS NULL)"
KNOWN: Final = "SELECT count(*) FROM person"
IS_KNOWN: Final = "SELECT EXISTS (SELECT FROM person WHERE person_id = $1)"


async def measure(rounds: int) -> Report:
    """Starts a throw-away stack of registry and activities; medians over the rounds."""
    with (
        tempfile.TemporaryDirectory(prefix="linli-bench-") as folder,
        Stack(Path(folder), services=["registry", "activities"]) as stack,
    ):
        mirror = await asyncio.to_thread(start_mirror, stack)
        async with opened(stack.nats_url, stack.secrets_dir, people=1, rooms=1) as town:
            await until_known(mirror[1], 1)
            found: dict[str, tuple[list[Case], list[Case]]] = {"relay": ([], []), "gated": ([], []), "inbox": ([], [])}
            for number in range(rounds + 1):
                tell(f"round {number} of {rounds}" + (" (warm-up, not counted)" if number == 0 else ""))
                ours, bare = await drain(stack, *mirror), await asyncio.to_thread(bare_loops, stack)
                if number:
                    for name in found:
                        found[name][0].append(ours[name])
                        found[name][1].append(bare["relay" if name == "relay" else "consumer"])
            lone = await commit_to_effect(stack, town)
        return Report("events", [*(median_case(name, *both) for name, both in found.items()), *lone])


async def until_known(dsn: str, people: int) -> None:
    """Waits for the people of the town itself, who are counted in no round."""
    database = await asyncpg.connect(dsn, server_settings=UNBOUND)
    while await database.fetchval(KNOWN) != people:
        await asyncio.sleep(0.05)
    await database.close()


async def drain(stack: Stack, mirror: int, mirror_dsn: str) -> dict[str, Case]:
    """Rows wait in registry's outbox, consumers stand still; first the relay runs, then each consumer alone.

    `gated` is a replica of activities, by the order gate; `inbox` the mirror's, by the inbox as in the bare loop.
    """
    registry, activities = pid_of(stack, "registry-1"), pid_of(stack, "activities-1")
    source = await asyncpg.connect(stack.database_dsn("registry"))
    cases: dict[str, Case] = {}
    consumers = {"gated": (activities, stack.database_dsn("activities")), "inbox": (mirror, mirror_dsn)}
    for pid, _ in consumers.values():
        os.kill(pid, signal.SIGSTOP)
    try:
        rows = outbox_rows(ROWS)
        await source.copy_records_to_table("outbox", records=rows, columns=COLUMNS)
        await source.execute(WAKE_RELAY)  # as after every transaction that says something
        cases["relay"] = await timed(registry, source, ALL_SENT)
        for name, (pid, dsn) in consumers.items():
            target = await asyncpg.connect(dsn, server_settings=UNBOUND)
            known = await target.fetchval(KNOWN)
            os.kill(pid, signal.SIGCONT)
            cases[name] = await timed(pid, target, IS_KNOWN, rows[-1][COLUMNS.index("aggregate_id")])
            assert await target.fetchval(KNOWN) == known + ROWS
            await target.close()
    finally:
        for pid, _ in consumers.values():
            os.kill(pid, signal.SIGCONT)
    await source.close()
    return cases


async def timed(pid: int, database: Any, sql: str, *values: Any) -> Case:
    """How long until it is so: asked by an index, for counting the rows again and again takes from what is measured."""
    cpu, start = cpu_seconds([pid]), time.perf_counter()
    while not await database.fetchval(sql, *values):
        assert time.perf_counter() - start < 120, sql
        await asyncio.sleep(0.01)
    seconds = time.perf_counter() - start
    return Case("", per_second=ROWS / seconds, cpu_us=(cpu_seconds([pid]) - cpu) / ROWS * 1e6)


def pid_of(stack: Stack, name: str) -> int:
    return stack.processes[name].program.pid


def bare_loops(stack: Stack) -> dict[str, Case]:
    """Runs the bare loops in a process and a database of their own on the same servers."""
    database = f"bare_{uuid4().hex[:8]}"
    asyncio.run(_admin(stack, f"CREATE DATABASE {database}"))
    command = [sys.executable, "-m", "tests.bench.bare_events", dsn_in(stack.admin_dsn, database), stack.nats_url]
    printed = subprocess.run([*command, str(ROWS)], check=True, stdout=subprocess.PIPE, timeout=180).stdout
    asyncio.run(_admin(stack, f"DROP DATABASE {database} WITH (FORCE)"))
    return {name: Case("", **figures) for name, figures in json.loads(printed).items()}


async def _admin(stack: Stack, statement: str) -> None:
    database = await asyncpg.connect(stack.admin_dsn)
    await database.execute(statement)
    await database.close()


async def commit_to_effect(stack: Stack, town: Town) -> list[Case]:
    """Lone commands, 50 a second: from the answer (after commit) to a core subscriber, and to a read model."""
    tell("lone events")
    arrived: dict[UUID, float] = {}

    async def note(message: Msg) -> None:
        arrived[UUID(json.loads(message.data)["subject"])] = time.perf_counter()

    connection = town.client.connection
    subscription = await connection.subscribe(subject_filter(PersonRegistered, COMMUNITY), cb=note)
    database = await asyncpg.connect(stack.database_dsn("activities"), server_settings=UNBOUND)
    to_subscriber, to_effect = list[float](), list[float]()
    for _ in range(LONE):
        person = uuid4()
        answered = await _register(town, person)
        while not await database.fetchval(IS_KNOWN, person):
            await asyncio.sleep(0.0005)
        to_effect.append(time.perf_counter() - answered)
        while person not in arrived:
            await asyncio.sleep(0.001)
        to_subscriber.append(max(0.0, arrived[person] - answered))
        await asyncio.sleep(1 / A_SECOND)
    await subscription.unsubscribe()
    await database.close()
    figures = {"commit-to-subscriber": to_subscriber, "commit-to-effect": to_effect}
    return [
        Case(name, per_second=A_SECOND, p50_ms=percentile(took, 0.5), p99_ms=percentile(took, 0.99))
        for name, took in figures.items()
    ]


async def _register(town: Town, person: UUID) -> float:
    await town.client.send(RegisterPerson(person_id=person, region=COMMUNITY, name="演示居民", age_band=AgeBand.MIDDLE))
    return time.perf_counter()
