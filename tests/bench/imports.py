"""A whole country's divisions through `./linli import-divisions`, beside COPY and one upsert of the same rows."""

import asyncio
import csv
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

import asyncpg
import psutil

from deploy.local.service import CHECKOUT
from deploy.local.stack import Stack
from deploy.postgres.provision import database_of, dsn_in
from tests.bench.country import ROWS, write_country
from tests.bench.shape import Case, Report, cpu_seconds, median_case, tell

SINCE: Final = date(2023, 6, 30)
EMPTY: Final = "TRUNCATE division CASCADE"
MAKE_BARE: Final = """
DROP TABLE IF EXISTS bare_division;
CREATE TABLE bare_division (
    code char(12) COLLATE "C" PRIMARY KEY, name text NOT NULL, level text NOT NULL, parent_code char(12) COLLATE "C",
    valid_from date NOT NULL, source text NOT NULL
)
"""
LISTED: Final = """
CREATE TEMPORARY TABLE listed (code char(12) COLLATE "C", name text, level text, parent_code char(12) COLLATE "C")
ON COMMIT DROP
"""
UPSERT: Final = """
INSERT INTO bare_division SELECT code, name, level, parent_code, $1, $2 FROM listed ON CONFLICT (code) DO UPDATE
SET name = EXCLUDED.name, parent_code = EXCLUDED.parent_code, valid_from = EXCLUDED.valid_from, source = EXCLUDED.source
WHERE (bare_division.name, bare_division.parent_code) IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.parent_code)
"""
COLUMNS: Final = ("code", "name", "level", "parent_code")
CASES: Final = ("first", "unchanged")


async def measure(rounds: int) -> Report:
    """Starts a throw-away stack; each round imports into an empty table, and then the same file again."""
    found: dict[str, tuple[list[Case], list[Case]]] = {name: ([], []) for name in CASES}
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as folder:
        file = Path(folder) / "country.csv"
        tell(f"writing {ROWS:,} rows")
        write_country(file)
        with Stack(Path(folder) / "stack", services=["registry", "gateway"]) as stack:
            for number in range(1, rounds + 1):
                tell(f"round {number} of {rounds}")
                admin = await asyncpg.connect(dsn_in(stack.admin_dsn, database_of("registry")), command_timeout=120)
                await admin.execute(EMPTY)
                await admin.execute(MAKE_BARE)
                for name in CASES:
                    ours, bare = found[name]
                    ours.append(await asyncio.to_thread(through_the_front_door, stack, file, name))
                    bare.append(await by_bare_copy(admin, file))
                    tell(f"  {name}: {ours[-1].seconds:.1f} s, bare {bare[-1].seconds:.1f} s")
                await admin.close()
    return Report("import", [median_case(name, *both) for name, both in found.items()])


def through_the_front_door(stack: Stack, file: Path, name: str) -> Case:
    """Runs the command as a person does, and watches the memory of the service."""
    command = [sys.executable, "-m", "deploy.local.cli", "import-divisions", str(file), "--json"]
    options = ["--data", str(stack.directory), "--valid-from", SINCE.isoformat()]
    pid = stack.processes["registry-1"].program.pid
    cpu, start = cpu_seconds([pid]), time.perf_counter()
    with memory_above_idle(pid) as above:
        printed = subprocess.run([*command, *options], cwd=CHECKOUT, stdout=subprocess.PIPE, timeout=300, check=True)
    seconds = time.perf_counter() - start
    told = json.loads(printed.stdout)
    assert told["added" if name == "first" else "unchanged"] == ROWS, told
    return _case(seconds, cpu_seconds([pid]) - cpu, above[0] / 2**20)


@contextmanager
def memory_above_idle(pid: int) -> Iterator[list[float]]:
    """Looks every 20 ms; the list holds the most bytes above what the process had at the beginning."""
    process, ended, above = psutil.Process(pid), threading.Event(), [0.0]
    idle = process.memory_info().rss

    def watch() -> None:
        while not ended.wait(0.02):
            above[0] = max(above[0], process.memory_info().rss - idle)

    watcher = threading.Thread(target=watch, name="memory")
    watcher.start()
    try:
        yield above
    finally:
        ended.set()
        watcher.join()


async def by_bare_copy(database: Any, file: Path) -> Case:
    """Reads the file, copies it into a temporary table and upserts it, in one transaction."""
    cpu, start = time.process_time(), time.perf_counter()
    with file.open(encoding="utf-8", newline="") as opened:
        reader = csv.reader(opened)
        next(reader)
        rows = [(code, name, level, parent or None) for code, name, level, parent in reader]
    async with database.transaction():
        await database.execute(LISTED)
        await database.copy_records_to_table("listed", records=rows, columns=list(COLUMNS), timeout=120)
        await database.execute(UPSERT, SINCE, file.name)
    return _case(time.perf_counter() - start, time.process_time() - cpu)


def _case(seconds: float, cpu: float, memory_mb: float | None = None) -> Case:
    return Case("", per_second=ROWS / seconds, seconds=seconds, cpu_us=cpu / ROWS * 1e6, memory_mb=memory_mb)
