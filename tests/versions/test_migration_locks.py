"""Migrations are applied while a long SELECT runs and others write: what they lock, and for how long writers wait."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import pytest

from contracts.catalogue import SERVICES
from deploy.local.service import CHECKOUT
from deploy.postgres.provision import dsn_in
from services.chassis.migrate import (
    NO_TRANSACTION,
    Migration,
    MigrationRefused,
    find_migrations,
    migrate,
)
from tests.under_test import Servers

HELD_UP_SECONDS, BLOCKED_SECONDS = 0.5, 2.0
FIRST_TRY_SECONDS, BETWEEN_TRIES = 1.0, 0.2
"""A migration waits a second for a lock (`UNDER_LOCKS`), and then lets others go before."""
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
FILES = "SELECT relname, relfilenode FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
# Appended to a migration: what its transaction has locked at its end, kept for the judge.
WITNESS = """;
CREATE TABLE lock_witness AS SELECT relation::regclass::text AS held, mode FROM pg_locks
WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted
"""
WITNESSED = "SELECT held FROM lock_witness WHERE mode = 'ShareLock'"

THINGS = Migration("test/0001_things", "CREATE TABLE thing (id int PRIMARY KEY, name text, at timestamptz);")
FILL = "INSERT INTO thing SELECT n, 'thing ' || n, now() FROM generate_series(1, $1::int) n"
INDEX = f"{NO_TRANSACTION}\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS thing_name ON thing (name);"


@dataclass(frozen=True, slots=True)
class Place:
    """A database of its own, with connections to look on from outside."""

    dsn: str
    judge: asyncpg.Connection

    async def connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.dsn, server_settings={"lock_timeout": "30s"})

    async def tables(self) -> list[str]:
        return [row[0] for row in await self.judge.fetch(TABLES)]


@pytest.fixture
async def place(servers: Servers) -> AsyncIterator[Place]:
    async with made(servers) as place:
        yield place


@asynccontextmanager
async def made(servers: Servers) -> AsyncIterator[Place]:
    admin = await asyncpg.connect(servers.postgres_dsn)
    name = f"locks_{uuid4().hex[:8]}"
    await admin.execute(f"CREATE DATABASE {name}")
    dsn = dsn_in(servers.postgres_dsn, name)
    judge = await asyncpg.connect(dsn)
    yield Place(dsn, judge)
    await judge.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@asynccontextmanager
async def long_select(place: Place, tables: Sequence[str]) -> AsyncIterator[None]:
    """Somebody reads all tables in one transaction: holds ACCESS SHARE and an old snapshot."""
    reader = await place.connect()
    async with reader.transaction(isolation="repeatable_read"):
        for table in tables:
            await reader.fetchval(f'SELECT count(*) FROM "{table}"')
        yield
    await reader.close()


class Writer:
    """Takes and leaves, again and again, the lock of every INSERT, UPDATE and DELETE; remembers the longest wait."""

    def __init__(self, place: Place, tables: Sequence[str]) -> None:
        self._place = place
        self._lock = "".join(f'LOCK TABLE "{table}" IN ROW EXCLUSIVE MODE;' for table in tables)
        self.turns, self.longest = 0, 0.0

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["Writer"]:
        connection = await self._place.connect()
        task = asyncio.create_task(self._write(connection))
        try:
            yield self
        finally:
            await self.turn()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await connection.close()

    async def turn(self) -> None:
        """Returns when one more turn is over that began after now."""
        wanted = self.turns + 2
        while self.turns < wanted:
            await asyncio.sleep(0.005)

    async def held_up(self) -> None:
        """Returns when the writer had to wait behind a migration that waited, and is at work again."""
        while self.longest < HELD_UP_SECONDS:
            await asyncio.sleep(0.005)
        await self.turn()

    async def _write(self, connection: asyncpg.Connection) -> None:
        while True:
            start = time.monotonic()
            with suppress(asyncpg.DeadlockDetectedError):  # with the migration; a service, too, begins anew
                async with connection.transaction():
                    await connection.execute(self._lock)
                self.turns += 1
            self.longest = max(self.longest, time.monotonic() - start)
            await asyncio.sleep(0.03)


async def blocking(place: Place, migration: Migration) -> set[str]:
    """Tables that were there before and that the migration locks against writers while it reads or rewrites them."""
    before = dict(await place.judge.fetch(FILES))
    scanned: set[str] = set()
    if migration.sql.startswith(NO_TRANSACTION):
        await migrate(place.dsn, [migration])
    else:
        await migrate(place.dsn, [Migration(migration.name, migration.sql + WITNESS)])
        scanned = {row["held"] for row in await place.judge.fetch(WITNESSED)}
        await place.judge.execute("DROP TABLE lock_witness")
    after = dict(await place.judge.fetch(FILES))
    rewritten = {table for table, file in before.items() if table in after and after[table] != file}
    return rewritten | scanned & before.keys()


async def test_later_migrations_of_a_service_hold_no_writer_for_two_seconds(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All services at the same time, for most of it is waiting; between two tries less of it than in earnest."""
    monkeypatch.setattr("services.chassis.migrate.RETRY_SECONDS", BETWEEN_TRIES)
    async with asyncio.TaskGroup() as together:
        for service in SERVICES:
            together.create_task(migrated_beside_others(service, servers))


async def migrated_beside_others(service: str, servers: Servers) -> None:
    """Applies the migrations of a service, each while somebody reads everything and somebody writes everywhere."""
    shared, own = (find_migrations(CHECKOUT / "services" / name / "migrations") for name in ("chassis", service))
    async with made(servers) as place:
        await migrate(place.dsn, [shared[0], own[0]])
        for migration in [*shared[1:], *own[1:]]:
            tables = await place.tables()
            writer = Writer(place, tables)
            async with writer.at_work(), long_select(place, tables):
                applying = asyncio.create_task(blocking(place, migration))
                await asyncio.wait([applying], timeout=FIRST_TRY_SECONDS + BETWEEN_TRIES / 2)
            assert await applying == set(), migration.name
            assert writer.longest < BLOCKED_SECONDS, migration.name


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX thing_name ON thing (name)",
        "ALTER TABLE thing ADD COLUMN seen timestamptz DEFAULT clock_timestamp()",
        "ALTER TABLE thing ALTER COLUMN id TYPE bigint",
    ],
)
async def test_a_migration_that_locks_a_table_while_it_reads_or_rewrites_it_is_seen(sql: str, place: Place) -> None:
    await migrate(place.dsn, [THINGS])

    assert await blocking(place, Migration("test/0002_blocks", sql)) == {"thing"}


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE thing ADD COLUMN colour text",
        "ALTER TABLE thing ADD COLUMN epoch bigint NOT NULL DEFAULT 1",
        "CREATE TABLE part (id int PRIMARY KEY, thing int REFERENCES thing); CREATE INDEX part_thing ON part (thing)",
    ],
)
async def test_a_migration_that_only_adds_is_let_through(sql: str, place: Place) -> None:
    await migrate(place.dsn, [THINGS])

    assert await blocking(place, Migration("test/0002_adds", sql)) == set()


async def test_writers_go_on_while_a_migration_waits_for_a_long_select_and_it_gets_its_turn(place: Place) -> None:
    await migrate(place.dsn, [THINGS])
    column = Migration("test/0002_colour", "ALTER TABLE thing ADD COLUMN colour text")
    writer = Writer(place, ["thing"])

    async with writer.at_work():
        async with long_select(place, ["thing"]):
            applying = asyncio.create_task(migrate(place.dsn, [column]))
            await writer.held_up()
            assert not applying.done()
        assert await applying == ["test/0002_colour"]

    assert writer.longest < BLOCKED_SECONDS


async def test_a_migration_that_never_gets_its_table_is_refused_and_leaves_nothing(place: Place) -> None:
    await migrate(place.dsn, [THINGS])
    column = Migration("test/0002_colour", "CREATE TABLE half (id int); ALTER TABLE thing ADD COLUMN colour text")

    async with long_select(place, ["thing"]):
        with pytest.raises(MigrationRefused, match=r"test/0002_colour waited .* pg_stat_activity"):
            await migrate(place.dsn, [column], wait_seconds=0.1)

    assert "half" not in await place.tables()
    assert await migrate(place.dsn, [column]) == ["test/0002_colour"]


async def test_a_migration_that_works_too_long_under_its_locks_is_taken_back(place: Place) -> None:
    slow = Migration("test/0002_slow", "LOCK TABLE thing IN SHARE MODE; SELECT pg_sleep(60)")
    await migrate(place.dsn, [THINGS])
    writer = Writer(place, ["thing"])

    async with writer.at_work():
        with pytest.raises(MigrationRefused, match="test/0002_slow holds its locks for longer than 2 s"):
            await migrate(place.dsn, [slow])

    assert await migrate(place.dsn, [THINGS]) == []


async def test_an_index_is_built_beside_readers_and_writers_and_waits_for_them(place: Place) -> None:
    await migrate(place.dsn, [THINGS])
    await place.judge.execute(FILL, 1000)
    writer = Writer(place, ["thing"])

    async with writer.at_work():
        async with long_select(place, ["thing"]):
            applying = asyncio.create_task(migrate(place.dsn, [Migration("test/0002_index", INDEX)]))
            while not await invalid(place):
                await asyncio.sleep(0.01)
            await writer.turn()
            assert not applying.done(), "an old snapshot must hold up the index, or this test shows nothing"
        assert await applying == ["test/0002_index"]

    assert writer.longest < BLOCKED_SECONDS


async def test_a_column_is_filled_in_batches_that_others_see_before_the_end(place: Place) -> None:
    await migrate(place.dsn, [THINGS])
    await place.judge.execute(FILL, 2500)
    batches = """-- no-transaction
        DO $$
        DECLARE done int := 1;
        BEGIN
            WHILE done > 0 LOOP
                UPDATE thing SET at = NULL WHERE id IN (SELECT id FROM thing WHERE at IS NOT NULL LIMIT 1000);
                GET DIAGNOSTICS done = ROW_COUNT;
                COMMIT;
                PERFORM pg_advisory_lock_shared(7);
                PERFORM pg_advisory_unlock_shared(7);
            END LOOP;
        END
        $$"""
    await place.judge.execute("SELECT pg_advisory_lock(7)")

    applying = asyncio.create_task(migrate(place.dsn, [Migration("test/0002_fill", batches)]))
    while await place.judge.fetchval("SELECT count(*) FROM thing WHERE at IS NULL") != 1000:
        await asyncio.sleep(0.01)
    await place.judge.execute("UPDATE thing SET name = 'written meanwhile' WHERE at IS NULL")
    await place.judge.execute("SELECT pg_advisory_unlock(7)")

    assert await applying == ["test/0002_fill"]
    assert await place.judge.fetchval("SELECT count(*) FROM thing WHERE at IS NULL") == 2500


async def test_an_index_that_was_left_half_built_is_healed_by_the_next_start(place: Place) -> None:
    await migrate(place.dsn, [THINGS])
    await place.judge.execute("INSERT INTO thing VALUES (1, 'same'), (2, 'same')")
    index = Migration("test/0002_index", INDEX)
    with pytest.raises(asyncpg.UniqueViolationError):
        await migrate(place.dsn, [index])
    assert await invalid(place) == ["thing_name"]

    await place.judge.execute("DELETE FROM thing WHERE id = 2")

    assert await migrate(place.dsn, [index]) == ["test/0002_index"]
    assert await invalid(place) == []
    assert await place.judge.fetchval("SELECT count(*) FROM pg_indexes WHERE indexname = 'thing_name'") == 1


async def invalid(place: Place) -> list[str]:
    rows = await place.judge.fetch("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
    return [row[0] for row in rows]


async def test_a_killed_migrator_is_followed_by_one_that_completes_its_index(place: Place) -> None:
    await migrate(place.dsn, [THINGS])
    index = Migration("test/0002_index", INDEX)
    async with long_select(place, ["thing"]):
        applying = asyncio.create_task(migrate(place.dsn, [index]))
        while not await invalid(place):
            await asyncio.sleep(0.01)
        await place.judge.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%CONCURRENTLY%' "
            "AND pid <> pg_backend_pid()"
        )
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
            await applying

    assert await migrate(place.dsn, [index]) == ["test/0002_index"]
    assert await invalid(place) == []
