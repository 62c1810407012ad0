"""How long a handler may take, and what becomes of one that takes longer or cancels itself (decision 0009)."""

import asyncio
from types import TracebackType
from typing import Final

HANDLER_SECONDS: Final = 10
ACK_WAIT_SECONDS: Final = 3 * HANDLER_SECONDS
"""Three times the handler's limit: a message may wait behind a batch and be repeated on its own before it is due."""


class TooSlow(Exception):
    """The handler did not end within its time. Not a TimeoutError: those mean that a server does not answer."""


class CancelledItself(Exception):
    """The handler ended in a cancellation that nobody asked of its task: an error like any other."""


class bounded:
    """Runs a handler or a loop, for at most so many seconds. Raises TooSlow, CancelledItself, or what it raises."""

    __slots__ = ("_limit",)

    def __init__(self, seconds: float | None = None) -> None:
        self._limit = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._limit.__aexit__(kind, error, trace)
        except TimeoutError:
            raise TooSlow from None
        task = asyncio.current_task()
        if kind is asyncio.CancelledError and task is not None and not task.cancelling():
            raise CancelledItself from None
