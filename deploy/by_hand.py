"""A consumer in an operator's hand: the service's own code, with its own login and clock, on its own database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import asyncpg
from nats.aio.client import Client as Nats

from contracts.catalogue import SERVICES
from deploy.demo.props import CLOCK_FILE
from deploy.local.record import Record
from deploy.local.trouble import Trouble
from deploy.local.words import say
from deploy.nats.keys import seed_file
from deploy.nats.topology import service_of
from deploy.postgres.logins import ensure_logins, runtime_dsn
from services.chassis import Service
from services.chassis.database import Connection, open_pool
from services.chassis.handlers import Hearing
from services.chassis.running import Running
from services.chassis.scope import UNBOUND
from services.chassis.settings import Settings

COMMAND_SECONDS: Final = 60


def known_service(name: str) -> str:
    """The name itself. Trouble with those that exist when there is no such service."""
    if name not in SERVICES:
        raise Trouble(
            say(
                f"没有服务 {name}。可选：{'、'.join(SERVICES)}。",
                f"There is no service {name}. Choose among {', '.join(SERVICES)}.",
            )
        )
    return name


def find_hearing(service: str, name: str, *, model: bool = False) -> Hearing:
    """A durable of a service, with or without the service's name before it. Trouble with those that exist.

    `model`: only durables that remember.
    """
    hearings = [each for each in service_of(known_service(service)).hearings if each.in_order or not model]
    for hearing in hearings:
        if name in (hearing.durable, short_name(service, hearing)):
            return hearing
    known = [short_name(service, each) for each in hearings] or ["—"]
    raise Trouble(
        say(
            f"{service} 没有 {name}。可选：{'、'.join(known)}。",
            f"{service} has no {name}. Choose among {', '.join(known)}.",
        )
    )


def short_name(service: str, hearing: Hearing) -> str:
    """`sites` of `activities-sites`: what people call a read model."""
    return hearing.durable.removeprefix(f"{service}-")


@asynccontextmanager
async def opened(record: Record, service: str) -> AsyncIterator[Running]:
    """What a consumer of the service stands on, off the bus: what it says waits in the outbox for the relay."""
    clock_file = Path(record.directory) / CLOCK_FILE
    settings = Settings(
        database_dsn=runtime_dsn(record.postgres_dsn, service, ensure_logins(record.secrets_dir)),
        nats_url=record.nats_url,
        nats_seed_file=seed_file(record.secrets_dir, service),
        secrets_dir=record.secrets_dir,
        instance=f"linli-{service}",
        pool_size=2,
        clock_offset_file=clock_file if clock_file.exists() else None,
    )
    pool = await open_pool(settings)
    try:
        of_service: Service = service_of(service)
        yield Running(of_service, settings, pool, Nats())
    finally:
        await pool.close()


@asynccontextmanager
async def session_of(dsn: str, **settings: str) -> AsyncIterator[Connection]:
    """One connection outside a pool that works everywhere. Times in UTC, so that a row reads the same whoever looks."""
    options = {"application_name": "linli-operator", "timezone": "UTC", **UNBOUND, **settings}
    database: Connection = await asyncpg.connect(
        dsn, timeout=10, command_timeout=COMMAND_SECONDS, server_settings=options
    )
    try:
        yield database
    finally:
        await database.close(timeout=2)


@asynccontextmanager
async def archive_of(record: Record, service: str) -> AsyncIterator[Connection]:
    """The database whose outbox is the archive of a service's events, to read and never to write."""
    dsn = runtime_dsn(record.postgres_dsn, service, ensure_logins(record.secrets_dir))
    async with session_of(dsn, default_transaction_read_only="on") as database:
        yield database
