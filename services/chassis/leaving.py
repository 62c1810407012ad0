"""Ends a NATS connection in whatever state its server is: there, away or frozen (promise 5)."""

import asyncio
from contextlib import suppress
from typing import Final

from nats.aio.client import Client as Nats
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

PATIENCE_SECONDS: Final = 2


async def drain(subscription: Subscription) -> None:
    """Takes no more of a subscription than what is on its way; without a server nothing is."""
    with suppress(NatsError, TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await subscription.drain()  # type: ignore[no-untyped-call]


async def leave(connection: Nats) -> None:
    """Sends what is buffered and closes. The client's own drain raises without a server, and waits 10 s for one that
    is frozen."""
    with suppress(NatsError):
        if connection.is_connected:
            await connection.flush(timeout=PATIENCE_SECONDS)
            await connection.drain()
    with suppress(NatsError, OSError, TimeoutError, RuntimeError):  # the last is uvloop's word for a lost socket
        async with asyncio.timeout(PATIENCE_SECONDS):
            await connection.close()
