"""Databases and roles: one database and one runtime role a service, the owner of its tables apart.

A service can do only its own job (promise 10): its runtime role reads and writes rows of its own database, and cannot
change a table, empty one, or open another database. Needs CREATEROLE and CREATEDB, not a superuser.
"""

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

if TYPE_CHECKING:
    import asyncpg

SERVICES = ("registry", "activities", "volunteers", "notify")
"""The services that have a database of their own."""

KEYRING = "keyring"
"""The database of people's keys: of registry, and yet apart from its data (docs/decisions/0015)."""
DATABASES = (*SERVICES, KEYRING)
KEYRING_SERVER = "LINLI_KEYRING_POSTGRES_DSN"

SCRAM_ROUNDS = 4096
TAKE_TURN = "SELECT pg_advisory_lock(hashtext('linli-provision'))"
"""Until the connection ends."""

ROLE_SETTINGS = {
    "lock_timeout": "5s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
    "synchronous_commit": "on",
}


@dataclass(frozen=True, slots=True)
class Passwords:
    """The passwords of one service's two roles. ASCII, made by a generator."""

    owner: str
    runtime: str


def keyring_server(server_dsn: str) -> str:
    """The server of the keyring: one of its own where the environment names it (an administrator), else that of the
    data. With one of its own not even a backup of the whole server holds keys and data together."""
    return os.environ.get(KEYRING_SERVER) or server_dsn


def database_of(service: str) -> str:
    """The name of the service's database."""
    return f"linli_{service}"


def runtime_role(service: str) -> str:
    """Whom the running service logs in as."""
    return f"linli_{service}"


def owner_role(service: str) -> str:
    """Whom its migrations log in as."""
    return f"linli_{service}_owner"


def dsn_as(dsn: str, user: str, password: str, database: str) -> str:
    """The same server, but for another role and database."""
    parts = urlsplit(dsn)
    place = parts.netloc.rpartition("@")[2]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@{place}"
    return urlunsplit(parts._replace(netloc=login, path=f"/{quote(database, safe='')}"))


def dsn_in(dsn: str, database: str) -> str:
    """The same server and login, but another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{quote(database, safe='')}"))


async def provision(admin_dsn: str, logins: Mapping[str, Passwords]) -> None:
    """Makes or mends the roles and databases of the services named in `logins`. Safe to repeat; loses no data.

    `admin_dsn` logs in a role with CREATEROLE and CREATEDB. A changed password takes effect at once. Of two who do it
    at once the second waits: PostgreSQL fails where roles and rights are changed concurrently.
    """
    admin = await connect(admin_dsn)
    try:
        await admin.execute(TAKE_TURN)
        async with admin.transaction():  # one commit to wait for, not eighty
            for service, passwords in logins.items():
                await ensure_role(admin, owner_role(service), passwords.owner)
                await ensure_role(admin, runtime_role(service), passwords.runtime)
        await asyncio.gather(*(_provide(admin_dsn, service, passwords) for service, passwords in logins.items()))
    finally:
        await admin.close()


async def _provide(admin_dsn: str, service: str, passwords: Passwords) -> None:
    """The database of a service whose roles exist; side by side five take 0.5 s, one after the other 1.0."""
    admin = await connect(admin_dsn)
    try:
        await ensure_database(admin, service)
        await close_to_others(admin, database_of(service), service)
    finally:
        await admin.close()
    await grant_rows(dsn_as(admin_dsn, owner_role(service), passwords.owner, database_of(service)), service)


async def connect(dsn: str) -> "asyncpg.Connection":
    """A connection that waits for nothing longer than a minute."""
    import asyncpg  # here, because the command line reads names from this file and must start fast

    return await asyncpg.connect(dsn, timeout=10, command_timeout=60)


async def ensure_role(admin: "asyncpg.Connection", role: str, password: str) -> None:
    """A role that may log in and nothing more, with this password and the house's time limits."""
    if not await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        await admin.execute(f"CREATE ROLE {role} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION")
        await admin.execute(f"GRANT {role} TO CURRENT_USER")
    await admin.execute(f"ALTER ROLE {role} LOGIN PASSWORD '{scram_verifier(password)}'")
    for name, value in ROLE_SETTINGS.items():
        await admin.execute(f"ALTER ROLE {role} SET {name} = '{value}'")


async def ensure_database(admin: "asyncpg.Connection", service: str) -> None:
    """The service's database, owned by its owner role."""
    if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", database_of(service)):
        await admin.execute(f"CREATE DATABASE {database_of(service)} OWNER {owner_role(service)}")


async def close_to_others(admin: "asyncpg.Connection", database: str, service: str) -> None:
    """Only the service's roles may enter; the runtime role may have temporary tables, which bulk loads use."""
    await admin.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    await admin.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {runtime_role(service)}")


async def grant_rows(owner_dsn: str, service: str) -> None:
    """Whatever table the owner makes from now on, the runtime role may read and write its rows, and no more.

    A migration takes DELETE or UPDATE away again where rows must stay (archive, inbox, audit).
    """
    runtime = runtime_role(service)
    owner = await connect(owner_dsn)
    try:
        await owner.execute(
            f"""
            ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {runtime};
            ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {runtime};
            ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {runtime};
            """
        )
    finally:
        await owner.close()


def scram_verifier(password: str) -> str:
    """What the server stores of a password, computed here so that no statement log ever sees the password itself."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, SCRAM_ROUNDS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    stored, server, salt64 = (
        base64.b64encode(value).decode() for value in (hashlib.sha256(client_key).digest(), server_key, salt)
    )
    return f"SCRAM-SHA-256${SCRAM_ROUNDS}:{salt64}${stored}:{server}"


async def clone_database(admin_dsn: str, service: str, clone: str, template: str | None = None) -> str:
    """Copies a migrated database of a service (its own where no `template` is named) to the new database `clone`.

    Nobody may be connected to the template. Returns the clone's DSN for the admin; the service's roles may enter it.
    For tests: some 60 ms instead of running the migrations again.
    """
    admin = await connect(admin_dsn)
    try:
        source = template or database_of(service)
        await admin.execute(f'CREATE DATABASE "{clone}" TEMPLATE "{source}" OWNER {owner_role(service)}')
        await close_to_others(admin, f'"{clone}"', service)
    finally:
        await admin.close()
    return dsn_in(admin_dsn, clone)


async def drop_database(admin_dsn: str, database: str) -> None:
    """Removes a clone, cutting whoever is connected to it."""
    admin = await connect(admin_dsn)
    try:
        await admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    finally:
        await admin.close()
