"""Which processes of this machine live, and what they are. A process number alone says nothing: it is used again."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

SAME_START_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Living:
    """A process by its number and when it began (seconds since 1970)."""

    pid: int
    born: float

    @classmethod
    def find(cls, pid: int) -> Self | None:
        """The living process of that number; None when there is none. A zombie counts as none."""
        try:
            process = psutil.Process(pid)
            return None if process.status() == psutil.STATUS_ZOMBIE else cls(pid, float(process.create_time()))
        except psutil.NoSuchProcess:
            return None

    @property
    def alive(self) -> bool:
        """Whether it still lives, and its number has not passed to a later process."""
        now = Living.find(self.pid)
        return now is not None and abs(now.born - self.born) < SAME_START_SECONDS

    def kill(self) -> None:
        """SIGKILL, if it still lives."""
        self.send(signal.SIGKILL)

    def send(self, what: signal.Signals) -> None:
        """Sends a signal, if it still lives."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, what)


def descendants(pid: int) -> list[Living]:
    """Everything the process started and what those started; empty when it is gone."""
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [found for child in children if (found := Living.find(child.pid)) is not None]


def works_in(pid: int, directory: Path) -> bool:
    """Whether a living process of that number has the directory as its working directory."""
    try:
        return Living.find(pid) is not None and os.path.realpath(psutil.Process(pid).cwd()) == str(directory.resolve())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def works_of(program: str, directory: Path) -> list[Living]:
    """The living processes of a program that have the directory as their working directory."""
    named = (process.pid for process in psutil.process_iter(["name"]) if process.info["name"] == program)
    found = (Living.find(pid) for pid in named if works_in(pid, directory))
    return [process for process in found if process is not None]


def was_given(pid: int, argument: str) -> bool:
    """Whether a living process of that number has the argument on its command line."""
    try:
        return Living.find(pid) is not None and argument in psutil.Process(pid).cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def resident_bytes(pid: int) -> int:
    """Memory the process really holds, 0 when it is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
