"""The pool of a service's own database, with every timeout set and the server's durability checked."""

from typing import TYPE_CHECKING, Final, TypeAlias

import asyncpg
from asyncpg import Connection as _Connection
from asyncpg import Pool as _Pool
from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy

from .settings import Settings

if TYPE_CHECKING:  # asyncpg's classes take their type arguments in the stubs alone
    Connection: TypeAlias = _Connection[Record]
    Pool: TypeAlias = _Pool[Record]
    Pooled: TypeAlias = PoolConnectionProxy[Record]
else:
    Connection, Pool, Pooled = _Connection, _Pool, PoolConnectionProxy

COMMAND_SECONDS: Final = 15.0
OUTAGES: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.exceptions.InternalClientError,
)
"""The database is away or did not answer: nothing is wrong with the message, it can be tried again later."""

CLASHES: Final = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.UniqueViolationError,
    asyncpg.ExclusionViolationError,
)
"""Two transactions met: repeated at once, the same work sees what the other one did and decides anew."""

RANDOM_PAGE_COST: Final = "1.1"
"""For memory and SSD. By the default, 4, of a turning disk a batch of ids reads a table of 10,000 rows from end to end
(measured: one of three batches of sign-ups)."""


def command_seconds(settings: Settings) -> float | None:
    """How long a statement may go without an answer: asyncpg itself would wait for a frozen server for ever."""
    return None if settings.sabotaged("no-command-timeout") else COMMAND_SECONDS


async def _keep(_: Connection) -> None:
    """Nothing to undo at release: scope and timeouts are set per transaction or role, never per session."""


async def open_pool(settings: Settings) -> Pool:
    """Opens the pool. Raises asyncpg errors while the database is away."""
    return await asyncpg.create_pool(
        settings.database_dsn,
        min_size=2,
        max_size=settings.pool_size,
        timeout=5,
        command_timeout=command_seconds(settings),
        reset=_keep,
        server_settings={"application_name": settings.instance, "random_page_cost": RANDOM_PAGE_COST},
    )


async def connect(settings: Settings, purpose: str) -> Connection:
    """A connection outside the pool, for a lock or a LISTEN that lives as long as it."""
    return await asyncpg.connect(
        settings.database_dsn,
        timeout=5,
        command_timeout=command_seconds(settings),
        server_settings={"application_name": f"{settings.instance} {purpose}"},
    )
