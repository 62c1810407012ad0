"""A service of one reaction, for the consumer's case: people into a read model, each event once by the inbox.

It stands on the real chassis and runs the statement of the bare loop, so that nothing but the chassis lies between.
"""

import asyncio
import sys
from collections.abc import Sequence
from typing import Final

import asyncpg
import nats

from contracts.envelope import CloudEvent
from contracts.registry.v1 import PersonRegistered
from deploy.local.stack import Stack
from deploy.local.token_keys import ensure_token_keys
from deploy.nats.topology import consumer_config
from deploy.postgres.provision import dsn_in
from services.chassis import Service, Transaction
from services.chassis.app import ServiceApp
from services.chassis.migrate import find_migrations, migrate
from services.chassis.settings import Settings
from tests.bench.bare_events import PEOPLE, UPSERT, columns_of
from tests.chaos.house import CHASSIS_MIGRATIONS

NAME: Final = "mirror"

mirror = Service(NAME)


@mirror.reacts_to(PersonRegistered, durable="mirror-people")
async def mirror_people(events: Sequence[CloudEvent[PersonRegistered]], tx: Transaction) -> None:
    await tx.execute(UPSERT, *columns_of(events))


def start_mirror(stack: Stack) -> tuple[int, str]:
    """Gives it a database and a consumer and starts one instance: its pid and its database."""
    dsn = dsn_in(stack.admin_dsn, NAME)
    asyncio.run(_prepare(stack, dsn))
    ensure_token_keys(stack.secrets_dir, [NAME])
    environment = {
        "LINLI_SECRETS_DIR": str(stack.secrets_dir),
        "LINLI_DATABASE_DSN": dsn,
        "LINLI_INSTANCE": f"{NAME}-1",
        "LINLI_NATS_URL": stack.nats_url,
    }
    stack.add_process(f"{NAME}-1", [sys.executable, "-m", "tests.bench.mirror"], environment)
    return stack.processes[f"{NAME}-1"].program.pid, dsn


async def _prepare(stack: Stack, dsn: str) -> None:
    admin = await asyncpg.connect(stack.admin_dsn)
    await admin.execute(f"CREATE DATABASE {NAME}")
    await admin.close()
    await migrate(dsn, find_migrations(CHASSIS_MIGRATIONS))
    database = await asyncpg.connect(dsn)
    await database.execute(PEOPLE)
    await database.close()
    [hearing] = mirror.hearings
    declared = {"durable": hearing.durable, "stream": hearing.stream, "filters": hearing.filters}
    connection = await nats.connect(stack.nats_url)
    await connection.jetstream().add_consumer(hearing.stream, consumer_config(declared))
    await connection.close()


if __name__ == "__main__":
    ServiceApp(mirror, Settings(), capabilities=[]).serve()
