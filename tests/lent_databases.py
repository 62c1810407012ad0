"""Databases lent to one test at a time: emptied and lent again, because a fresh copy a test costs most of a suite."""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import asyncpg

from deploy.postgres.logins import ensure_logins, runtime_dsn
from deploy.postgres.provision import clone_database, database_of, drop_database, dsn_in
from services.chassis.database import Pool, open_pool
from services.chassis.settings import Settings

# Rows are deleted where there are any and counters set back where they counted. TRUNCATE makes every table and index
# anew, which took most of PostgreSQL's time in the suite. Emptying a table empties its months.
EMPTYING = """
SELECT format('DO $$BEGIN PERFORM set_config(''session_replication_role'', ''replica'', true); %s END$$',
              string_agg(emptied, ' '))
FROM (
    SELECT format('IF EXISTS (SELECT FROM %1$I) THEN DELETE FROM %1$I; END IF;', tablename)
    FROM pg_tables
    WHERE schemaname = 'public' AND tablename NOT IN ('schema_migration', 'retention', 'door_key', 'count_rule',
        'record_class')
    UNION ALL
    SELECT format('PERFORM setval(%L, %s, false) FROM %I WHERE is_called;', sequencename, start_value, sequencename)
    FROM pg_sequences WHERE schemaname = 'public'
) AS parts (emptied)
"""
# A test that made, changed or broke something of the schema does not hand its database on; months come and go.
SHAPE = """
WITH months AS (SELECT oid FROM pg_class WHERE relnamespace IN ('months'::regnamespace, 'pg_toast'::regnamespace))
SELECT (SELECT count(*) FROM pg_attribute WHERE attrelid NOT IN (SELECT oid FROM months)),
       (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_trigger),
       (SELECT count(*) FROM pg_constraint WHERE conrelid NOT IN (SELECT oid FROM months))
"""


@dataclass(slots=True)
class Lent:
    """One copy of a service's migrated database, with an administrator's connection beside the service's pool."""

    name: str
    settings: Settings
    pool: Pool
    admin: asyncpg.Connection
    shape: tuple[int, ...]
    emptying: str


@dataclass(slots=True)
class Lender:
    """Hands out databases of the services on the run's server."""

    server_dsn: str
    secrets: Path
    free: dict[str, list[Lent]] = field(default_factory=dict)

    async def take(self, service: str) -> Lent:
        """An empty, migrated database of the service."""
        waiting = self.free.setdefault(service, [])
        return waiting.pop() if waiting else await self._make(service)

    async def _make(self, service: str) -> Lent:
        clone = f"{database_of(service)}_{uuid4().hex[:8]}"
        admin_dsn = await clone_database(self.server_dsn, service, clone)
        settings = Settings(
            database_dsn=dsn_in(runtime_dsn(self.server_dsn, service, ensure_logins(self.secrets)), clone),
            secrets_dir=self.secrets,
            instance=f"{service}-test",
            allow_undurable=True,
        )
        admin = await asyncpg.connect(admin_dsn, server_settings={"lock_timeout": "1s"})
        pool = await open_pool(settings)
        return Lent(clone, settings, pool, admin, await _shape(admin), await admin.fetchval(EMPTYING))

    async def give_back(self, service: str, lent: Lent) -> None:
        """Empties the database for the next test; one that cannot be emptied is dropped."""
        try:
            if lent.pool.is_closing() or await _shape(lent.admin) != lent.shape:
                raise LookupError("changed by the test")
            await lent.admin.execute(lent.emptying)
        except (LookupError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await self._drop(lent)
        else:
            self.free[service].append(lent)

    async def _drop(self, lent: Lent) -> None:
        lent.pool.terminate()
        await lent.admin.close()
        await drop_database(self.server_dsn, lent.name)

    async def close(self) -> None:
        for waiting in self.free.values():
            for lent in waiting:
                await self._drop(lent)


async def _shape(admin: asyncpg.Connection) -> tuple[int, ...]:
    row = await admin.fetchrow(SHAPE)
    return tuple(row or ())
