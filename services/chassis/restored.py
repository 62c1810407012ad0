"""What a restore of a database leaves behind: its epoch, and consumers that applied events of the lost future.

A restored database goes on in a higher epoch (decision 0007, raised by `./linli restored`). Gates then take the new
history over; aggregates of which nothing more is said keep what the lost future did to them, until somebody rebuilds
the read model and clears the mark.
"""

from datetime import datetime
from typing import Any, Final, Protocol

from asyncpg import Record

# Held until the epoch is raised, so that no writer's row slips in between under the old one.
LOCK: Final = "LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE"
# The moment of the restore in seconds, not a count: a backup that is restored twice would count the same number twice.
RAISE: Final = """
INSERT INTO epoch (epoch, at)
SELECT greatest(extract(epoch FROM $1::timestamptz)::bigint, coalesce(max(epoch), 1) + 1), $1 FROM epoch RETURNING epoch
"""
STAMP: Final = "UPDATE outbox SET body = stamped(body, $1) WHERE stream_seq IS NULL"
CURRENT: Final = "SELECT coalesce(max(epoch), 1) FROM epoch"

NOTE: Final = """
INSERT INTO restored_source (consumer, source, epoch, noted_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (consumer, source) DO UPDATE SET epoch = EXCLUDED.epoch, noted_at = EXCLUDED.noted_at, rebuilt_at = NULL
WHERE restored_source.epoch < EXCLUDED.epoch
"""
LIST_OPEN: Final = """
SELECT consumer, source, epoch, noted_at FROM restored_source WHERE rebuilt_at IS NULL ORDER BY consumer
"""
CLEAR: Final = "UPDATE restored_source SET rebuilt_at = $2 WHERE consumer = $1 AND rebuilt_at IS NULL"


class Database(Protocol):
    async def fetch(self, query: str, *args: Any) -> list[Record]: ...
    async def fetchval(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> str: ...


async def raise_epoch(database: Database, now: datetime) -> int:
    """Begins the next epoch and returns it; inside a transaction of the owner role.

    What waits in the outbox is stamped with it: published under the old one, consumers would take it for a ghost.
    """
    await database.execute(LOCK)
    epoch = int(await database.fetchval(RAISE, now))
    await database.execute(STAMP, epoch)
    return epoch


async def note(database: Database, consumer: str, source: str, epoch: int, now: datetime) -> None:
    """Marks a consumer's read model for a rebuild, because its source went on in a higher epoch; once an epoch."""
    await database.execute(NOTE, consumer, source, epoch, now)


async def list_open(database: Database) -> list[Record]:
    """The consumers whose read models wait for a rebuild: consumer, source, epoch, noted_at."""
    return await database.fetch(LIST_OPEN)


async def clear(database: Database, consumer: str, now: datetime) -> None:
    """Takes the mark away: the consumer's read model was rebuilt, or somebody has looked and accepts it as it is."""
    await database.execute(CLEAR, consumer, now)
