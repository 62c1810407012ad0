"""Applies SQL migrations: plain files in order, checksums kept, an edited file refused, concurrent starters wait."""

import asyncio
import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from .database import Connection
from .scope import UNBOUND

CREATE_LOG: Final = """
CREATE TABLE IF NOT EXISTS schema_migration (
    name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), ms int NOT NULL)
"""
# Polled, never waited for: a waiter inside the lock function would hold a snapshot and stop CREATE INDEX CONCURRENTLY.
TRY_LOCK: Final = "SELECT pg_try_advisory_lock(hashtext('linli-migrate'))"
UNLOCK: Final = "SELECT pg_advisory_unlock(hashtext('linli-migrate'))"
LIST_APPLIED: Final = "SELECT name, checksum FROM schema_migration"
ADD_APPLIED: Final = "INSERT INTO schema_migration (name, checksum, ms) VALUES ($1, $2, $3)"
NO_TRANSACTION: Final = "-- no-transaction"
"""First line of a file whose one statement may not run in a transaction: CREATE INDEX CONCURRENTLY, batches."""
SET_LIMITS: Final = "SELECT set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false)"
UNDER_LOCKS: Final = ("1s", "2s")
"""Whoever waits for an exclusive lock, or works under one, holds up all who come after: at most 2 s (promise 9)."""
BESIDE_OTHERS: Final = ("60s", "0")
"""A statement without a transaction waits for older readers and takes its time: it holds nobody up."""
RETRY_SECONDS: Final = 1.0
"""Between two tries whoever was held up goes on."""
LIST_INVALID: Final = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
IN_USE: Final = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
STILL_IN_USE: Final = (
    "Its tables are in use: end the longest transactions (SELECT pid, xact_start, query FROM pg_stat_activity "
    "ORDER BY xact_start), then start again"
)
TOO_SLOW: Final = (
    "holds its locks for longer than 2 s and was taken back: build an index CONCURRENTLY, fill a column in batches, "
    f"in a file that begins with `{NO_TRANSACTION}` (docs/decisions/0010)"
)


class MigrationRefused(RuntimeError):
    """A migration cannot be applied; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def find_migrations(*folders: Path) -> list[Migration]:
    """All `NNNN_what.sql` of the folders, folder by folder, in the order of their numbers."""
    return [
        Migration(f"{folder.parent.name}/{file.stem}", file.read_text("utf-8"))
        for folder in folders
        for file in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    ]


async def migrate(dsn: str, migrations: list[Migration], wait_seconds: float = 60) -> list[str]:
    """Brings a database up to date with the owner's login; returns the names applied now.

    `wait_seconds` bounds the wait for another migrator and, for each file, for the tables that others use.
    Raises MigrationRefused when an applied file was edited or that wait was in vain; what was applied stays.
    """
    database: Connection = await asyncpg.connect(dsn, timeout=10, server_settings=UNBOUND)
    try:
        await _lock(database, wait_seconds)
        try:
            return await _apply_new(database, migrations, wait_seconds)
        finally:
            await database.execute(UNLOCK)
    finally:
        await database.close()


async def _lock(database: Connection, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while not await database.fetchval(TRY_LOCK):
        if time.monotonic() > deadline:
            raise MigrationRefused("another migration is running: wait for it, then start again")
        await asyncio.sleep(0.1)


async def _apply_new(database: Connection, migrations: list[Migration], wait_seconds: float) -> list[str]:
    await database.execute(CREATE_LOG)
    applied = {row["name"]: row["checksum"] for row in await database.fetch(LIST_APPLIED)}
    done: list[str] = []
    for migration in migrations:
        known = applied.get(migration.name)
        if known is None:
            await _apply(database, migration, wait_seconds)
            done.append(migration.name)
        elif known != migration.checksum:
            raise MigrationRefused(f"{migration.name} was edited after it was applied: undo that, add a new file")
    return done


async def _apply(database: Connection, migration: Migration, wait_seconds: float) -> None:
    """Tries until nobody is in the way."""
    apply = _apply_bare if migration.sql.startswith(NO_TRANSACTION) else _apply_whole
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            await apply(database, migration)
            return
        except IN_USE as busy:
            if time.monotonic() > deadline:
                raise MigrationRefused(
                    f"{migration.name} waited {wait_seconds:.0f} s in vain. {STILL_IN_USE}"
                ) from busy
        await asyncio.sleep(RETRY_SECONDS)


async def _apply_whole(database: Connection, migration: Migration) -> None:
    start = time.perf_counter()
    await database.execute(SET_LIMITS, *UNDER_LOCKS)
    try:
        async with database.transaction():
            await database.execute(migration.sql)
            await database.execute(ADD_APPLIED, migration.name, migration.checksum, _ms(start))
    except asyncpg.QueryCanceledError as slow:
        raise MigrationRefused(f"{migration.name} {TOO_SLOW}") from slow


async def _apply_bare(database: Connection, migration: Migration) -> None:
    """An index that an earlier try left half built is dropped first: no query uses it, and every write pays for it."""
    start = time.perf_counter()
    await database.execute(SET_LIMITS, *BESIDE_OTHERS)
    for index in await database.fetch(LIST_INVALID):
        await database.execute(f"DROP INDEX CONCURRENTLY {index[0]}")
    await database.execute(migration.sql)
    await database.execute(ADD_APPLIED, migration.name, migration.checksum, _ms(start))


def _ms(start: float) -> int:
    return int((time.perf_counter() - start) * 1000)
