"""Real servers for the tests of the starter."""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest

from deploy.local.living import Living
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.service import CHECKOUT, Service

T = TypeVar("T")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server that forgets nothing but power cuts."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server


def ask(dsn: str, *statements: str) -> list[Any]:
    """Runs the statements on one connection of an event loop of their own; the first value of each answer."""

    async def run() -> list[Any]:
        connection = await asyncpg.connect(dsn, timeout=5)
        try:
            return [await connection.fetchval(statement) for statement in statements]
        finally:
            await connection.close()

    return in_new_loop(run)


def in_new_loop(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The result of a coroutine, for tests that are not asynchronous themselves."""
    with asyncio.Runner() as runner:
        return runner.run(work())


def dummy(name: str, database: bool = False) -> Service:
    """A service that answers and does nothing."""
    return Service(name, (sys.executable, "-m", "tests.local.dummy_service"), database)


def wait_until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Returns when the condition holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def all_gone(processes: list[Living]) -> bool:
    """Whether none of the processes lives."""
    return not any(process.alive for process in processes)


def modes_up_to_the_root(path: Path) -> dict[Path, int]:
    """The permissions of a directory and everything above it."""
    return {place: place.stat().st_mode for place in (path, *path.parents)}


PYTHON_OF_THE_HOUSE = {"PYTHONPATH": str(CHECKOUT), "PYTHONSAFEPATH": "1"}
