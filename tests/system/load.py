"""People who keep registering while something goes on."""

import asyncio
import time
from itertools import pairwise
from uuid import UUID, uuid4

from tests.chaos.callers import Asked, Way
from tests.system.conftest import adult


class Load:
    """People who register, `at_once` in one request of each worker, until told to stop; `codes` are the refusals."""

    def __init__(self, way: Way, workers: int = 4, at_once: int = 40) -> None:
        self._way, self._at_once = way, at_once
        self._over = asyncio.Event()
        self._tasks = [asyncio.create_task(self._register()) for _ in range(workers)]
        self.people: list[UUID] = []
        self.codes: set[str] = set()
        self.accepted_at: list[float] = []

    async def _register(self) -> None:
        while not self._over.is_set():
            people = [uuid4() for _ in range(self._at_once)]
            self.people += people
            waiting = [Asked(uuid4(), adult(person)) for person in people]
            while waiting:
                for each, outcome in zip(waiting, await self._way.carry(waiting), strict=True):
                    each.outcome = outcome
                    if not each.ok:
                        self.codes.add(each.code or "unavailable")  # the client's own word where nobody answered
                waiting = [each for each in waiting if not each.ok]
            self.accepted_at.append(time.monotonic())

    async def end(self) -> None:
        self._over.set()
        await asyncio.gather(*self._tasks)

    @property
    def longest_gap(self) -> float:
        """The longest time in seconds in which nothing was accepted."""
        moments = sorted(self.accepted_at)
        return max(later - earlier for earlier, later in pairwise(moments))
