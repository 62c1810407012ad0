"""What goes wrong: seeded SIGKILL, SIGSTOP and clean restarts of services and servers, by PID, deck after deck."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from deploy.local.living import Living, descendants
from deploy.local.stack import Stack
from tests.bench.shape import tell
from tests.chaos.house import instances

DECK: Final = (
    "kill service",
    "kill service",
    "kill nats",
    "kill nats and all of a service",
    "kill nats and all of a service",
    "kill postgres",
    "kill postgres and all of a service",
    "kill postgres and all of a service",
    "freeze service",
    "freeze service",
    "freeze nats",
    "freeze postgres",
    "restart service",
    "restart service",
    "restart nats",
    "restart postgres",
)
"""Every kind, common ones twice. In the crossed ones a server dies first: then what a service had open, or had done and
could not acknowledge, is lost with it."""
LONGEST_FREEZE_SECONDS: Final = {"service": 5.0, "nats": 3.0, "postgres": 3.0}
CALM_SECONDS: Final = 2.2
"""Between two faults on average; a short run hurries so that every kind fires."""


class Faults:
    """Plays the deck for a while. `fired` counts what really hit a living process, by kind."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack = stack
        self._random = random.Random(seed)
        self._busy: set[str] = set()
        self._running: set[asyncio.Task[None]] = set()
        self.fired: Counter[str] = Counter()
        self.last_at = time.monotonic()

    async def play(self, seconds: float) -> None:
        """Faults for so many seconds, and on until every kind has fired once; returns when the last is over."""
        ends = time.monotonic() + seconds
        calm = min(CALM_SECONDS, seconds / len(DECK))
        deck: list[str] = []
        while time.monotonic() < ends or not set(DECK) <= set(self.fired):
            deck = deck or self._shuffled(time.monotonic() >= ends)
            self._begin(deck.pop())
            await asyncio.sleep(self._random.uniform(0.3, 1.7) * calm)
        await asyncio.gather(*self._running)
        self.last_at = time.monotonic()

    def _shuffled(self, only_missing: bool) -> list[str]:
        deck = [kind for kind in DECK if not only_missing or kind not in self.fired]
        self._random.shuffle(deck)
        return deck

    def _begin(self, kind: str) -> None:
        """Starts one fault unless its targets suffer already or are down."""
        names = self._targets(kind)
        if not names or any(name in self._busy or not self._stack.processes[name].program.running for name in names):
            return
        self._busy |= set(names)
        self.fired[kind] += 1
        tell(f"{kind}: {', '.join(names)}")
        longest = LONGEST_FREEZE_SECONDS[kind.split()[1]]
        task = asyncio.create_task(self._suffer(kind, names, self._random.uniform(0.3, longest)))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _targets(self, kind: str) -> list[str]:
        what = kind.split()[1]
        if what in ("nats", "postgres"):
            return [what, *self._all_of_one()] if "all of a service" in kind else [what]
        return [self._random.choice(instances(self._stack))]

    def _all_of_one(self) -> list[str]:
        """All of a service that hears events; often the witness, which shows most."""
        service = self._random.choice(("witness", "witness", "activities", "notify", "volunteers"))
        return [name for name in instances(self._stack) if name.startswith(f"{service}-")]

    async def _suffer(self, kind: str, names: Sequence[str], seconds: float) -> None:
        try:
            match kind.split()[0]:
                case "kill":
                    await self._kill(names)
                case "freeze":
                    await self._freeze(names[0], seconds)
                case _:
                    await asyncio.to_thread(self._stack.restart, names[0])
        finally:
            self._busy -= set(names)

    async def _kill(self, names: Sequence[str]) -> None:
        for name in names:
            await asyncio.to_thread(self._stack.kill, name)
            await asyncio.sleep(0.2 if len(names) > 1 else 0)

    async def _freeze(self, name: str, seconds: float) -> None:
        with frozen(self._stack.processes[name].program.pid):
            await asyncio.sleep(seconds)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """SIGSTOP to the process and whatever it started; all of them go on afterwards."""
    family = [each for each in (Living.find(pid), *descendants(pid)) if each is not None]
    for process in family:
        process.send(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(family):
            process.send(signal.SIGCONT)
