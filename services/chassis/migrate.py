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

    Raises MigrationRefused when an applied file was edited, or the lock is not free in time.
    """
    database: Connection = await asyncpg.connect(dsn, timeout=10, server_settings={"lock_timeout": "4s", **UNBOUND})
    try:
        await _lock(database, wait_seconds)
        try:
            return await _apply_new(database, migrations)
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


async def _apply_new(database: Connection, migrations: list[Migration]) -> list[str]:
    await database.execute(CREATE_LOG)
    applied = {row["name"]: row["checksum"] for row in await database.fetch(LIST_APPLIED)}
    done: list[str] = []
    for migration in migrations:
        known = applied.get(migration.name)
        if known is None:
            await _apply(database, migration)
            done.append(migration.name)
        elif known != migration.checksum:
            raise MigrationRefused(f"{migration.name} was edited after it was applied: undo that, add a new file")
    return done


async def _apply(database: Connection, migration: Migration) -> None:
    start = time.perf_counter()
    if migration.sql.startswith(NO_TRANSACTION):
        await database.execute(migration.sql)
        await database.execute(ADD_APPLIED, migration.name, migration.checksum, _ms(start))
        return
    async with database.transaction():
        await database.execute(migration.sql)
        await database.execute(ADD_APPLIED, migration.name, migration.checksum, _ms(start))


def _ms(start: float) -> int:
    return int((time.perf_counter() - start) * 1000)
