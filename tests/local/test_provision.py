"""Roles and databases of the services."""

import asyncio

import asyncpg
import pytest

from contracts.catalogue import SERVICES as CONTRACT_SERVICES
from deploy.local.postgres import EmbeddedPostgres
from deploy.postgres.provision import (
    DATABASES,
    Passwords,
    clone_database,
    database_of,
    drop_database,
    dsn_as,
    dsn_in,
    owner_role,
    provision,
    runtime_role,
)

LOGINS = {service: Passwords(owner=f"owner-of-{service}", runtime=f"runtime-of-{service}") for service in DATABASES}


def as_owner(server: EmbeddedPostgres, service: str) -> str:
    return dsn_as(server.dsn(), owner_role(service), LOGINS[service].owner, database_of(service))


def as_runtime(server: EmbeddedPostgres, service: str, database: str | None = None) -> str:
    return dsn_as(server.dsn(), runtime_role(service), LOGINS[service].runtime, database or database_of(service))


async def run(dsn: str, *statements: str) -> list[object]:
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        return [await connection.fetchval(statement) for statement in statements]
    finally:
        await connection.close()


@pytest.fixture(scope="module", autouse=True)
async def provisioned(postgres: EmbeddedPostgres) -> None:
    await provision(postgres.dsn(), LOGINS)


def test_every_service_of_the_contracts_has_a_database() -> None:
    assert set(CONTRACT_SERVICES) <= set(DATABASES)


async def test_repeating_it_keeps_the_rows(postgres: EmbeddedPostgres) -> None:
    await run(as_owner(postgres, "registry"), "CREATE TABLE kept (id int)", "INSERT INTO kept VALUES (7)")

    await provision(postgres.dsn(), LOGINS)

    assert await run(as_runtime(postgres, "registry"), "SELECT id FROM kept") == [7]


async def test_several_who_migrate_at_once_wait_for_each_other(postgres: EmbeddedPostgres) -> None:
    await asyncio.gather(*(provision(postgres.dsn(), LOGINS) for _ in range(2)))


async def test_a_role_enters_the_database_of_its_service_and_no_other(postgres: EmbeddedPostgres) -> None:
    """Every cell of role x database (promise 10)."""
    databases = [*map(database_of, DATABASES), "postgres", "template1"]

    entered = {
        (login, database) for login in logins() for database in databases if await enters(postgres, *login, database)
    }

    assert entered == {(login, database_of(login[0])) for login in logins()}


def logins() -> list[tuple[str, str]]:
    """Every service with each of its two roles."""
    return [(service, kind) for service in DATABASES for kind in ("owner", "runtime")]


async def enters(server: EmbeddedPostgres, service: str, kind: str, database: str) -> bool:
    """Whether a role of a service can connect to a database."""
    role = (owner_role if kind == "owner" else runtime_role)(service)
    dsn = dsn_as(server.dsn(), role, getattr(LOGINS[service], kind), database)
    try:
        return await run(dsn, "SELECT 1") == [1]
    except asyncpg.InsufficientPrivilegeError:
        return False


async def test_a_service_reads_and_writes_rows_of_tables_its_owner_makes_later(postgres: EmbeddedPostgres) -> None:
    await run(
        as_owner(postgres, "activities"), "CREATE SCHEMA later", "CREATE TABLE later.thing (id serial, name text)"
    )

    written = "INSERT INTO later.thing (name) VALUES ('a') RETURNING id"
    changed = "UPDATE later.thing SET name = 'b' RETURNING name"
    assert await run(as_runtime(postgres, "activities"), written, changed, "DELETE FROM later.thing RETURNING id") == [
        1,
        "b",
        1,
    ]


@pytest.mark.parametrize(
    "statement",
    ["TRUNCATE thing", "DROP TABLE thing", "ALTER TABLE thing ADD x int", "CREATE TABLE other ()", "CREATE SCHEMA s"],
)
async def test_a_service_changes_no_table(postgres: EmbeddedPostgres, statement: str) -> None:
    await run(as_owner(postgres, "notify"), "CREATE TABLE IF NOT EXISTS thing (id int)")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(as_runtime(postgres, "notify"), statement)


async def test_a_service_may_load_in_bulk_through_a_temporary_table(postgres: EmbeddedPostgres) -> None:
    assert await run(
        as_runtime(postgres, "notify"), "CREATE TEMP TABLE load (id int)", "SELECT count(*) FROM load"
    ) == [
        None,
        0,
    ]


async def test_waits_of_a_service_are_bounded_and_its_commits_are_durable(postgres: EmbeddedPostgres) -> None:
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "synchronous_commit")

    assert await run(as_runtime(postgres, "registry"), *(f"SHOW {name}" for name in names)) == [
        "5s",
        "30s",
        "30s",
        "on",
    ]


async def test_no_role_is_above_the_rules(postgres: EmbeddedPostgres) -> None:
    above = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'linli%' AND (rolsuper OR rolbypassrls OR rolcreatedb)"

    assert await run(postgres.dsn(), above) == [0]


async def test_a_changed_password_replaces_the_old_one(postgres: EmbeddedPostgres) -> None:
    changed = {"volunteers": Passwords(owner=LOGINS["volunteers"].owner, runtime="changed")}
    await provision(postgres.dsn(), changed)

    with pytest.raises(asyncpg.InvalidPasswordError):
        await run(as_runtime(postgres, "volunteers"), "SELECT 1")
    await provision(postgres.dsn(), LOGINS)
    assert await run(as_runtime(postgres, "volunteers"), "SELECT 1") == [1]


async def test_a_clone_has_the_rows_and_opens_to_the_same_service_only(postgres: EmbeddedPostgres) -> None:
    await run(as_owner(postgres, "volunteers"), "CREATE TABLE copied (id int)", "INSERT INTO copied VALUES (3)")

    await clone_database(postgres.dsn(), "volunteers", "clone_of_volunteers")

    assert await run(as_runtime(postgres, "volunteers", "clone_of_volunteers"), "SELECT id FROM copied") == [3]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(as_runtime(postgres, "notify", "clone_of_volunteers"), "SELECT 1")
    await drop_database(postgres.dsn(), "clone_of_volunteers")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await run(dsn_in(postgres.dsn(), "clone_of_volunteers"), "SELECT 1")
