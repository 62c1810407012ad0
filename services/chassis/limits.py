"""How long a handler may take, and what becomes of one that takes longer or cancels itself (decision 0009)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

HANDLER_SECONDS: Final = 10
ACK_WAIT_SECONDS: Final = 3 * HANDLER_SECONDS
"""Three times the handler's limit: a message may wait behind a batch and be repeated on its own before it is due."""


class TooSlow(Exception):
    """The handler did not end within its time. Not a TimeoutError: those mean that a server does not answer."""


class CancelledItself(Exception):
    """The handler ended in a cancellation that nobody asked of its task: an error like any other."""


@asynccontextmanager
async def bounded(seconds: float | None = None) -> AsyncIterator[None]:
    """Runs a handler or a loop, for at most so many seconds. Raises TooSlow, CancelledItself, or what it raises."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError:
        if limit.expired():
            raise TooSlow from None
        raise
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise CancelledItself from None
