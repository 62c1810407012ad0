"""Ends a process whose event loop stands still: a blocked loop answers nothing and ignores SIGTERM (promise 5)."""

import asyncio
import faulthandler
import os
import sys
import threading
import time
from typing import Final

from .telemetry import LOOP_LAG, log

BEAT_SECONDS: Final = 0.5
LOOK_SECONDS: Final = 1.0
FROZEN_SECONDS: Final = 3.0
SILENCE_SECONDS: Final = 10.0
EXIT_CODE: Final = 70


class Watchdog:
    """A heartbeat in the loop and a thread that listens for it."""

    def __init__(self, silence_seconds: float = SILENCE_SECONDS) -> None:
        self._silence = silence_seconds
        self._beat_at = time.monotonic()
        self._stopped = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._listen, name="watchdog", daemon=True).start()

    async def beat(self) -> None:
        """The heartbeat; runs as a task of the loop."""
        while True:
            self._beat_at = time.monotonic()
            await asyncio.sleep(BEAT_SECONDS)
            LOOP_LAG.set(max(0.0, time.monotonic() - self._beat_at - BEAT_SECONDS))

    def stop(self) -> None:
        self._stopped.set()

    @property
    def alive(self) -> bool:
        return time.monotonic() - self._beat_at < self._silence

    def _listen(self) -> None:
        """Looks once a second. A look that came late means that the whole process stood still, not the loop alone."""
        looked_at = time.monotonic()
        while not self._stopped.wait(LOOK_SECONDS):
            now = time.monotonic()
            if now - looked_at > FROZEN_SECONDS:
                self._beat_at = now
            looked_at = now
            if not self.alive:
                log.error("event loop stands still, ending the process", seconds=self._silence)
                faulthandler.dump_traceback(file=sys.stderr)
                os._exit(EXIT_CODE)
