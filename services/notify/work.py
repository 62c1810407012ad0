"""What the loops of notify share: a transaction of their own, and rounds that never spin."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

from services.chassis import Transaction
from services.chassis.running import Running
from services.chassis.scope import EVERYWHERE, transaction

POLL_SECONDS: Final = 0.5


@asynccontextmanager
async def own_transaction(running: Running) -> AsyncIterator[Transaction]:
    """A transaction in which the service acts by itself; what is said in it leaves after its commit."""
    async with running.pool.acquire() as connection, transaction(connection, EVERYWHERE):
        tx = Transaction(connection, running.clock.now(), running.actor, running.own_cause())
        yield tx
        said = await tx.flush(wake_relay=not running.has_relay)
    if said:
        running.relay_wake.set()


async def keep_rounds(running: Running, once: Callable[[], Awaitable[int]]) -> None:
    """Repeats `once` until the service stops: at once while it finds work, else twice a second.

    A stop waits for the round that runs, so that what was sent is also marked.
    """
    while not running.stopping.is_set():
        running.begin()
        try:
            done = await once()
        finally:
            running.end()
        if not done:
            await running.pause(POLL_SECONDS)


async def finish_all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Runs all to their ends, then raises what went wrong: one that fails never cuts another off half-way."""
    for ended in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(ended, BaseException):
            raise ended
