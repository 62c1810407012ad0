"""The database of a service goes back to a backup while the bus goes on (promises 2, 3 and 15): nothing is published
until it is announced, then its new history takes over, and what the lost future did is marked for a rebuild."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import nats
import pytest

from contracts.registry.v1 import ConsentPurpose, RecordConsent, WithdrawConsent
from deploy.local.health import ask_status
from deploy.local.service import Process
from deploy.local.stack import Stack
from deploy.postgres.provision import database_of
from services.chassis.scope import UNBOUND
from services.chassis.tokens import Signer
from tests.chaos.callers import Desk, OverNats
from tests.chaos.families import do, found
from tests.system.backups import BACKUP, announce, copy_database
from tests.system.conftest import adult, until

ACTIVITIES: Final = ConsentPurpose.ACTIVITIES
GATE: Final = "SELECT epoch, version FROM order_gate WHERE consumer = 'activities-people' AND aggregate_id = $1"


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    with Stack(tmp_path, services=["registry", "activities"]) as running:
        yield running


@pytest.fixture
async def desk(stack: Stack) -> AsyncIterator[Desk]:
    token = Signer("gateway", stack.secrets_dir).mint("system", ["editor", "operator", "reader"], seconds=3600)
    connection = await nats.connect(stack.nats_url, max_reconnect_attempts=-1)
    yield Desk([OverNats(connection, token)], random.Random(1))
    await connection.close()


async def fetch(stack: Stack, service: str, sql: str, *values: Any) -> list[asyncpg.Record]:
    database = await asyncpg.connect(stack.database_dsn(service), timeout=10, server_settings=UNBOUND)
    try:
        return list(await database.fetch(sql, *values))
    finally:
        await database.close()


def status(stack: Stack, service: str) -> dict[str, Any]:
    program = stack.processes[f"{service}-1"].program
    assert isinstance(program, Process)
    return ask_status(program.url)


async def consented(stack: Stack, person: UUID) -> bool | None:
    """What activities believes; None where it does not know her."""
    rows = await fetch(stack, "activities", "SELECT consented FROM person WHERE person_id = $1", person)
    return rows[0]["consented"] if rows else None


def gives(person: UUID) -> RecordConsent:
    return RecordConsent(person_id=person, purpose=ACTIVITIES, given_by=person, notice_version="v1")


def withdraws(person: UUID) -> WithdrawConsent:
    return WithdrawConsent(person_id=person, purpose=ACTIVITIES)


@pytest.mark.soak
async def test_after_a_restore_consumers_converge_to_the_owners_state(stack: Stack, desk: Desk) -> None:
    """Saboteur: no-epoch."""
    await found(desk, datetime.now(UTC))
    person, never_was = uuid4(), uuid4()
    await do(desk, adult(person))
    await do(desk, gives(person))
    await copy_database(stack, database_of("registry"), BACKUP)

    for command in (withdraws(person), gives(person), withdraws(person), adult(never_was)):
        await do(desk, command)

    async def heard_the_lost_future() -> bool:
        return (await consented(stack, person), await consented(stack, never_was)) == (False, False)

    await until(heard_the_lost_future, 20)
    await copy_database(stack, BACKUP, database_of("registry"))
    await do(desk, withdraws(person))

    async def nothing_is_published() -> bool:
        said = status(stack, "registry")
        return bool(said["restored"]["unannounced"]) and said["outbox"]["unpublished"] == 1

    await until(nothing_is_published, 10)
    epoch = (await asyncio.to_thread(announce, stack))["epoch"]
    await do(desk, gives(person))

    async def converged() -> bool:
        gates = [tuple(row) for row in await fetch(stack, "activities", GATE, person)]
        return (await consented(stack, person), gates) == (True, [(epoch, 4)])

    await until(converged, 15)
    assert not status(stack, "registry")["restored"]["unannounced"]
    stale = {mark["consumer"]: mark["epoch"] for mark in status(stack, "activities")["restored"]["rebuild"]}
    assert stale == {"activities-people": epoch}, "she who never was is still known there, until it is rebuilt"
