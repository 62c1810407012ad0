"""Any process may be killed at any moment of the story: it still ends with the same table. Takes minutes."""

import random
import threading
from pathlib import Path

import pytest

from deploy.demo import stage
from deploy.demo.script import read_script
from deploy.local.options import require_running
from deploy.local.service import HOUSE
from deploy.local.stack import Stack
from tests.journeys.expected import Expected

MOST_KILLS = 4
KINDS = ("postgres", "nats", "mailbox", "receiver", *(f"{service}-1" for service in HOUSE))
LONGEST_PEACE_SECONDS = 6.0
BACK_SECONDS = 60.0


class Killer:
    """Kills processes of a stack with SIGKILL at random moments: one at a time, the next when all are back."""

    def __init__(self, stack: Stack, names: tuple[str, ...], seed: int) -> None:
        self._stack, self._names, self._random = stack, names, random.Random(seed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._kill, daemon=True)
        self.killed: list[str] = []

    def __enter__(self) -> "Killer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _kill(self) -> None:
        while len(self.killed) < MOST_KILLS and not self._over.wait(self._random.uniform(0.5, LONGEST_PEACE_SECONDS)):
            name = self._random.choice(self._names)
            self._stack.kill(name)
            self.killed.append(name)
            self._stack.wait_ready(seconds=BACK_SECONDS)


def play_under_fire(directory: Path, names: tuple[str, ...], seed: int) -> None:
    """Plays once with a killer about; the table must be that of the script, and somebody must have been killed."""
    print(f"seed {seed}, killing {', '.join(names)}")
    stack = Stack(directory, durable=False)
    stage.prepare(stack)
    with stack:
        with Killer(stack, names, seed) as killer:
            closing = stage.play(require_running(directory), as_json=False)
        print("killed", killer.killed)
        assert killer.killed, "the story was over before anybody was killed"
        assert closing == Expected(read_script()).closing


@pytest.mark.soak
@pytest.mark.parametrize("name", KINDS)
def test_one_kind_of_process_killed_again_and_again_changes_nothing(tmp_path: Path, name: str) -> None:
    play_under_fire(tmp_path, (name,), seed=KINDS.index(name))


@pytest.mark.soak
@pytest.mark.parametrize("seed", [11, 12])
def test_any_process_killed_at_random_changes_nothing(tmp_path: Path, seed: int) -> None:
    play_under_fire(tmp_path, KINDS, seed)
