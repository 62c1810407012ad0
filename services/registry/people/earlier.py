"""Seals what an earlier release kept open: once after an upgrade, then there is nothing left to do."""

from collections.abc import Awaitable, Callable
from typing import Final

from services.chassis import Transaction
from services.chassis.running import Running
from services.chassis.scope import EVERYWHERE, transaction
from services.keyring.vault import vault
from services.registry import registry
from services.registry.accounts import store as accounts
from services.registry.accounts.names import hash_of, identity_of, seal_login
from services.registry.approvals import store as approvals
from services.registry.approvals import words
from services.registry.people import store
from services.registry.people.values import seal_new

BATCH: Final = 200
Seals = Callable[[Transaction], Awaitable[int]]


async def seal_people(tx: Transaction) -> int:
    """Names and addresses of at most 200 people; how many there were."""
    open_rows = await store.list_unsealed(tx, BATCH)
    values = {row["person_id"]: {"name": row["name"], "email": row["email"]} for row in open_rows}
    await store.set_sealed(tx, await seal_new(values, tx.now))
    return len(values)


async def seal_logins(tx: Transaction) -> int:
    """Logins, whose holders have keys by then; and what providers call them."""
    rows = await accounts.list_unsealed_logins(tx, BATCH)
    for row in rows:
        sealed = await seal_login(row["account_id"], row["person_id"], row["login"])
        await accounts.set_login(tx, row["account_id"], hash_of(row["login"]), sealed)
    identities = await accounts.list_open_identities(tx, BATCH)
    for row in identities:
        await accounts.set_identity(tx, row["issuer"], row["subject"], identity_of(row["issuer"], row["subject"]))
    return len(rows) + len(identities)


async def seal_reasons(tx: Transaction) -> int:
    """Why records were opened, in words; of whoever was erased they are let go."""
    rows = await approvals.list_open_words(tx, BATCH)
    keys = await vault.keys_of({row["person_id"] for row in rows})
    for row in rows:
        id, key = row["record_access_id"], keys.get(row["person_id"])
        reason = words.sealed(key, id, words.REASON, row["reason_text"]) if key else None
        note = words.sealed(key, id, words.NOTE, row["review_note"]) if key and row["review_note"] else None
        await approvals.set_sealed(tx, id, reason, note)
    return len(rows)


@registry.works("registry-seal-earlier-values")
async def seal_earlier_values(running: Running) -> None:
    """People first, batch by batch; then waits for the end."""
    for seals in (seal_people, seal_logins, seal_reasons):
        while await _once(running, seals) and not running.stopping.is_set():
            pass
    await running.stopping.wait()


async def _once(running: Running, seals: Seals) -> int:
    async with running.pool.acquire() as connection, transaction(connection, EVERYWHERE):
        return await seals(Transaction(connection, running.clock.now(), running.actor, running.own_cause()))
