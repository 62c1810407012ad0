"""One process of ours, which never outlives us."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from deploy.local.living import descendants

LEASH = Path(__file__).with_name("leash.py")


class Child:
    """A process that is started, waited for and reaped by a thread of its own.

    The thread is what makes it safe: Linux ties "die with your parent" to the thread that forked, so the forking
    thread must live as long as the child. When our process ends in any way the child gets `orphan_signal`.
    `prefix` are words before the command that change who runs it: the leash comes after them, for they would untie it.
    Its output goes to the end of `log`. It leads a session of its own, so Ctrl-C in a terminal reaches only us.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        orphan_signal: signal.Signals = signal.SIGKILL,
        prefix: Sequence[str] = (),
    ) -> None:
        self._argv = [*prefix, *leashed(argv, orphan_signal)]
        self._log, self._env, self._cwd = log, env, cwd
        self._popen: subprocess.Popen[bytes] | None = None
        self._failure: OSError | None = None
        self._spawned, self._ended = threading.Event(), threading.Event()

    def start(self) -> "Child":
        """Starts the process once; raises the OSError of a command that cannot be run."""
        threading.Thread(target=self._live, name=f"child-{self._log.stem}", daemon=True).start()
        self._spawned.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def _live(self) -> None:
        try:
            with open_log(self._log) as output:
                self._popen = subprocess.Popen(
                    self._argv,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=self._env,
                    cwd=self._cwd,
                    start_new_session=True,
                )
        except OSError as failure:
            self._failure = failure
            self._ended.set()
            return
        finally:
            self._spawned.set()
        self._popen.wait()
        self._ended.set()

    @property
    def spawned(self) -> bool:
        """Whether there is, or was, a process."""
        return self._popen is not None

    @property
    def pid(self) -> int:
        """The process id; stays readable after the end."""
        assert self._popen is not None, "start() first"
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._popen is not None and not self._ended.is_set()

    @property
    def exit_code(self) -> int | None:
        """The exit status, minus the signal number for a killed one, None while it runs."""
        return self._popen.returncode if self._popen is not None and self._ended.is_set() else None

    def wait(self, seconds: float | None = None) -> bool:
        """Waits for the end, at most so many seconds; whether it has ended."""
        return self._ended.wait(seconds)

    def send(self, what: signal.Signals) -> None:
        """Sends a signal; nothing happens when the process has ended."""
        if self.running and self._popen is not None:
            self._popen.send_signal(what)

    def stop(self, how: signal.Signals, patience: float) -> None:
        """Asks it to end, waits so many seconds, then kills it with everything it started."""
        if self._popen is None:
            return
        self.send(how)
        if not self.wait(patience):
            self.kill()

    def kill(self) -> None:
        """SIGKILL to the process and whatever it started; returns when it is gone."""
        if not self.running:
            return
        self.send(signal.SIGSTOP)  # or it would start another while its family is counted
        family = descendants(self.pid)
        self.send(signal.SIGKILL)
        for process in family:
            process.kill()
        self.wait()
        while any(process.alive for process in family):
            time.sleep(0.01)


def leashed(argv: Sequence[str], orphan_signal: signal.Signals) -> list[str]:
    """The command line that runs `argv` tied to the life of this process."""
    python = os.path.realpath(sys.executable)
    return [python, "-I", "-S", str(LEASH), str(os.getpid()), str(int(orphan_signal)), *argv]


def open_log(path: Path) -> BinaryIO:
    """The log, opened at its end and readable by us alone."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def rotate(log: Path) -> None:
    """Puts the log of the last run aside as `.1`, where there is one."""
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
