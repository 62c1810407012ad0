"""`./linli test`: every check that a change must pass, in one command."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Annotated

import typer

from deploy.local.options import Json
from deploy.local.progress import Terminal
from deploy.local.service import CHECKOUT
from deploy.local.words import say

MANUAL = say(
    "依次运行:ruff、mypy、导入规则、生成文件是否最新、pytest(真实的 PostgreSQL 与 NATS)。"
    "其余参数交给 pytest,例如 ./linli test -k enrol。",
    "Runs ruff, mypy, the import rules, the staleness gate of generated files, and pytest on real PostgreSQL and NATS. "
    "Other arguments go to pytest: ./linli test -k enrol.",
)

Soak = Annotated[bool, typer.Option("--soak", help=say("也运行需数分钟的测试", "Run the tests that take minutes too"))]

app = typer.Typer(add_completion=False)

WORKERS = "3"
"""Processes of the fast suite, which mostly waits; the long tests measure and want the machine to themselves."""
FRESH_SEEDS = "200"
"""So many new interleavings a simulation explores in a long run; the fast one repeats the known ones."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check went."""

    check: str
    ok: bool
    seconds: float


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run_checks(context: typer.Context, soak: Soak = False, as_json: Json = False) -> None:
    """Runs all checks, even after a failed one; the exit status is 1 when any failed."""
    environment = {"LINLI_FRESH_SEEDS": FRESH_SEEDS} if soak else {}
    outcomes = [run(name, argv, as_json, environment) for name, argv in checks(soak, context.args).items()]
    if as_json:
        print(json.dumps({"ok": all(it.ok for it in outcomes), "checks": [asdict(it) for it in outcomes]}))
    raise typer.Exit(0 if all(outcome.ok for outcome in outcomes) else 1)


def checks(soak: bool, extra: list[str]) -> dict[str, list[str]]:
    """The command line of each check, in order."""
    lines = {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "mypy": ["-m", "mypy", "--strict"],
        "lint-imports": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        "generated files": ["-m", "contracts.generation", "--check"],
        "rights on the bus": ["-m", "deploy.nats.access", "--check"],
        "pytest": ["-m", "pytest", "-q", *(["-n", "0"] if soak else ["-n", WORKERS, "-m", "not soak"]), *extra],
    }
    if find_spec("contracts.generation") is None:
        del lines["generated files"]
    return {name: [sys.executable, *arguments] for name, arguments in lines.items()}


def run(name: str, argv: list[str], as_json: bool, environment: Mapping[str, str]) -> Outcome:
    """Runs one check; what it prints goes to standard error when standard output is for JSON."""
    teller = Terminal()
    teller.note(f"── {name}")
    began = time.monotonic()
    output = sys.stderr if as_json else None
    done = subprocess.run(argv, cwd=CHECKOUT, stdout=output, env={**os.environ, **environment}, check=False)
    seconds = round(time.monotonic() - began, 1)
    ok = done.returncode == 0
    verdict = say("通过", "passed") if ok else say("未通过", "FAILED")
    teller.note(f"   {name}: {verdict} ({seconds} s)")
    return Outcome(name, ok, seconds)
