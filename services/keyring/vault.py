"""The keys of people: made, fetched, wrapped anew and destroyed, in the keyring's own database."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from services.chassis.cipher import new_key, seal, unseal
from services.chassis.database import Pool, open_pool
from services.chassis.durable import check_database
from services.chassis.settings import Settings
from services.keyring import master
from services.keyring.master import Masters
from services.keyring.sealing import pseudonym

FIND_KEYS: Final = "SELECT person_id, wrapped, master FROM person_key WHERE person_id = ANY ($1::uuid[])"
# Sorted, so that two batches with the same people never wait for each other crosswise.
ADD_KEYS: Final = """
INSERT INTO person_key (person_id, wrapped, master, made_at)
SELECT id, wrapped, $3, $4 FROM unnest($1::uuid[], $2::bytea[]) AS made (id, wrapped) ORDER BY id ON CONFLICT DO NOTHING
"""
# An insert that runs beside it cannot see the note yet: it would wait for the old key to go, and put another there.
LET_NONE_ADD: Final = "LOCK TABLE person_key IN SHARE ROW EXCLUSIVE MODE"
NOTE_ERASURE: Final = "INSERT INTO erasure (person_id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING"
DESTROY_KEY: Final = "DELETE FROM person_key WHERE person_id = $1"
LIST_ERASED: Final = "SELECT person_id FROM erasure ORDER BY at, person_id"
LIST_UNDER_OTHERS: Final = """
SELECT person_id, wrapped, master FROM person_key WHERE master <> $1 ORDER BY person_id LIMIT $2
"""
REWRAP: Final = """
UPDATE person_key SET wrapped = anew.wrapped, master = $3
FROM unnest($1::uuid[], $2::bytea[]) AS anew (id, wrapped) WHERE person_id = anew.id
"""
LOOK: Final = "SELECT 1 FROM person_key LIMIT 1"
COUNT_KEYS: Final = "SELECT count(*) FROM person_key"
POOL_SIZE: Final = 4


class Vault:
    """One keyring. Opened at first use, and the master keys are read again when their file changes (rotation)."""

    def __init__(self) -> None:
        self._dsn = ""
        self._file = Path(master.FILE)
        self._pool: Pool | None = None
        self._opening = asyncio.Lock()
        self._masters: Masters | None = None
        self._modified = 0.0
        self._settings = Settings()

    def at(self, dsn: str, file: Path, settings: Settings) -> None:
        """Where the keyring is: its database and the file of the master keys."""
        self._dsn, self._file, self._pool, self._masters = dsn, file, None, None
        self._settings = settings

    @property
    def masters(self) -> Masters:
        modified = self._file.stat().st_mtime
        if self._masters is None or modified != self._modified:
            self._masters, self._modified = master.read(self._file), modified
        return self._masters

    async def _database(self) -> Pool:
        """Raises Undurable for a server that could lose what it confirmed (promise 1)."""
        async with self._opening:
            if self._pool is None:
                pool = await open_pool(self._settings, self._dsn, least=0, most=POOL_SIZE)
                try:
                    await check_database(pool, self._settings)  # a key that the server forgets takes a person with it
                except BaseException:
                    pool.terminate()
                    raise
                self._pool = pool
            return self._pool

    async def keys_of(self, people: Collection[UUID]) -> dict[UUID, bytes]:
        """The keys of those people who have one: nobody who was erased has."""
        if not people:
            return {}
        rows = await (await self._database()).fetch(FIND_KEYS, list(people))
        masters = self.masters  # after the rows: they may be under a key that was added meanwhile
        return {
            row["person_id"]: unseal(masters.named(row["master"]), row["wrapped"], row["person_id"].bytes)
            for row in rows
        }

    async def make_keys(self, people: Collection[UUID], now: datetime) -> dict[UUID, bytes]:
        """The keys of the people, made where missing. Committed at once: a key that nobody comes to use is harmless."""
        if not people:
            return {}
        masters = self.masters
        wrapping = masters.named(masters.newest)
        wrapped = [seal(wrapping, new_key(), id.bytes) for id in people]
        database = await self._database()
        await database.execute(ADD_KEYS, list(people), wrapped, masters.newest, now)
        return await self.keys_of(people)

    async def destroy(self, person_id: UUID, now: datetime) -> None:
        """Destroys a person's key for good; the second time it does nothing."""
        database = await self._database()
        async with database.acquire() as connection, connection.transaction():
            await connection.execute(LET_NONE_ADD)
            await connection.execute(NOTE_ERASURE, person_id, now)
            if not self._settings.sabotaged("keep-key"):
                await connection.execute(DESTROY_KEY, person_id)

    async def list_erased(self) -> list[UUID]:
        """Everybody whose key was destroyed."""
        return [row["person_id"] for row in await (await self._database()).fetch(LIST_ERASED)]

    async def rewrap(self, most: int) -> int:
        """Wraps keys that are under older master keys by the newest one, at most so many. Returns how many."""
        database, masters = await self._database(), self.masters
        rows = await database.fetch(LIST_UNDER_OTHERS, masters.newest, most)
        wrapping = masters.named(masters.newest)
        anew = [
            seal(wrapping, unseal(masters.named(row["master"]), row["wrapped"], row["person_id"].bytes), id.bytes)
            for row in rows
            for id in [row["person_id"]]
        ]
        await database.execute(REWRAP, [row["person_id"] for row in rows], anew, masters.newest)
        return len(rows)

    async def look(self, seconds: float) -> None:
        """Raises where keys can be neither fetched nor unwrapped: no database, or no good file of master keys."""
        database, _ = await self._database(), self.masters
        await database.fetchval(LOOK, timeout=seconds)

    async def count(self) -> int:
        return int(await (await self._database()).fetchval(COUNT_KEYS))

    def find_by(self, *words: str) -> bytes:
        """The keyed hash under which a value is found."""
        return pseudonym(self.masters.lookup, *words)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None


vault: Final = Vault()
"""That of this process."""
