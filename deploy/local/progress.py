"""How starting and stopping tell a person what goes on: on standard error, so that standard output stays data."""

import threading
from contextlib import suppress
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Teller(Protocol):
    """Whom a stack tells about its work. May be called from any thread, and never raises."""

    def begin(self, text: str, steps: int) -> None:
        """Work of so many steps begins."""

    def step(self, text: str) -> None:
        """One step is done."""

    def note(self, text: str) -> None:
        """Something happened that a person should know: a crash, a restart."""


class Silent:
    """Tells nobody: for tests and programs."""

    def begin(self, text: str, steps: int) -> None:
        """Nothing."""

    def step(self, text: str) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""


class Terminal:
    """A bar with the step, the count and the time on a terminal; plain lines elsewhere. `close` ends the bar."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._bar: Progress | None = None
        self._steps, self._done = 0, 0
        self._lock = threading.Lock()

    def begin(self, text: str, steps: int) -> None:
        """Shows the bar, empty."""
        self.close()
        self._steps, self._done = steps, 0
        if self._console.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            self._bar = Progress(*columns, TimeElapsedColumn(), console=self._console, transient=True)
            self._bar.add_task(text, total=steps)
            self._bar.start()
        else:
            self._print(text)

    def step(self, text: str) -> None:
        """Moves the bar on by one and leaves a line."""
        with self._lock:
            self._done += 1
            self._print(f"  [{self._done}/{self._steps}] {text}")
            if self._bar is not None:
                self._bar.advance(self._bar.task_ids[0])
        if self._done >= self._steps:
            self.close()

    def note(self, text: str) -> None:
        """Leaves a line."""
        self._print(text)

    def close(self) -> None:
        """Takes the bar away; what comes after is ordinary text."""
        if self._bar is not None:
            with suppress(OSError):
                self._bar.stop()
            self._bar = None

    def _print(self, text: str) -> None:
        with suppress(OSError, ValueError):  # the terminal may be gone: the work goes on
            self._console.print(text, markup=False, soft_wrap=True)
