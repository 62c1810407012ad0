"""The migration runner."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from deploy.postgres.provision import dsn_in
from services.chassis.migrate import Migration, MigrationRefused, find_migrations, migrate
from tests.under_test import Servers

TABLE = Migration("test/0001_table", "CREATE TABLE thing (id int PRIMARY KEY, name text);")
INDEX = Migration("test/0002_index", "-- no-transaction\nCREATE INDEX CONCURRENTLY thing_name ON thing (name);")


@pytest.fixture
async def empty_database(servers: Servers) -> AsyncIterator[str]:
    admin = await asyncpg.connect(servers.postgres_dsn)
    await admin.execute("CREATE DATABASE migration_test")
    yield dsn_in(servers.postgres_dsn, "migration_test")
    await admin.execute("DROP DATABASE migration_test WITH (FORCE)")
    await admin.close()


async def test_migrations_are_applied_once_in_order(empty_database: str) -> None:
    assert await migrate(empty_database, [TABLE, INDEX]) == ["test/0001_table", "test/0002_index"]
    assert await migrate(empty_database, [TABLE, INDEX]) == []


async def test_four_starters_at_once_apply_each_file_once(empty_database: str) -> None:
    done = await asyncio.gather(*(migrate(empty_database, [TABLE, INDEX]) for _ in range(4)))

    assert sorted(len(each) for each in done) == [0, 0, 0, 2]


async def test_an_edited_file_is_refused(empty_database: str) -> None:
    await migrate(empty_database, [TABLE])

    with pytest.raises(MigrationRefused, match="0001_table"):
        await migrate(empty_database, [Migration(TABLE.name, TABLE.sql + " ")])


async def test_a_failed_file_leaves_nothing(empty_database: str) -> None:
    with pytest.raises(asyncpg.PostgresError):
        await migrate(empty_database, [Migration("test/0001_half", "CREATE TABLE half (id int); SELECT 1/0;")])

    assert await migrate(empty_database, [Migration("test/0001_half", "CREATE TABLE half (id int);")])


def test_files_are_found_in_order(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("registry") / "migrations"
    folder.mkdir()
    for name in ("0002_b.sql", "0001_a.sql", "notes.md"):
        (folder / name).write_text("SELECT 1")

    assert [migration.name.partition("/")[2] for migration in find_migrations(folder)] == ["0001_a", "0002_b"]
