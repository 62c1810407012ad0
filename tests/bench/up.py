"""`./linli up` on an empty directory, a second start of the same, and what each idle service takes of memory."""

import asyncio
import compileall
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from deploy.local.health import look
from deploy.local.ports import free_port, is_taken
from deploy.local.record import find_running
from deploy.local.service import CHECKOUT
from tests.bench.shape import Case, Report, median_case, tell

IDLE_SECONDS: Final = 3.0


async def measure(rounds: int) -> Report:
    """Each round: a new directory, up until every service is ready, memory, down, and up again.

    Of a compiled checkout, as installation leaves it: what changed since then would be compiled by each process.
    """
    for package in ("contracts", "deploy", "services"):
        compileall.compile_dir(CHECKOUT / package, quiet=1)
    starts: dict[str, list[Case]] = {"from nothing": [], "again": []}
    memory: dict[str, list[Case]] = {}
    for number in range(1, rounds + 1):
        with tempfile.TemporaryDirectory(prefix="linli-bench-") as folder:
            for name, cases in starts.items():
                seconds = await asyncio.to_thread(_up, Path(folder))
                tell(f"round {number} of {rounds}: {name} {seconds:.1f} s")
                cases.append(Case("", seconds=seconds))
                if name == "from nothing":
                    await asyncio.sleep(IDLE_SECONDS)
                    for service, megabytes in _memory(Path(folder)).items():
                        memory.setdefault(service, []).append(Case("", memory_mb=megabytes))
                await asyncio.to_thread(_linli, "down", Path(folder))
    return Report("up", [median_case(name, cases) for name, cases in (starts | memory).items()])


def _up(directory: Path) -> float:
    """Seconds from the command to its return, which is when every service is ready."""
    began = time.perf_counter()
    _linli("up", directory, "--detach", "--ports", str(_three_free_ports()))
    return time.perf_counter() - began


def _linli(command: str, directory: Path, *options: str) -> None:
    argv = [sys.executable, "-m", "deploy.local.cli", command, "--data", str(directory), *options]
    subprocess.run(argv, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)


def _three_free_ports() -> int:
    while any(is_taken((base := free_port()) + more) for more in (1, 2)):
        pass
    return base


def _memory(directory: Path) -> dict[str, float]:
    """Resident MiB of each idle service."""
    record = find_running(directory)
    assert record is not None, "up has returned"
    services = {instance.name for instance in record.instances if instance.service}
    return {each.name: round(each.memory_bytes / 2**20, 1) for each in look(record) if each.name in services}
