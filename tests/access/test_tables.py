"""Every table of every service obeys the list of rules, in every state of a connection (promise 11)."""

import ast
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from contracts.catalogue import SERVICES
from deploy.postgres.logins import ensure_logins, owner_dsn
from deploy.postgres.provision import dsn_in
from services.chassis.access import Actor
from services.chassis.database import Pooled
from services.chassis.scope import scope_of, transaction
from tests.access.land import REGIONS, Land, add, region_of
from tests.access.rules import CHASSIS, EVERYWHERE, TABLES, may_read, may_write, scope_of_region
from tests.under_test import Servers

CITY, ELSEWHERE = "350500000000", "360102003004"
JUNK = ("", " ", "0", "3", "35050", "3505030", "35 ", "３５", "3505%", "none", "ALL", "public;all", "350503001001001")
STATE = """
SELECT relname, relrowsecurity AS enabled, relforcerowsecurity AS forced, pg_get_userbyid(relowner) AS owner,
       array(SELECT polname::text FROM pg_policy WHERE polrelid = pg_class.oid ORDER BY 1) AS policies
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
"""
POLICIES = {"own": ["own"], "open": ["add", "change", "read", "remove"], "log": ["add", "read", "seal"], "free": []}


@pytest.mark.parametrize("service", SERVICES)
async def test_every_table_is_in_the_list_and_protected_as_it_says(lands: dict[str, Land], service: str) -> None:
    rows = {row["relname"]: row for row in await lands[service].place.admin.fetch(STATE)}
    rules = CHASSIS | TABLES[service]

    assert set(rows) == set(rules)
    for table, rule in rules.items():
        kind = "open" if rule.kind == "told" else rule.kind
        guarded = kind != "free"
        assert (rows[table]["enabled"], rows[table]["forced"]) == (guarded, guarded), table
        assert rows[table]["policies"] == POLICIES[kind], table
        assert rule.why or guarded, f"{table} is free and says no reason"


async def test_the_service_owns_nothing_and_cannot_step_around(land: Land) -> None:
    admin, role = land.place.admin, f"linli_{land.place.service.name}"

    [powers] = await admin.fetch("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = $1", role)
    owned = await admin.fetchval("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = $1", role)
    assert (tuple(powers), owned) == ((False, False, False), 0)
    assert not await admin.fetchval("SELECT has_schema_privilege($1, 'public', 'CREATE')", role)
    for table in CHASSIS | TABLES[land.place.service.name]:
        assert not await admin.fetchval("SELECT has_table_privilege($1, $2, 'TRUNCATE')", role, table), table
    for table in ("command_log", "outbox", "inbox", "quarantine", "audit", "audit_head", "audit_stub"):
        assert not await admin.fetchval("SELECT has_table_privilege($1, $2, 'DELETE')", role, table), table
    for change in ("ALTER TABLE inbox DISABLE ROW LEVEL SECURITY", "CREATE TABLE own (id int)", "TRUNCATE inbox"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await land.place.pool.execute(change)


async def seen(connection: Pooled | asyncpg.Connection, land: Land) -> dict[str, list[str | None]]:
    """The regions of the rows that a connection sees of each protected table."""
    found = {}
    for table, rule in land.rules.items():
        rows = await connection.fetch(f"SELECT {rule.anchor} AS anchor FROM {table}")
        found[table] = sorted(str(region_of(row["anchor"])) for row in rows)
    return found


def readable(land: Land, scope: str) -> dict[str, list[str]]:
    return {
        table: sorted(region for region in REGIONS if may_read(rule, scope, region))
        for table, rule in land.rules.items()
    }


@pytest.mark.parametrize("region", [*REGIONS, "000000000000"])
async def test_a_scope_sees_its_subtree_and_what_is_open(land: Land, region: str) -> None:
    scope = scope_of_region(region)

    assert scope_of(Actor("somebody", frozenset({"reader"}), region)) == scope
    async with land.place.pool.acquire() as connection, transaction(connection, scope, read_only=True):
        assert await seen(connection, land) == readable(land, scope)


async def test_somebody_unknown_sees_what_is_open_alone(land: Land) -> None:
    assert scope_of(Actor("anonymous", frozenset({"anonymous"}))) == "public"
    async with land.place.pool.acquire() as connection, transaction(connection, "public", read_only=True):
        assert await seen(connection, land) == readable(land, "public")


async def after_a_scope_ended(connection: Pooled) -> None:
    async with transaction(connection, CITY[:4]):
        await connection.execute("SELECT 1")


async def after_an_undone_transaction(connection: Pooled) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transaction(connection, "all"):
            raise ZeroDivisionError


async def after_a_cancelled_transaction(connection: Pooled) -> None:
    """Cancelled once while it begins, once while it works."""
    for begun in (False, True):
        started = asyncio.Event()

        async def work(started: asyncio.Event = started) -> None:
            async with transaction(connection, "all"):
                started.set()
                await connection.execute("SELECT pg_sleep(30)")

        task = asyncio.create_task(work())
        await (started.wait() if begun else asyncio.sleep(0))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def after_reset(connection: Pooled) -> None:
    await after_a_scope_ended(connection)
    await connection.execute("RESET ALL")


async def fresh(_: Pooled) -> None:
    """As it comes."""


@pytest.mark.parametrize(
    "state", [fresh, after_a_scope_ended, after_an_undone_transaction, after_a_cancelled_transaction, after_reset]
)
async def test_a_connection_without_a_scope_sees_nothing(land: Land, state: object) -> None:
    async with land.place.pool.acquire() as connection:
        await state(connection)  # type: ignore[operator]
        assert not any((await seen(connection, land)).values())


@pytest.mark.parametrize("scope", JUNK)
async def test_what_is_no_scope_sees_nothing_and_writes_nothing(land: Land, scope: str) -> None:
    async with land.place.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('app.scope', $1, true)", scope)
        assert not any((await seen(connection, land)).values())
        for table in land.rules:
            assert not await can_add(connection, land, table, CITY), table


async def test_the_owner_of_the_tables_sees_nothing_without_a_scope(land: Land, servers: Servers) -> None:
    service = land.place.service.name
    dsn = owner_dsn(servers.postgres_dsn, service, ensure_logins(servers.secrets))
    clone = await land.place.admin.fetchval("SELECT current_database()")
    owner = await asyncpg.connect(dsn_in(dsn, clone))
    try:
        assert not any((await seen(owner, land)).values())
    finally:
        await owner.close()


@asynccontextmanager
async def undone(connection: Pooled | asyncpg.Connection) -> AsyncIterator[None]:
    """What is done inside is taken back."""
    await connection.execute("SAVEPOINT tried")
    try:
        yield
    finally:
        await connection.execute("ROLLBACK TO tried")


async def can_add(connection: Pooled, land: Land, table: str, region: str) -> bool:
    """A row like that of the land: one that breaks a key was let in, as row-level security is asked first."""
    async with undone(connection):
        try:
            await add(connection, table, land.rows[table][region])
        except asyncpg.InsufficientPrivilegeError:
            return False
        except asyncpg.IntegrityConstraintViolationError:
            return True
        return True


async def can_change(connection: Pooled, land: Land, table: str, region: str, verb: str) -> bool | None:
    """Whether one row can be changed or removed; None where nobody has the privilege."""
    row, anchor = land.rows[table][region], land.rules[table].anchor
    column = await connection.fetchval(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped"
        " AND has_column_privilege(attrelid, attnum, 'UPDATE') LIMIT 1",
        table,
    )
    if (
        column is None
        if verb == "UPDATE"
        else not await connection.fetchval("SELECT has_table_privilege($1, 'DELETE')", table)
    ):
        return None
    what = f"UPDATE {table} SET {column} = {column}" if verb == "UPDATE" else f"DELETE FROM {table}"
    async with undone(connection):
        try:
            return await connection.execute(f"{what} WHERE {anchor} = $1", row[anchor]) != f"{verb} 0"
        except asyncpg.InsufficientPrivilegeError:
            return False
        except asyncpg.IntegrityConstraintViolationError:
            return True


@pytest.mark.parametrize(
    "scope",
    ["3505", "all", *(pytest.param(each, marks=pytest.mark.soak) for each in ("350503001001", "36", "public"))],
)
async def test_nobody_adds_changes_or_removes_rows_outside_the_scope(land: Land, scope: str) -> None:
    tried = 0
    async with land.place.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('app.scope', $1, true)", scope)
        for table, rule in land.rules.items():
            for region in ("350503001001", "350502001001", ELSEWHERE):
                allowed = may_write(rule, scope, region)
                assert await can_add(connection, land, table, region) == allowed, (table, region)
                for verb in ("UPDATE", "DELETE"):
                    able = await can_change(connection, land, table, region, verb)
                    assert able in (None, allowed), (verb, table, region)
                    tried += able is not None
    assert tried > len(land.rules)


@pytest.mark.parametrize(("scope", "moved"), [("3505", 0), ("all", 1)])
async def test_the_service_alone_moves_a_row_into_another_region(land: Land, scope: str, moved: int) -> None:
    """Else an open row could be taken over by whoever moves it home."""
    async with land.place.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('app.scope', $1, true)", scope)
        for table, anchor in ((table, rule.anchor) for table, rule in land.rules.items()):
            if anchor not in ("region", "within"):
                continue
            able = await connection.fetchval("SELECT has_column_privilege($1, $2, 'UPDATE')", table, anchor)
            told = "UPDATE 0"
            async with undone(connection):
                with suppress(asyncpg.InsufficientPrivilegeError):
                    told = await connection.execute(
                        f"UPDATE {table} SET {anchor} = '350503001001' WHERE {anchor} = '{ELSEWHERE}'"
                    )
            assert told == f"UPDATE {moved if able else 0}", table


def test_the_scope_is_lifted_in_the_listed_functions_alone() -> None:
    root = Path(__file__).parents[2] / "services"
    for service, listed in EVERYWHERE.items():
        found = {
            function.name
            for file in (root / service).rglob("*.py")
            if "everywhere" in (text := file.read_text("utf-8"))
            for function in ast.walk(ast.parse(text))
            if isinstance(function, ast.AsyncFunctionDef)
            and any(isinstance(part, ast.Attribute) and part.attr == "everywhere" for part in ast.walk(function))
        }
        assert found == listed


async def swallow_an_error(connection: Pooled) -> None:
    async with transaction(connection, "all"):
        with suppress(asyncpg.DivisionByZeroError):
            await connection.execute("SELECT 1 / 0")


async def test_a_lost_commit_is_told(land: Land) -> None:
    """A handler that swallows the database's error must not be answered as if its work were kept."""
    async with land.place.pool.acquire() as connection:
        with pytest.raises(RuntimeError, match="undone"):
            await swallow_an_error(connection)
