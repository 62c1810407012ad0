"""Steady state stays flat (issue 3): full load moves neither memory, open files, backlogs nor the bytes of an event."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg
import psutil
import pytest

from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import ConsentPurpose, RecordConsent, RegisterPerson
from deploy.local.health import look_at
from deploy.local.recording import instance_record
from deploy.local.stack import Stack
from tests.bench.shape import tell
from tests.bench.town import COMMUNITY, Town, opened

SERVICES: Final = ("registry", "activities", "volunteers", "notify")
SECONDS, WARM_UP_SECONDS, LOOK_SECONDS = 180.0, 60.0, 3.0
SENDERS, BATCH, CONSENTS = 2, 200, 20
SAID: Final = "SELECT max(id) FROM outbox"
BYTES: Final = """
SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'months'::regnamespace)
"""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a service: resident bytes, open files, events unpublished and unheard, bytes of its tables."""

    memory: int
    files: int
    unpublished: int
    lag: int
    stored: int
    said: int


def drift(values: Sequence[float]) -> float:
    """How far the fitted line climbs from the first to the last value, as a share of their mean. Pure."""
    slope, _ = statistics.linear_regression(range(len(values)), values)
    return slope * (len(values) - 1) / max(1.0, statistics.fmean(values))


def backlog(values: Sequence[int]) -> tuple[float, float]:
    """The medians of the first and the second half. Pure."""
    middle = len(values) // 2
    return statistics.median(values[:middle]), statistics.median(values[middle:])


def bytes_an_event(said: Sequence[int], stored: Sequence[int]) -> tuple[float, float]:
    """By how much the tables grow with each event said, in the first and in the second half. Pure."""
    middle = len(said) // 2
    first = statistics.linear_regression(said[: middle + 1], stored[: middle + 1]).slope
    return first, statistics.linear_regression(said[middle:], stored[middle:]).slope


def test_a_leak_would_be_seen() -> None:
    flat = [100.0, 101.0, 99.0] * 13
    assert abs(drift(flat)) < 0.02
    assert drift([value + 0.5 * place for place, value in enumerate(flat)]) > 0.15
    assert backlog([5, 9, 7, 4000, 5000, 4500]) == (7, 4500)
    first, second = bytes_an_event(list(range(40)), [place * place for place in range(40)])
    assert second > 2 * first


@pytest.mark.soak
async def test_three_minutes_of_full_load_leave_everything_flat(tmp_path: Path) -> None:
    with Stack(tmp_path, services=SERVICES) as stack:
        async with opened(stack.nats_url, stack.secrets_dir, people=1, rooms=1) as town:
            ends = time.monotonic() + SECONDS
            senders = [asyncio.create_task(send(town, ends)) for _ in range(SENDERS)]
            looks = await watch(stack, ends)
            sent = sum(await asyncio.gather(*senders))

    assert sent > 5_000, "hardly anything was asked"
    said = [look.said for look in looks["registry"]]
    for service, seen in looks.items():
        tell(f"{service}: {seen[0]} ... {seen[-1]}")
        assert drift([look.memory for look in seen]) < 0.10, f"{service} grows in memory"
        assert drift([look.files for look in seen]) < 0.10, f"{service} keeps files open"
        for name in ("unpublished", "lag"):
            before, after = backlog([getattr(look, name) for look in seen])
            assert after <= 2 * before + 2_000, f"{service} falls behind: {name}"
        before, after = bytes_an_event(said, [look.stored for look in seen])
        assert after <= 1.3 * before + 50, f"the tables of {service} grow faster than what is said"


async def send(town: Town, ends: float) -> int:
    """People are registered and agree, batch after batch; how many commands were answered."""
    answered = 0
    while time.monotonic() < ends:
        people = [uuid4() for _ in range(BATCH)]
        registers = [
            RegisterPerson(person_id=each, region=COMMUNITY, name="演示居民", age_band=AgeBand.MIDDLE)
            for each in people
        ]
        outcomes = await town.client.send_many(registers)
        refused = [each for each in outcomes if isinstance(each, Refusal)]
        assert not refused, refused[0]
        consents = [
            RecordConsent(person_id=each, purpose=ConsentPurpose.ACTIVITIES, given_by=each, notice_version="v1")
            for each in people[:CONSENTS]
        ]
        await asyncio.gather(*(town.client.send(each) for each in consents))
        answered += BATCH + CONSENTS
    return answered


async def watch(
    stack: Stack, ends: float, services: Sequence[str] = SERVICES, warm_up: float = WARM_UP_SECONDS
) -> dict[str, list[Look]]:
    """Looks at every service again and again, once it is warm."""
    looks: dict[str, list[Look]] = {service: [] for service in services}
    databases = {service: await asyncpg.connect(stack.database_dsn(service)) for service in services}
    await asyncio.sleep(warm_up)
    while time.monotonic() < ends:
        for service, database in databases.items():
            health = await asyncio.to_thread(look_at, instance_record(stack.processes[f"{service}-1"]))
            looks[service].append(
                Look(
                    memory=health.memory_bytes,
                    files=psutil.Process(health.pid).num_fds(),
                    unpublished=health.outbox_unpublished or 0,
                    lag=health.lag or 0,
                    stored=await database.fetchval(BYTES),
                    said=await database.fetchval(SAID) or 0,
                )
            )
        await asyncio.sleep(LOOK_SECONDS)
    for database in databases.values():
        await database.close()
    return looks
