"""In whose scope a transaction works: row-level security sees and writes that region's subtree alone (promise 11).

The scope is set with the first statement of the transaction and ends with it. A connection without one sees nothing.
"""

from typing import TYPE_CHECKING, Final

import asyncpg

from contracts.region import is_code, prefix

from .database import REST_SECONDS, Pooled

if TYPE_CHECKING:
    from .access import Actor

EVERYWHERE: Final = "all"
"""The scope of a service that acts by itself, and of whoever acts in no region and so in all of them."""
PUBLIC: Final = "public"
"""The scope of somebody unknown: only what is open to everybody."""
NOTHING: Final = "none"

UNBOUND: Final = {"app.scope": EVERYWHERE}
"""Settings of a session that works everywhere without transactions of ours: a migration, a judge in tests."""
ANONYMOUS: Final = frozenset({"anonymous"})


def scope_of(actor: "Actor") -> str:
    """The value of `app.scope`: the digits that all codes of the actor's subtree begin with, or one of the above."""
    if not actor.roles or not is_code(actor.region):
        return NOTHING
    return PUBLIC if actor.roles <= ANONYMOUS else prefix(actor.region) or EVERYWHERE


class Misused(Exception):
    """A handler sent a statement in a way it cannot be sent, with a value too many or beside another. asyncpg says that
    in the same words as that the connection is lost; but here the database was still there afterwards."""


class transaction:
    """A transaction in a scope; begun and scoped by one message, as if it were only begun.

    Raises RuntimeError when PostgreSQL undid what should have been committed, and Misused.
    """

    __slots__ = ("_begin", "_connection")

    def __init__(self, connection: Pooled, scope: str, *, read_only: bool = False) -> None:
        self._connection = connection
        self._begin = f"BEGIN {'READ ONLY' if read_only else ''}; {set_to(scope)}"

    async def __aenter__(self) -> None:
        try:
            await self._connection.execute(self._begin)
        except BaseException:  # a begin that is cancelled may have begun
            await self._roll_back()
            raise

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            await self._roll_back()
            if isinstance(error, asyncpg.InterfaceError):
                raise Misused().with_traceback(error.__traceback__) from error
        elif await self._connection.execute("COMMIT") != "COMMIT":
            raise RuntimeError("a statement had failed: the transaction was undone")

    async def _roll_back(self) -> None:
        """Soon, or the backend is frozen. Raises TimeoutError then, whatever the error was: it may come of that."""
        await self._connection.execute("ROLLBACK", timeout=REST_SECONDS)


def set_to(scope: str) -> str:
    """The statement that sets the scope until the transaction ends."""
    return f"SET LOCAL app.scope = '{scope}'"
