"""What every program we run has in common, be it a server or a service."""

import signal
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from deploy.local.child import Child


class Program(ABC):
    """A program that is started, may be killed and started again, and is stopped. All methods block."""

    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_seconds: ClassVar[float] = 20.0

    def __init__(self, name: str, log: Path) -> None:
        self.name, self.log = name, log
        self._child: Child | None = None

    @abstractmethod
    def start(self) -> Self:
        """Starts it; raises Trouble with what to do when it cannot be started."""

    def _spawn(self, child: Child) -> Child:
        """Starts the child; known before it is started, so that `stop` finds it whatever interrupts us."""
        self._child = child
        return child.start()

    def stop(self) -> None:
        """Ends it cleanly; kills it when it takes longer than `stop_seconds`."""
        if self._child is not None:
            self._child.stop(self.stop_signal, self.stop_seconds)

    def kill(self) -> None:
        """SIGKILL to it and whatever it started: what a crash leaves."""
        if self._child is not None:
            self._child.kill()

    def restart(self) -> None:
        """Stops and starts on the same port."""
        self.stop()
        self.start()

    def wait(self) -> None:
        """Waits until it has ended."""
        if self._child is not None:
            self._child.wait()

    @property
    def started(self) -> bool:
        """Whether a process of it was ever started."""
        return self._child is not None and self._child.spawned

    @property
    def pid(self) -> int:
        """Its process id, which stays readable after its end."""
        assert self._child is not None, "start() first"
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._child is not None and self._child.running

    @property
    def exit_code(self) -> int | None:
        """Exit status of the last process, minus the signal number for a killed one; None while it runs."""
        return None if self._child is None else self._child.exit_code

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
