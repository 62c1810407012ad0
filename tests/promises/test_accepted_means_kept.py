"""Promise 1: what was answered survives whatever is killed, and a service does not start on servers that may forget."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import asyncpg
import nats
import pytest
from nats.js.api import StreamConfig

from deploy.local.nats import EmbeddedNats
from deploy.local.options import require_running
from deploy.local.service import CHECKOUT, child_environment
from tests.promises.conftest import House
from tests.promises.extents import delayed_bytes
from tests.system.conftest import until
from tests.system.load import Load

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("promises")]
VICTIMS: Final = ("registry-1", "registry-2", "gateway-1", "nats", "postgres", "gateway-2")
REFUSED_SECONDS: Final = 30
BACK_SECONDS: Final = 20.0
ACKED: Final = 100


@contextmanager
def starting(house: House, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    """One more volunteers on the house's servers, with other settings."""
    known = {
        "LINLI_DATABASE_DSN": house.stack.database_dsn("volunteers"),
        "LINLI_NATS_URL": house.stack.nats_url,
        "LINLI_SECRETS_DIR": str(house.stack.secrets_dir),
        "LINLI_INSTANCE": "volunteers-refused",
    }
    inherited = {name: value for name, value in child_environment().items() if name != "LINLI_ALLOW_UNDURABLE"}
    process = subprocess.Popen(
        [sys.executable, "-m", "services.volunteers.app"],
        cwd=CHECKOUT, env=inherited | known | settings, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def said_at_its_end(house: House, settings: Mapping[str, str]) -> str:
    """What a service said that refused to start; fails when it starts."""
    with starting(house, **settings) as process:
        try:
            _, said = await asyncio.to_thread(process.communicate, timeout=REFUSED_SECONDS)
        except subprocess.TimeoutExpired:
            pytest.fail(f"it started with {settings}")
    assert process.returncode not in (0, None)
    return said


async def test_a_service_refuses_servers_that_may_forget_what_they_confirmed(house: House, tmp_path: Path) -> None:
    admin = await asyncpg.connect(house.stack.admin_dsn)
    role = await admin.fetchval("SELECT rolname FROM pg_roles WHERE rolname ~ 'volunteers$' AND rolcanlogin LIMIT 1")
    with EmbeddedNats(tmp_path / "nats", sync_always=False) as forgetful:
        await admin.execute(f"ALTER ROLE {role} SET synchronous_commit = off")
        try:
            monitor = require_running(house.stack.directory).nats_monitor_url
            said = [await said_at_its_end(house, {"LINLI_NATS_MONITOR_URL": monitor})]
        finally:
            await admin.execute(f"ALTER ROLE {role} RESET synchronous_commit")
        said += await asyncio.gather(
            said_at_its_end(house, {"LINLI_NATS_URL": forgetful.url, "LINLI_NATS_MONITOR_URL": forgetful.monitor_url}),
            said_at_its_end(house, {}),
        )
    await admin.close()

    assert "PostgreSQL has synchronous_commit = off: set it to on, then start the service again" in said[0]
    assert "set sync_interval: always in the jetstream block of nats-server" in said[1]
    assert "set LINLI_NATS_MONITOR_URL to its monitoring address" in said[2]


async def bytes_not_on_disk(server: EmbeddedNats) -> int:
    """Publishes, and counts right after the last acknowledgement what the page cache alone holds of the stream."""
    connection = await nats.connect(server.url)
    jetstream = connection.jetstream()
    await jetstream.add_stream(StreamConfig(name="S", subjects=["s"]))
    for _ in range(ACKED):
        await jetstream.publish("s", b"x" * 1000)
    [block] = server.directory.glob("streams/jetstream/*/streams/S/msgs/*.blk")
    delayed = delayed_bytes(block)
    await connection.close()
    return delayed


async def test_what_nats_acknowledged_is_on_the_disk_and_the_check_can_see_when_it_is_not(tmp_path: Path) -> None:
    with EmbeddedNats(tmp_path / "default", sync_always=False) as forgetful:
        if not await bytes_not_on_disk(forgetful):
            pytest.skip("this file system gives every byte its place at once, or does not tell")
    with EmbeddedNats(tmp_path / "always") as faithful:
        assert await bytes_not_on_disk(faithful) == 0


async def test_everybody_whose_registration_was_answered_is_there_after_everything_was_killed(house: House) -> None:
    loads = [Load(house.over_nats, workers=2, at_once=20), Load(house.over_http, workers=2, at_once=5)]
    killed = house.desk.random.sample(VICTIMS, len(VICTIMS))
    for name in killed:
        await asyncio.sleep(house.desk.random.uniform(0.2, 0.6))
        await asyncio.to_thread(house.stack.kill, name)
    await asyncio.gather(*(load.end() for load in loads))
    await asyncio.to_thread(house.stack.wait_ready, seconds=60)
    accepted = [person for load in loads for person in load.people]

    found = await house.fetch(
        "registry",
        "SELECT aggregate_id, count(*) AS events FROM outbox WHERE aggregate_id = ANY ($1::uuid[]) GROUP BY 1",
        accepted,
    )
    there = {row["aggregate_id"] for row in found}
    print({"seed": house.seed, "killed": killed, "answered": len(accepted), "kept": len(there)})
    assert [person for person in accepted if person not in there] == []
    assert await house.heard_of("registry", accepted) == len(accepted)
    assert {row["events"] for row in found} == {1}, "somebody was registered twice"
    assert all(load.codes for load in loads), "nobody noticed that anything was killed"

    async def arrived() -> bool:
        return await house.heard_of("activities", accepted) == len(accepted)

    await until(arrived, BACK_SECONDS)
