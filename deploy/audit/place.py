"""Where the audit logs of a house are: its databases, its bus and its keys.

Of a stack of `./linli up` its record says so. Beside containers it is the environment of the migrator, whose key may
read the anchors: LINLI_POSTGRES_DSN, LINLI_NATS_URL, LINLI_NATS_SEED_FILE, LINLI_TLS_DIR, LINLI_SECRETS_DIR.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import nats
from nats.aio.client import Client as Nats

from deploy.by_hand import session_of
from deploy.local.options import require_running
from deploy.local.record import without_password
from deploy.local.trouble import Trouble
from deploy.local.words import say
from deploy.nats.keys import seed_file
from deploy.nats.rights import OPERATOR
from deploy.postgres.logins import ensure_logins, owner_dsn
from services.chassis.bus import tls_of
from services.chassis.database import Connection
from services.chassis.settings import Settings


@dataclass(frozen=True, slots=True)
class Place:
    """What the commands need to know of a house. `inbox` is that of the key on the bus."""

    postgres_dsn: str
    settings: Settings
    inbox: str

    @property
    def secrets(self) -> Path:
        return self.settings.secrets_dir

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[Connection]:
        """The database of a service, as the owner of its tables."""
        dsn = owner_dsn(self.postgres_dsn, service, ensure_logins(self.secrets))
        async with session_of(dsn) as database:
            yield database

    @asynccontextmanager
    async def bus(self) -> AsyncIterator[Nats]:
        """A connection to the bus. Trouble when it does not answer."""
        seed = self.settings.nats_seed_file
        try:
            connection = await nats.connect(
                self.settings.nats_url,
                name="linli-audit",
                nkeys_seed=str(seed) if seed else None,
                tls=tls_of(self.settings),
                inbox_prefix=self.inbox,
                connect_timeout=5,
                max_reconnect_attempts=3,
            )
        except (nats.errors.Error, OSError) as failure:
            raise Trouble(
                say(
                    f"NATS 没有应答({type(failure).__name__})：锚点在消息流中，没有它无法核对日志结尾。",
                    f"NATS did not answer ({type(failure).__name__}): the anchors are there, and without them nobody "
                    "can say whether the end of a log was cut off.",
                )
            ) from failure
        try:
            yield connection
        finally:
            await connection.close()


def find_place(directory: Path) -> Place:
    """The house of the environment, or the stack that runs in the directory. Trouble when there is none."""
    server = os.environ.get("LINLI_POSTGRES_DSN")
    if server and os.environ.get("LINLI_NATS_SEED_FILE"):
        return Place(server, Settings(), "_INBOX_migrator")
    record = require_running(directory)
    settings = Settings(
        nats_url=without_password(record.nats_url),
        nats_seed_file=seed_file(record.secrets_dir, OPERATOR),
        secrets_dir=record.secrets_dir,
    )
    return Place(record.postgres_dsn, settings, f"_INBOX_{OPERATOR}")
