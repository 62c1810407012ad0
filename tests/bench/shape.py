"""One JSON shape for all benches, and the table a person reads."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Case:
    """One measured case: medians over its rounds. `ratio` is our rate to the bare loop's in the same run.

    Rates are operations a second, times milliseconds, `cpu_us` microseconds of the service process an operation.
    """

    case: str
    per_second: float
    bare_per_second: float | None = None
    ratio: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_us: float | None = None
    bare_cpu_us: float | None = None
    rounds: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """What a bench found. `capacity_exact` is None where no capacity was at stake."""

    bench: str
    cases: Sequence[Case]
    capacity_exact: bool | None = None
    machine: dict[str, Any] = field(default_factory=lambda: machine())

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    def show(self) -> None:
        """The table, on stderr."""
        table = Table(title=f"{self.bench}  (capacity exact: {self.capacity_exact})")
        columns = (
            "case",
            "per_second",
            "bare_per_second",
            "ratio",
            "p50_ms",
            "p99_ms",
            "cpu_us",
            "bare_cpu_us",
            "rounds",
        )
        for name in columns:
            table.add_column(name, justify="left" if name == "case" else "right")
        for case in self.cases:
            table.add_row(*(_text(getattr(case, name)) for name in columns))
        Console(stderr=True, width=120).print(table)


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
        "load_before": round(os.getloadavg()[0], 2),
    }


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

    rate, bare_rate = middle(ours, "per_second") or 0.0, middle(bare, "per_second")
    return Case(
        case=name,
        per_second=rate,
        bare_per_second=bare_rate,
        ratio=round(rate / bare_rate, 3) if bare_rate else None,
        p50_ms=middle(ours, "p50_ms"),
        p99_ms=middle(ours, "p99_ms"),
        cpu_us=middle(ours, "cpu_us"),
        bare_cpu_us=middle(bare, "cpu_us"),
        rounds=len(ours),
    )


def tell(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)
