"""Ten minutes of working days leave activities as flat as it was (issue 5); LINLI_SOAK_SECONDS makes it longer."""

import asyncio
import os
import time
from pathlib import Path
from typing import Final

import nats
import pytest

from contracts.client import Client
from deploy.local.stack import Stack
from services.chassis.tokens import Signer
from tests.bench.shape import tell
from tests.bench.town import opened
from tests.soak.day import HOMES, ROOMS, SEATS, Day
from tests.soak.test_flat import backlog, bytes_an_event, drift, watch

SECONDS: Final = float(os.environ.get("LINLI_SOAK_SECONDS", "600"))
WARM_UP: Final = 0.25
"""A quarter of the time: caches of statements and plans, pools and pages of the allocator fill."""


@pytest.mark.soak
@pytest.mark.timeout(SECONDS + 300)
async def test_working_days_leave_memory_files_and_tables_flat(tmp_path: Path) -> None:
    with Stack(tmp_path, services=["registry", "activities"]) as stack:
        async with opened(stack.nats_url, stack.secrets_dir, people=HOMES * SEATS, rooms=ROOMS) as town:
            edge = Signer("gateway", stack.secrets_dir).mint("gateway", ["edge"], seconds=36_000)
            connection = await nats.connect(stack.nats_url)
            ends = time.monotonic() + SECONDS
            day = Day(town, Client(connection, edge, timeout=60.0), ends)
            looks, _ = await asyncio.gather(watch(stack, ends, ["activities"], WARM_UP * SECONDS), day.live())
            await connection.close()

    seen = looks["activities"]
    said, memory = [look.said for look in seen], [look.memory for look in seen]
    tell(f"{dict(day.done)}: {len(seen)} looks, {seen[0]} ... {seen[-1]}")
    tell(f"drift: memory {drift(memory):+.2%}, files {drift([look.files for look in seen]):+.2%}")
    tell(f"bytes of tables an event, first and second half: {bytes_an_event(said, [look.stored for look in seen])}")
    assert day.done["sessions"] > SECONDS / 10, "hardly anything happened"
    assert drift(memory) < 0.05, "activities grows in memory"
    assert drift([look.files for look in seen]) < 0.05, "activities keeps files open"
    for name in ("unpublished", "lag"):
        before, after = backlog([getattr(look, name) for look in seen])
        assert after <= 2 * before + 200, f"activities falls behind: {name}"
    before, after = bytes_an_event(said, [look.stored for look in seen])
    assert after <= 1.3 * before + 50, "the tables grow faster than what is said"
