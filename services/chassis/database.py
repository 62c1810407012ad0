"""The pool of a service's own database, with every timeout set; a connection that gives no answer tells on the others
(decision 0027)."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import asyncpg
from asyncpg import Connection as _Connection
from asyncpg import Pool as _Pool
from asyncpg import Record
from asyncpg.pool import PoolAcquireContext, PoolConnectionProxy

from .settings import Settings
from .telemetry import POOL_EXPIRED, log

if TYPE_CHECKING:  # asyncpg's classes take their type arguments in the stubs alone
    Connection: TypeAlias = _Connection[Record]
    Pooled: TypeAlias = PoolConnectionProxy[Record]
    Lending: TypeAlias = PoolAcquireContext[Record]
    Connections: TypeAlias = _Pool[Record]
else:
    Connection, Pooled, Lending, Connections = _Connection, PoolConnectionProxy, PoolAcquireContext, _Pool

ACQUIRE_SECONDS: Final = 5.0
COMMAND_SECONDS: Final = 15.0
REST_SECONDS: Final = 2.0
"""A backend that works acknowledges at once that its statement was called off, however slow the statement is. One that
does not within this time is frozen, or its server is."""
EXPIRE_EVERY_SECONDS: Final = 10.0
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

HELD_UP: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)
"""Another transaction was in the way: the same work may be done later."""

CLASHES: Final = (*HELD_UP, asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError)
"""Two transactions met: repeated at once, the same work sees what the other one did and decides anew."""

RANDOM_PAGE_COST: Final = "1.1"
"""For memory and SSD. By the default, 4, of a turning disk a batch of ids reads a table of 10,000 rows from end to end
(measured: one of three batches of sign-ups)."""


def command_seconds(settings: Settings) -> float | None:
    """How long a statement may go without an answer: asyncpg itself would wait for a frozen server for ever."""
    return None if settings.sabotaged("no-command-timeout") else COMMAND_SECONDS


class _Parting(Connection):
    async def close(self, *, timeout: float | None = None) -> None:
        """Where the server does not take leave, or is gone, asyncpg ends the connection all the same."""
        with suppress(*OUTAGES):
            await super().close(timeout=timeout or REST_SECONDS)


class Pool(Connections):
    """Lends connections, each for a transaction.

    Where one had to be given up because its backend did not even acknowledge that a statement was called off, none of
    the others is used again: each might cost a time-out of its own. Slow statements, and waiting for a free connection,
    say nothing against anybody; on a machine that stands still, new connections are made in some seconds only.
    """

    def __init__(self, dsn: str, *, trusting: bool = False, **options: Any) -> None:
        super().__init__(
            dsn,
            max_queries=50_000,
            max_inactive_connection_lifetime=300,
            loop=None,
            connection_class=_Parting,
            record_class=Record,
            reset=_keep,
            **options,
        )
        self._trusting = trusting
        self._expired_at = -EXPIRE_EVERY_SECONDS

    def acquire(self, *, timeout: float | None = ACQUIRE_SECONDS) -> Lending:
        """A connection that is free, in so many seconds at most. Raises TimeoutError."""
        return super().acquire(timeout=timeout)

    async def release(self, connection: Pooled, *, timeout: float | None = REST_SECONDS) -> None:
        """Takes a connection back when it has come to rest. Raises TimeoutError for one that did not, and was ended."""
        silent = _was_given_up(connection)
        try:
            await super().release(connection, timeout=timeout)
        except TimeoutError:
            silent = True
            raise
        finally:
            if silent and not self._trusting:
                await self._expire_others()

    async def _expire_others(self) -> None:
        now = time.monotonic()
        if now - self._expired_at >= EXPIRE_EVERY_SECONDS:
            self._expired_at = now
            POOL_EXPIRED.inc()
            log.warning("a connection of the pool gave no answer, using none of the others again")
            await self.expire_connections()


def _was_given_up(connection: Pooled) -> bool:
    """Whether asyncpg ended it before it was given back: it waited for its server in vain."""
    try:
        connection.is_closed()
    except asyncpg.InterfaceError:
        return True
    return False


async def _keep(_: Connection) -> None:
    """Nothing to undo at release: scope and timeouts are set per transaction or role, never per session."""


async def open_pool(settings: Settings, dsn: str | None = None, *, least: int = 2, most: int | None = None) -> Pool:
    """Opens the pool of a database, the service's own if no other is named. Raises asyncpg errors while it is away."""
    pool = Pool(
        dsn or settings.database_dsn,
        min_size=least,
        max_size=most or settings.pool_size,
        timeout=5,
        command_timeout=command_seconds(settings),
        server_settings={"application_name": settings.instance, "random_page_cost": RANDOM_PAGE_COST},
        trusting=settings.sabotaged("trusting-pool"),
    )
    await pool
    return pool


async def connect(settings: Settings, purpose: str) -> Connection:
    """A connection outside the pool, for a lock or a LISTEN that lives as long as it."""
    return await asyncpg.connect(
        settings.database_dsn,
        timeout=5,
        command_timeout=command_seconds(settings),
        server_settings={"application_name": f"{settings.instance} {purpose}"},
    )
