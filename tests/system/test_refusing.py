"""A process ends itself rather than lie: an undurable database, an event loop that stands still."""

import os
import subprocess
import sys
import time
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest

from deploy.local.service import CHECKOUT, child_environment
from deploy.postgres.logins import ensure_logins, runtime_dsn
from services.chassis.watchdog import EXIT_CODE
from tests.under_test import Servers

LOOP = """
import asyncio, sys, time
from services.chassis.watchdog import Watchdog

async def main():
    watchdog = Watchdog(silence_seconds=2.0)
    watchdog.start()
    beat = asyncio.create_task(watchdog.beat())
    await asyncio.sleep(0.2)
    print("beating", flush=True)
    if sys.argv[1] == "blocked":
        time.sleep(30)
    await asyncio.sleep(5)
    print("still here", watchdog.alive, flush=True)

asyncio.run(main())
"""


def loop(how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", LOOP, how],
        cwd=CHECKOUT,
        env=child_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_blocked_event_loop_ends_the_process_and_shows_where_it_stood() -> None:
    with loop("blocked") as process:
        _, told = process.communicate(timeout=20)

    assert process.returncode == EXIT_CODE
    assert "event loop stands still" in told
    assert "in main" in told, "the stack of the blocked loop is not shown"


@pytest.mark.soak
def test_a_process_that_was_frozen_as_a_whole_goes_on() -> None:
    with loop("free") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "beating\n"
        os.kill(process.pid, SIGSTOP)
        time.sleep(4.3)
        os.kill(process.pid, SIGCONT)
        said, _ = process.communicate(timeout=20)

    assert (process.returncode, said) == (0, "still here True\n")


@pytest.mark.soak
def test_a_service_refuses_to_start_on_a_database_that_may_lose_what_it_confirmed(
    servers: Servers, tmp_path: Path
) -> None:
    settings = {
        "LINLI_DATABASE_DSN": runtime_dsn(servers.postgres_dsn, "registry", ensure_logins(servers.secrets)),
        "LINLI_NATS_URL": servers.nats_url,
        "LINLI_SECRETS_DIR": str(servers.secrets),
        "LINLI_TRACE_FILE": str(tmp_path / "trace.jsonl"),
    }
    inherited = {name: value for name, value in child_environment().items() if name != "LINLI_ALLOW_UNDURABLE"}

    done = subprocess.run(
        [sys.executable, "-m", "services.registry.app"],
        cwd=CHECKOUT,
        env=inherited | settings,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode != 0
    assert "PostgreSQL has fsync = off: set it to on, then start the service again" in done.stderr
