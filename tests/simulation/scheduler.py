"""One seeded run of asyncio code: virtual time, no sockets, no threads; who runs next is drawn from the seed."""

import asyncio
import os
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock

from services.chassis.logs import log

FIXED: Final = 100
"""So many seeds from 0 on run always, so that what is found or seen does not depend on luck."""
MOST_TURNS: Final = 100_000
STORY: Final = 40


class Stalled(Exception):
    """Nothing is left to happen, or things happen without end, and the scenario is not over."""


class Found(AssertionError):
    """A seed under which the scenario failed."""

    def __init__(self, seed: int, cause: BaseException, story: list[str]) -> None:
        where = os.environ.get("PYTEST_CURRENT_TEST", "the test").split(" ")[0]
        last = "\n  ".join(story[-STORY:])
        super().__init__(
            f"seed {seed}: {type(cause).__name__}: {cause}\n"
            f"run it again: LINLI_SEED={seed} ./linli test {where}\nits last steps:\n  {last}"
        )
        self.seed = seed


class Loop(asyncio.BaseEventLoop):
    """asyncio's own loop, but its clock jumps to the next timer and its next callback is drawn by the dice.

    Some seeds keep the order of arrival, some break it now and then, some always: real input and output may wake tasks
    in any order, but most bugs live near the usual one.
    """

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice
        self._disorder = dice.choice((0.0, 0.2, 1.0))
        self._now = 0.0
        self._turns = 0
        self._selector = self
        self._clock_resolution = 1e-9
        self.set_exception_handler(lambda *_: None)  # what ends a task is seen by what awaits it, or by the accounts

    def time(self) -> float:
        return self._now

    def start_anew(self) -> None:
        """Counts the turns from here."""
        self._turns = 0

    def select(self, timeout: float | None) -> list[Any]:
        """Stands in for waiting on sockets: the time that would be waited for is over at once."""
        if timeout is None:
            raise Stalled("everybody waits for somebody")
        self._now += timeout
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        """No sockets, no events."""

    def _run_once(self) -> None:
        self._turns += 1
        if self._turns > MOST_TURNS:
            raise Stalled(f"no end after {MOST_TURNS} turns")
        others: deque[asyncio.Handle] = self._ready
        if len(others) < 2:
            super()._run_once()
            return
        place = self._dice.randrange(len(others)) if self._dice.random() < self._disorder else 0
        chosen = others[place]
        del others[place]
        self._ready = deque([chosen])
        try:
            super()._run_once()
        finally:
            others.extend(self._ready)
            self._ready = others


class World:
    """What a scenario gets: the dice of its seed, a limited number of blows of fate, and what was seen of them."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.loop = Loop(self.dice)
        self.blows = self.dice.choice((0, 3, 8))
        self.is_over = False
        self.seen: Counter[str] = Counter()
        self.story: list[str] = []
        self._graves: list[asyncio.Future[None]] = []

    def strikes(self, blow: str, chance: float) -> bool:
        """True when this fault happens here and now."""
        struck = self.blows > 0 and self.dice.random() < chance
        if struck:
            self.blows -= 1
            self.saw(blow)
        return struck

    def saw(self, what: str) -> None:
        """Notes an interesting state (see `sometimes` of `explore`)."""
        self.seen[what] += 1
        self.tell(what)

    def tell(self, what: str) -> None:
        self.story.append(f"{self.loop.time():8.3f}  {what}")

    async def rest_in_peace(self) -> None:
        """Waits until the run is over; held here, or the garbage collector would run what the dead left undone."""
        grave = self.loop.create_future()
        self._graves.append(grave)
        await grave

    async def end(self) -> None:
        """Ends what still runs: nothing it does from now on has an effect."""
        self.is_over = True
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


Scenario = Callable[[World], Awaitable[None]]


def explore(
    scenario: Scenario, sometimes: Collection[str] = (), seeds: int = FIXED, known: Collection[int] = ()
) -> None:
    """Runs the scenario under many seeds, `known` ones that found something first. Raises Found.

    Fails too when one of the states named in `sometimes` never came: then the runs were too tame to prove anything.
    With LINLI_SEED in the environment that seed runs alone; `./linli test --soak` adds LINLI_FRESH_SEEDS fresh ones.
    """
    only = os.environ.get("LINLI_SEED")
    fresh = [random.SystemRandom().randrange(FIXED, 2**32) for _ in range(int(os.environ.get("LINLI_FRESH_SEEDS", 0)))]
    seen: Counter[str] = Counter()
    for seed in [int(only)] if only else [*known, *range(seeds), *fresh]:
        seen += run(scenario, seed).seen
    never = [] if only else [state for state in sometimes if not seen[state]]
    assert never == [], f"never seen: {never}; seen: {dict(seen)}"


def run(scenario: Scenario, seed: int) -> World:
    """One run; returns its world. Raises Found."""
    world = World(seed)

    try:
        with _outside_world_shut_out(world, seed):
            try:
                world.loop.run_until_complete(scenario(world))
            finally:
                world.loop.start_anew()
                world.loop.run_until_complete(world.end())
    except (Exception, asyncio.CancelledError) as error:
        raise Found(seed, error, world.story) from error
    finally:
        world.loop.close()
    return world


@contextmanager
def _outside_world_shut_out(world: World, seed: int) -> Iterator[None]:
    """Clock, random numbers and logs of the code under test are the run's own."""
    state = random.getstate()
    logs: list[Any] = []
    random.seed(seed)
    with (
        mock.patch("time.monotonic", world.loop.time),
        mock.patch.object(log, "_write", lambda *line: logs.append(line)),
    ):
        try:
            yield
        finally:
            random.setstate(state)
            world.story += [f"log: {entry}" for entry in logs[-5:]]
