"""The throw-away stack of a chaos run: two instances of each service, and two witnesses beside them."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import nats

from contracts.catalogue import SERVICES
from deploy.local.service import HOUSE, Process
from deploy.local.stack import Stack
from deploy.local.token_keys import ensure_token_keys
from deploy.nats.topology import consumer_config, kept
from deploy.postgres.provision import dsn_in
from services.chassis.migrate import find_migrations, migrate
from tests.chaos.witness import CREATE, DATABASE, witness

INSTANCES: Final = 2
CHASSIS_MIGRATIONS: Final = Path(__file__).parents[2] / "services" / "chassis" / "migrations"


@contextmanager
def running(directory: Path, sabotage: str = "") -> Iterator[Stack]:
    """The stack with every service ready; nothing of it is left afterwards."""
    stack = Stack(directory, scale=dict.fromkeys(HOUSE, INSTANCES), environment={"LINLI_SABOTAGE": sabotage})
    with stack:
        asyncio.run(_prepare_witness(stack))
        for number in range(1, INSTANCES + 1):
            name = f"witness-{number}"
            ensure_token_keys(stack.secrets_dir, ["witness"])
            settings = {
                "LINLI_SECRETS_DIR": str(stack.secrets_dir),
                "LINLI_DATABASE_DSN": witness_dsn(stack),
                "LINLI_INSTANCE": name,
                "LINLI_NATS_URL": stack.nats_url,
            }
            stack.add_process(name, [sys.executable, "-m", "tests.chaos.witness"], settings)
        yield stack


def witness_dsn(stack: Stack) -> str:
    return dsn_in(stack.admin_dsn, DATABASE)


async def _prepare_witness(stack: Stack) -> None:
    database = await asyncpg.connect(stack.admin_dsn)
    await database.execute(f"CREATE DATABASE {DATABASE}")
    await database.close()
    await migrate(witness_dsn(stack), find_migrations(CHASSIS_MIGRATIONS))
    database = await asyncpg.connect(witness_dsn(stack))
    await database.execute(CREATE)
    await database.close()
    connection = await nats.connect(stack.nats_url)
    for consumer in consumers()[len(kept().consumers) :]:
        await connection.jetstream().add_consumer(consumer["stream"], consumer_config(consumer))
    await connection.close()


def consumers() -> list[dict[str, Any]]:
    """Every declared consumer: those of the topology, then the witness's."""
    own = [
        {"service": witness.name, "durable": each.durable, "stream": each.stream, "filters": each.filters}
        for each in witness.hearings
    ]
    return [*kept().consumers, *own]


def dsns(stack: Stack) -> dict[str, str]:
    """Where each service keeps its rows, the witness included."""
    return {name: stack.database_dsn(name) for name in SERVICES} | {witness.name: witness_dsn(stack)}


def instances(stack: Stack) -> list[str]:
    """The names of all processes that may be killed, without the two servers."""
    return [name for name in stack.processes if name not in ("postgres", "nats")]


def gateways(stack: Stack) -> list[str]:
    """Where the gateways listen now."""
    programs = [stack.processes[f"gateway-{number}"].program for number in range(1, INSTANCES + 1)]
    return [program.url for program in programs if isinstance(program, Process)]
