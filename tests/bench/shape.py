"""One JSON shape for all benches, and the table a person reads."""

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import psutil
from rich.console import Console
from rich.table import Table

from deploy.local.binaries import nats_server, postgres_programs

LOAD_BEFORE: Final = round(os.getloadavg()[0], 2)
"""How busy others kept the machine when the command began: it is read before any bench starts."""
LIBRARIES: Final = ("faststream", "nats-py", "asyncpg", "pydantic", "uvicorn", "uvloop")


@dataclass(frozen=True, slots=True)
class Case:
    """One measured case: medians over its rounds. `ratio` is our rate to the bare loop's in the same run.

    Rates are operations a second, times milliseconds or seconds as their name says, `cpu_us` microseconds of the
    service process an operation, `memory_mb` resident MiB. What a case does not measure is None.
    """

    case: str
    per_second: float | None = None
    bare_per_second: float | None = None
    ratio: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_us: float | None = None
    bare_cpu_us: float | None = None
    seconds: float | None = None
    bare_seconds: float | None = None
    memory_mb: float | None = None
    longest_gap_s: float | None = None
    drain_s: float | None = None
    retryable: float | None = None
    """Answers that asked to be repeated; each was, under the same id."""
    errors: float | None = None
    """Answers that were neither done nor retryable."""
    out_of_order: float | None = None
    rounds: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """What a bench found. `capacity_exact` is None where no capacity was at stake, `order_fair` where no order was."""

    bench: str
    cases: Sequence[Case]
    capacity_exact: bool | None = None
    order_fair: bool | None = None
    machine: dict[str, Any] = field(default_factory=lambda: machine())
    versions: dict[str, str] = field(default_factory=lambda: versions())
    date: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    def table(self) -> list[list[str]]:
        """Headings, then a row a case; columns that no case measured are left out."""
        names = [each.name for each in fields(Case) if any(getattr(case, each.name) is not None for case in self.cases)]
        return [names, *([_text(getattr(case, name)) for name in names] for case in self.cases)]

    def show(self) -> None:
        """The table, on stderr."""
        exact = "" if self.capacity_exact is None else f"  (capacity exact: {self.capacity_exact})"
        exact += "" if self.order_fair is None else f"  (order fair: {self.order_fair})"
        table = Table(title=self.bench + exact)
        headings, *rows = self.table()
        for name in headings:
            table.add_column(name, justify="left" if name == "case" else "right", overflow="fold")
        for row in rows:
            table.add_row(*row)
        Console(stderr=True, width=140).print(table)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
    return "" if value is None else str(value)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cpus": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": _processor(),
        "load_before": LOAD_BEFORE,
    }


def versions() -> dict[str, str]:
    """The servers and libraries that carry the load."""
    programs = {
        "PostgreSQL": (str(postgres_programs() / "postgres"), "--version"),
        "nats-server": (nats_server(), "-v"),
    }
    told = {name: subprocess.run(argv, capture_output=True, text=True, check=True) for name, argv in programs.items()}
    servers = {name: each.stdout.split()[-1].removeprefix("v") for name, each in told.items()}
    return servers | {name: metadata.version(name) for name in LIBRARIES}


def _processor() -> str:
    """The processor's name where the system tells it (Linux), else its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def cpu_seconds(pids: Sequence[int]) -> float:
    """CPU time that these processes have used so far."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return float(sum(each.user + each.system for each in times))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the sorted values lie, in milliseconds for times in seconds."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 3)


def median_case(name: str, ours: Sequence[Case], bare: Sequence[Case] = ()) -> Case:
    """The medians of the rounds of one case, and the ratio of the medians to the bare loop's rounds."""

    def middle(cases: Sequence[Case], figure: str) -> float | None:
        values = [value for each in cases if (value := getattr(each, figure)) is not None]
        return round(statistics.median(values), 3) if values else None

    rate, bare_rate = middle(ours, "per_second"), middle(bare, "per_second")
    return Case(
        case=name,
        per_second=rate,
        bare_per_second=bare_rate,
        ratio=round(rate / bare_rate, 3) if rate and bare_rate else None,
        p50_ms=middle(ours, "p50_ms"),
        p99_ms=middle(ours, "p99_ms"),
        cpu_us=middle(ours, "cpu_us"),
        bare_cpu_us=middle(bare, "cpu_us"),
        seconds=middle(ours, "seconds"),
        bare_seconds=middle(bare, "seconds"),
        memory_mb=middle(ours, "memory_mb"),
        rounds=len(ours),
    )


def tell(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)
