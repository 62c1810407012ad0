"""What an operator does about erasures: follows one to its end, repeats them after a restore, renews the master key."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from asyncpg import Record as Row

from contracts.catalogue import SERVICES
from contracts.registry.v1 import PersonErased
from deploy import by_hand
from deploy.local import person_keys
from deploy.local.handing_out import hand_out
from deploy.local.progress import Teller
from deploy.local.record import Record
from deploy.local.renewing import renewing
from deploy.local.trouble import Trouble
from deploy.local.words import say
from deploy.nats.topology import service_of
from deploy.postgres.logins import ensure_logins, runtime_dsn
from deploy.postgres.provision import KEYRING, keyring_server
from services.chassis import Transaction
from services.chassis.database import Connection
from services.chassis.handlers import Hearing
from services.chassis.scope import EVERYWHERE, transaction
from services.chassis.settings import Settings
from services.keyring.vault import Vault, vault

FIND_FACT: Final = """
SELECT event_id, version, coalesce((body::jsonb ->> 'epoch')::bigint, 1) AS epoch FROM outbox
WHERE aggregate_id = $1 AND type = $2 ORDER BY id DESC LIMIT 1
"""
PASSED_GATE: Final = """
SELECT EXISTS (
    SELECT FROM order_gate WHERE consumer = $1 AND aggregate_id = $2 AND (epoch, version) >= ($3::bigint, $4::int))
"""
IN_INBOX: Final = "SELECT EXISTS (SELECT FROM inbox WHERE consumer = $1 AND event_id = $2)"
FOLLOW_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.2
BATCH: Final = 500
SETTLE_SECONDS: Final = 20.0
"""Longer than a statement may take: what was begun under an older master key has ended by then."""


@asynccontextmanager
async def keyring_of(record: Record) -> AsyncIterator[Vault]:
    """The keyring of a running stack, in this process."""
    dsn = runtime_dsn(keyring_server(record.postgres_dsn), KEYRING, ensure_logins(record.secrets_dir))
    vault.at(dsn, record.secrets_dir / person_keys.FILE, Settings(allow_undurable=True))
    try:
        yield vault
    finally:
        await vault.close()


def hearers() -> list[tuple[str, Hearing]]:
    """Who lets go of a person that was erased: each service with its durable."""
    return [
        (name, hearing) for name in SERVICES for hearing in service_of(name).hearings if PersonErased in hearing.events
    ]


def steps() -> int:
    return len(hearers()) + 1


async def follow(record: Record, person: UUID, teller: Teller) -> None:
    """Waits until her key is destroyed and every service has handled the fact. Trouble when that takes too long."""
    async with by_hand.archive_of(record, "registry") as archive:
        fact = await archive.fetchrow(FIND_FACT, person, PersonErased.contract.type)
    if fact is None:
        raise _not_done("registry")
    deadline = time.monotonic() + FOLLOW_SECONDS
    async with keyring_of(record) as keys:
        while person not in await keys.list_erased():
            await _wait(deadline, KEYRING)
    teller.step(say("密钥已销毁", "key destroyed"))
    for service, hearing in hearers():
        async with by_hand.archive_of(record, service) as database:
            while not await has_handled(database, hearing, person, fact):
                await _wait(deadline, service)
        teller.step(hearing.durable)


async def has_handled(database: Connection, hearing: Hearing, person: UUID, fact: Row) -> bool:
    """Whether a durable has had the fact that a person was erased, a row of FIND_FACT."""
    if hearing.in_order:
        return bool(await database.fetchval(PASSED_GATE, hearing.durable, person, fact["epoch"], fact["version"]))
    return bool(await database.fetchval(IN_INBOX, hearing.durable, fact["event_id"]))


async def _wait(deadline: float, service: str) -> None:
    if time.monotonic() > deadline:
        raise _not_done(service)
    await asyncio.sleep(LOOK_SECONDS)


def _not_done(service: str) -> Trouble:
    return Trouble(
        say(
            f"已删除，但 {service} 尚未清除完毕。它恢复后会自动完成，请查看 ./linli status。",
            f"Erased, but {service} has not let go yet. It will once it is back; see ./linli status.",
        )
    )


async def repeat_erasures(record: Record) -> int:
    """After a restore of registry's database or of the keyring: each tells the other who was erased.

    Returns how many were erased once more. Safe to repeat.
    """
    from services.registry.rights.handlers import erase_again
    from services.registry.rights.store import list_erased

    async with keyring_of(record) as keys, by_hand.opened(record, "registry") as running:
        now = running.clock.now()
        async with running.pool.acquire() as connection, transaction(connection, EVERYWHERE):
            tx = Transaction(connection, now, running.actor, running.own_cause())
            again = await erase_again(tx, await keys.list_erased())
            erased = await list_erased(tx)
            await tx.flush(wake_relay=True)
        for person in erased:  # afterwards: a transaction that stands idle so long is ended by the server
            await keys.destroy(person, now)
    return len(again)


async def renew_keys(record: Record, teller: Teller) -> int:
    """Adds a master key, wraps everything anew, and throws the older ones away. Returns how many were wrapped.

    Trouble while somebody else does it: she would lose the key by which the services still wrap.
    """
    with renewing(record.secrets_dir):
        return await _renew_keys(record, teller)


async def _renew_keys(record: Record, teller: Teller) -> int:
    async with keyring_of(record) as keys:
        count = await keys.count()
        teller.begin(say("正在重新封装", "Wrapping anew"), -(-count // BATCH) + 1)
        person_keys.add_master_key(record.secrets_dir)
        hand_out(record.secrets_dir)
        renewed = await _rewrap(keys, teller)
        teller.step(say("等待进行中的写入", "waiting for what is under way"))
        await asyncio.sleep(SETTLE_SECONDS)
        renewed += await _rewrap(keys, teller)
        person_keys.drop_old_master_keys(record.secrets_dir)
        hand_out(record.secrets_dir)
    return renewed


async def _rewrap(keys: Vault, teller: Teller) -> int:
    renewed = 0
    while done := await keys.rewrap(BATCH):
        renewed += done
        teller.step(str(renewed))
    return renewed
