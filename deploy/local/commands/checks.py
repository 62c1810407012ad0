"""`./linli test`: every check that a change must pass, in one command."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Annotated

import typer

from deploy.local.options import Json
from deploy.local.service import CHECKOUT
from deploy.local.words import say

MANUAL = say(
    "运行 pytest(真实的 PostgreSQL 与 NATS),并同时运行 ruff、mypy、导入规则、生成文件是否最新。"
    "其余参数交给 pytest,例如 ./linli test -k enrol。",
    "Runs pytest on real PostgreSQL and NATS and, beside it, ruff, mypy, the import rules and the staleness gates of "
    "generated files. Other arguments go to pytest: ./linli test -k enrol.",
)

Soak = Annotated[bool, typer.Option("--soak", help=say("也运行需数分钟的测试", "Run the tests that take minutes too"))]

app = typer.Typer(add_completion=False)

PYTEST = "pytest"
WORKERS = "3"
"""Processes of the fast suite, which now and then waits; the long tests measure and want the machine to themselves."""
FRESH_SEEDS = "200"
"""So many new interleavings a simulation explores in a long run; the fast one repeats the known ones."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check went."""

    check: str
    ok: bool
    seconds: float


class Teller:
    """Prints whole lines for checks that run side by side; on standard error when standard output is for JSON."""

    def __init__(self, as_json: bool) -> None:
        self._stream = sys.stderr if as_json else sys.stdout
        self._lock = threading.Lock()

    @property
    def colours(self) -> bool:
        """Whether a person sees it on a terminal."""
        return self._stream.isatty()

    def say(self, text: str) -> None:
        """One or more lines that stay together."""
        with self._lock:
            self._stream.write(text + "\n")
            self._stream.flush()


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run_checks(context: typer.Context, soak: Soak = False, as_json: Json = False) -> None:
    """Runs all checks, even after a failed one; the exit status is 1 when any failed.

    The others run one after another beside the fast tests, which now and then wait; long tests begin after them.
    """
    teller, environment = Teller(as_json), environment_of(soak)
    lines = checks(soak, [*context.args, *(["--color=yes"] if teller.colours else [])])
    beside = ThreadPoolExecutor(1)
    try:
        others = [beside.submit(run, name, argv, environment, teller) for name, argv in lines.items() if name != PYTEST]
        if soak:
            [other.result() for other in others]
        tests = run(PYTEST, lines[PYTEST], environment, teller)
        outcomes = [*(other.result() for other in others), tests]
    finally:
        beside.shutdown(cancel_futures=True)
    if as_json:
        print(json.dumps({"ok": all(it.ok for it in outcomes), "checks": [asdict(it) for it in outcomes]}))
    raise typer.Exit(0 if all(outcome.ok for outcome in outcomes) else 1)


def environment_of(soak: bool) -> Mapping[str, str]:
    """That of this process, but a module is compiled once and not again by each of the many processes of the tests."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "LINLI_FRESH_SEEDS": FRESH_SEEDS} if soak else kept


def checks(soak: bool, extra: list[str]) -> dict[str, list[str]]:
    """The command line of each check, in order."""
    lines = {
        "mypy": ["-m", "mypy", "--strict"],
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "lint-imports": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        "generated files": ["-m", "contracts.generation", "--check"],
        PYTEST: ["-m", "pytest", "-q", *(["-n", "0"] if soak else ["-n", WORKERS, "-m", "not soak"]), *extra],
    }
    if find_spec("contracts.generation") is None:
        del lines["generated files"]
    return {name: [sys.executable, *arguments] for name, arguments in lines.items()}


def run(name: str, argv: list[str], environment: Mapping[str, str], teller: Teller) -> Outcome:
    """Runs one check. What it prints is told when it ends, of the tests line by line."""
    began = time.monotonic()
    if name == PYTEST:
        teller.say(f"── {name}")
    printed: list[str] = []
    status = follow(argv, environment, teller.say if name == PYTEST else printed.append)
    seconds = round(time.monotonic() - began, 1)
    verdict = say("通过", "passed") if status == 0 else say("未通过", "FAILED")
    heading = [] if name == PYTEST else [f"── {name}"]
    teller.say("\n".join([*heading, *printed, f"   {name}: {verdict} ({seconds} s)"]))
    return Outcome(name, status == 0, seconds)


def follow(argv: list[str], environment: Mapping[str, str], hear: Callable[[str], object]) -> int:
    """Runs a program to its end and hands on each line that it prints; its exit status."""
    with subprocess.Popen(
        argv, cwd=CHECKOUT, env=environment, text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as program:  # fmt: skip
        for line in program.stdout or ():
            hear(line.rstrip("\n"))
    return program.returncode
