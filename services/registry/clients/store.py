"""All SQL about clients and their secrets."""

from datetime import datetime
from uuid import UUID

from contracts.registry.v1 import ClientState, RegisterClient
from services.chassis import Transaction

FIND_CLIENT = "SELECT true FROM client WHERE client_id = $1"
ADD_CLIENT = "INSERT INTO client (client_id, unit_id, name, version) VALUES ($1, $2, $3, 1)"
LOCK_CLIENT = "SELECT client_id FROM client WHERE client_id = $1 FOR UPDATE"
GET_CLIENT = """
SELECT client_id, unit_id, region, client.name, revoked_at IS NOT NULL AS revoked,
    (SELECT count(*)::int FROM client_secret
     WHERE client_secret.client_id = client.client_id AND (expires_at IS NULL OR expires_at > $2)) AS secrets
FROM client JOIN unit USING (unit_id) WHERE client_id = $1
"""
EXPIRE_SECRETS = """
UPDATE client_secret SET expires_at = $2 WHERE client_id = $1 AND (expires_at IS NULL OR expires_at > $2)
"""
ADD_SECRET = """
INSERT INTO client_secret (client_id, secret_hash, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
REVOKE_CLIENT = "UPDATE client SET revoked_at = $2, version = 2 WHERE client_id = $1"
KNOWS_KEY = """
SELECT true FROM client_secret
WHERE client_id = $1 AND starts_with(secret_hash, $2) AND (expires_at IS NULL OR expires_at > $3)
"""
KNOWS_SECRET = """
SELECT true FROM client_secret WHERE client_id = $1 AND secret_hash = $2 AND (expires_at IS NULL OR expires_at > $3)
"""


async def client_exists(tx: Transaction, client_id: UUID) -> bool:
    return bool(await tx.value(FIND_CLIENT, client_id))


async def add_client(tx: Transaction, asked: RegisterClient) -> None:
    await tx.execute(ADD_CLIENT, asked.client_id, asked.unit_id, asked.name)


async def lock_client(tx: Transaction, client_id: UUID) -> ClientState | None:
    """The client, locked: first the row, then what it holds."""
    if await tx.find(LOCK_CLIENT, client_id) is None:
        return None
    return await find_client(tx, client_id)


async def find_client(tx: Transaction, client_id: UUID) -> ClientState | None:
    row = await tx.find(GET_CLIENT, client_id, tx.now)
    return ClientState(**dict(row)) if row else None


async def add_secret(tx: Transaction, client_id: UUID, secret_hash: str, others_until: datetime) -> None:
    """A new secret; the others are good no longer than `others_until`."""
    await tx.execute(EXPIRE_SECRETS, client_id, others_until)
    await tx.execute(ADD_SECRET, client_id, secret_hash, tx.now)


async def revoke_client(tx: Transaction, client_id: UUID) -> None:
    await tx.execute(REVOKE_CLIENT, client_id, tx.now)


async def knows_secret(tx: Transaction, client_id: UUID, secret_hash: str) -> bool:
    return bool(await tx.value(KNOWS_SECRET, client_id, secret_hash, tx.now))


async def knows_key(tx: Transaction, client_id: UUID, key: str) -> bool:
    """Whether a good secret has the name `key`."""
    return bool(await tx.value(KNOWS_KEY, client_id, key, tx.now))
