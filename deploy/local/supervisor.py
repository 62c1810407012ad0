"""Keeps programs running: one that ends without being asked is started again, a little later each time."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from deploy.local.program import Program
from deploy.local.trouble import Trouble
from deploy.local.words import say

FIRST_DELAY_SECONDS = 0.2
LAST_DELAY_SECONDS = 10.0
HEALTHY_SECONDS = 30.0


class Keeper:
    """Watches one program from a thread of its own until told to stop.

    `changed` is called after every start and end, `note` with a sentence for people after every unasked end.
    """

    def __init__(self, program: Program, note: Callable[[str], None], changed: Callable[[], None]) -> None:
        self.program = program
        self.restarts = 0
        self._note, self._changed = note, changed
        self._lock = threading.Lock()
        self._down = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def name(self) -> str:
        """The program's name, such as `activities-2`."""
        return self.program.name

    @property
    def state(self) -> str:
        """`running`, `waiting` (it crashed and is started again soon) or `stopped`."""
        if self.program.running:
            return "running"
        return "stopped" if self._down.is_set() else "waiting"

    def start(self) -> None:
        """Starts the program and begins to watch it; Trouble when the first start fails."""
        self._down.clear()
        self.program.start()
        self._begin_to_watch()

    def stop(self) -> None:
        """Ends the program cleanly and leaves it down."""
        self._down.set()
        with self._lock:
            self.program.stop()
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join()
        self._changed()

    def kill(self) -> None:
        """SIGKILL; the program is started again like after any crash."""
        self.program.kill()

    def restart(self) -> None:
        """Ends the program cleanly and starts it again; no crash is counted.

        Trouble when it does not start: it is then tried again as after a crash.
        """
        self.stop()
        try:
            self.start()
        except (Trouble, OSError):
            self._begin_to_watch()
            raise

    def _begin_to_watch(self) -> None:
        self._watcher = threading.Thread(target=self._watch, name=f"keeper-{self.name}", daemon=True)
        self._watcher.start()
        self._changed()

    def _watch(self) -> None:
        delay, began = FIRST_DELAY_SECONDS, time.monotonic()
        while True:
            self.program.wait()
            if self._down.is_set():
                return
            if time.monotonic() - began >= HEALTHY_SECONDS:
                delay = FIRST_DELAY_SECONDS
            self._changed()
            self._note(ended(self.name, self.program.exit_code, delay))
            if self._down.wait(delay):
                return
            delay = min(delay * 2, LAST_DELAY_SECONDS)
            began = time.monotonic()
            self._start_again()

    def _start_again(self) -> None:
        with self._lock:
            if self._down.is_set():
                return
            try:
                self.restarts += 1
                self.program.start()
            except (Trouble, OSError) as trouble:
                self._note(f"{self.name}: {trouble}")
        self._changed()


def ended(name: str, exit_code: int | None, delay: float) -> str:
    """The sentence about a program that ended unasked."""
    if exit_code is not None and exit_code < 0:
        how_zh, how_en = f"被信号 {-exit_code} 终止", f"was ended by signal {-exit_code}"
    else:
        how_zh, how_en = f"退出，状态 {exit_code}", f"ended with status {exit_code}"
    return say(f"{name} {how_zh};{delay:g} 秒后重新启动。", f"{name} {how_en}; starting it again in {delay:g} s.")


def stop_together(keepers: Sequence[Keeper]) -> None:
    """Stops them all at the same time."""
    with ThreadPoolExecutor(max_workers=max(1, len(keepers))) as pool:
        list(pool.map(Keeper.stop, keepers))
