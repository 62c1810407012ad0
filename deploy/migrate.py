"""The migrator: logins and databases, schemas and what they keep, streams and consumers; all that only it may change.

Environment: LINLI_POSTGRES_DSN (an administrator), LINLI_NATS_URL, LINLI_NATS_SEED_FILE (the migrator's key),
LINLI_TLS_DIR, LINLI_SECRETS_DIR; LINLI_NATS_REPLICAS in a cluster; LINLI_ARCHIVE_DAYS, LINLI_INBOX_DAYS and
LINLI_ANSWER_DAYS to keep data otherwise (deploy/postgres/retention.py); LINLI_KEYRING_POSTGRES_DSN (an administrator)
where the keys of people have a server of their own.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

import nats

from deploy.nats import topology
from deploy.postgres.logins import ensure_logins, owner_dsn
from deploy.postgres.provision import DATABASES, KEYRING, SERVICES, keyring_server, provision
from deploy.postgres.retention import Policy, set_policy
from services.chassis.bus import tls_of
from services.chassis.migrate import MigrationRefused, find_migrations, migrate
from services.chassis.settings import Settings

ROOT: Final = Path(__file__).parents[1]


async def migrate_service(name: str, owner_dsn: str) -> list[str]:
    """Applies the chassis' and the service's own migrations to its database, as the owner, and sets what it keeps."""
    folders = (ROOT / "services" / "chassis" / "migrations", ROOT / "services" / name / "migrations")
    done = await migrate(owner_dsn, find_migrations(*folders))
    await set_policy(owner_dsn, Policy(), topology.STREAM_DAYS)
    return done


async def migrate_keyring(owner_dsn: str) -> list[str]:
    """The keyring has no messages, and so nothing of the chassis."""
    return await migrate(owner_dsn, find_migrations(ROOT / "services" / KEYRING / "migrations"))


async def declare_topology(settings: Settings, replicas: int) -> None:
    """Creates or updates the streams and consumers of topology.json."""
    connection = await nats.connect(
        settings.nats_url,
        name="migrator",
        nkeys_seed=str(settings.nats_seed_file) if settings.nats_seed_file else None,
        tls=tls_of(settings),
        inbox_prefix="_INBOX_migrator",
        connect_timeout=5,
        max_reconnect_attempts=3,
    )
    try:
        await topology.apply(connection.jetstream(timeout=10), topology.kept(), replicas)
    finally:
        await connection.close()


async def run() -> None:
    """All of it, in order."""
    server = os.environ["LINLI_POSTGRES_DSN"]
    logins = ensure_logins(Path(os.environ["LINLI_SECRETS_DIR"]))
    keyring = keyring_server(server)
    apart = {KEYRING} if keyring != server else set()
    await provision(server, {name: login for name, login in logins.items() if name not in apart})
    if apart:
        await provision(keyring, {KEYRING: logins[KEYRING]})
    applied = await asyncio.gather(
        *(migrate_service(name, owner_dsn(server, name, logins)) for name in SERVICES),
        migrate_keyring(owner_dsn(keyring, KEYRING, logins)),
    )
    for name, done in zip(DATABASES, applied, strict=True):
        for migration in done:
            print(f"{name}: {migration}", file=sys.stderr)
    await declare_topology(Settings(), int(os.environ.get("LINLI_NATS_REPLICAS", "1")))


def main() -> int:
    try:
        asyncio.run(run())
    except MigrationRefused as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
