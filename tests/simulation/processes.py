"""Processes that may die at any step, and what lies between them and a server."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from services.chassis.clock import Clock
from tests.simulation.scheduler import World


class Link(Protocol):
    """What a process holds of the outside and loses when it dies."""

    def cut(self) -> None: ...


class Process:
    """Runs what `start` starts. When it dies nothing of it has an effect any more, and a successor is started."""

    def __init__(self, world: World, name: str, start: Callable[["Process"], None], peril: float) -> None:
        self.world, self.name = world, name
        self.alive = True
        self._start, self._peril = start, peril
        self._links: list[Link] = []
        start(self)

    def hold(self, link: Link) -> None:
        self._links.append(link)

    def kill(self) -> None:
        """SIGKILL: no clean-up runs; the servers see the connections end."""
        self.alive = False
        for link in self._links:
            link.cut()
        self.world.loop.call_later(self.world.dice.uniform(0.01, 2), self._succeed)

    def _succeed(self) -> None:
        if not self.world.is_over:
            Process(self.world, self.name, self._start, self._peril)

    async def travel(self) -> None:
        """The way to a server or back: others get on meanwhile, and the process may die on it."""
        await self.must_live()
        if self.world.dice.random() < 0.5:
            await asyncio.sleep(self.world.dice.uniform(0, 0.02))
        if self.alive and self.world.strikes(f"{self.name} killed", self._peril):
            self.kill()
        await self.must_live()

    async def must_live(self) -> None:
        """The dead wait for ever."""
        if self.world.is_over:
            raise asyncio.CancelledError
        if not self.alive:
            await self.world.rest_in_peace()


class RunClock(Clock):
    """Virtual time as a date."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def now(self) -> datetime:
        return datetime(2026, 9, 1, tzinfo=UTC) + timedelta(seconds=self._world.loop.time())
