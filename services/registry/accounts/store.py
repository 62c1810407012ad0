"""All SQL about accounts and logins."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from contracts.registry.v1 import CreateAccount
from services.chassis import Transaction
from services.registry.accounts.rules import Account

COLUMNS = "account_id, person_id, login_hash, login_sealed, password_hash, failures, locked_until, closed_at, version"
FIND_CLASH = """
SELECT login_hash = $3 AS same_login FROM account WHERE account_id = $1 OR person_id = $2 OR login_hash = $3
ORDER BY login_hash = $3 LIMIT 1
"""
ADD_ACCOUNT = """
INSERT INTO account (account_id, person_id, login_hash, login_sealed, password_hash, version)
VALUES ($1, $2, $3, $4, $5, 1)
"""
LOCK_ACCOUNT = f"SELECT {COLUMNS} FROM account WHERE account_id = $1 FOR UPDATE"
LOCK_ACCOUNT_OF = f"SELECT {COLUMNS} FROM account WHERE person_id::text = $1 FOR UPDATE"
FIND_ACCOUNT_OF = f"SELECT {COLUMNS} FROM account WHERE person_id::text = $1"
# Sorted, so that two batches can never wait for each other crosswise.
LOCK_LOGINS = f"SELECT {COLUMNS} FROM account WHERE login_hash = ANY ($1::bytea[]) ORDER BY login_hash FOR UPDATE"
SET_FAILURES = "UPDATE account SET failures = $2, locked_until = $3 WHERE account_id = $1"
CLOSE_ACCOUNT = "UPDATE account SET closed_at = $2, version = version + 1 WHERE account_id = $1 AND closed_at IS NULL"
SET_PASSWORD = "UPDATE account SET password_hash = $2, failures = 0, locked_until = NULL WHERE account_id = $1"
END_LOGINS = "UPDATE login SET ended_at = $2 WHERE account_id = $1 AND ended_at IS NULL"
ADD_LOGIN = "INSERT INTO login (token_hash, account_id, unit_id, begun_at, expires_at) VALUES ($1, $2, $3, $4, $5)"
FIND_LOGIN = """
SELECT account_id, person_id, unit_id, expires_at FROM login JOIN account USING (account_id)
WHERE token_hash = $1 AND ended_at IS NULL AND expires_at > $2 AND closed_at IS NULL
"""
ACT_AT = "UPDATE login SET unit_id = $2 WHERE token_hash = $1"
END_LOGIN = "UPDATE login SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL"
DROP_CODES = "DELETE FROM recovery_code WHERE account_id = $1"
ADD_CODES = (
    "INSERT INTO recovery_code (account_id, code_hash) SELECT $1, * FROM unnest($2::text[]) ON CONFLICT DO NOTHING"
)
LINK_IDENTITY = """
INSERT INTO external_identity (issuer, subject, account_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
FIND_IDENTITY = "SELECT account_id FROM external_identity WHERE issuer = $1 AND subject = $2"
DROP_IDENTITIES = "DELETE FROM external_identity WHERE account_id = $1"
FIND_ACCOUNT_ID = "SELECT account_id FROM account WHERE person_id = $1"
EMPTY_ACCOUNT = """
UPDATE account SET login = NULL, login_hash = NULL, login_sealed = NULL, password_hash = '' WHERE account_id = $1
"""
LIST_UNSEALED_LOGINS = """
SELECT account_id, person_id, login FROM account WHERE login IS NOT NULL ORDER BY account_id LIMIT $1 FOR NO KEY UPDATE
"""
SET_LOGIN = "UPDATE account SET login = NULL, login_hash = $2, login_sealed = $3 WHERE account_id = $1"
LIST_OPEN_IDENTITIES = """
SELECT issuer, subject FROM external_identity WHERE subject !~ '^[0-9a-f]{64}$' LIMIT $1 FOR NO KEY UPDATE
"""
SET_IDENTITY = "UPDATE external_identity SET subject = $3 WHERE issuer = $1 AND subject = $2"
USE_CODE = "DELETE FROM recovery_code WHERE account_id = $1 AND code_hash = $2 RETURNING 1"


async def find_clash(tx: Transaction, asked: CreateAccount, login_hash: bytes) -> str | None:
    """What stands in the way of a new account: its login is taken, or its id or its person has one already."""
    row = await tx.find(FIND_CLASH, asked.account_id, asked.person_id, login_hash)
    if row is None:
        return None
    return "login-taken" if row["same_login"] else "account-exists"


async def add_account(
    tx: Transaction, asked: CreateAccount, login_hash: bytes, login_sealed: bytes, password_hash: str
) -> None:
    await tx.execute(ADD_ACCOUNT, asked.account_id, asked.person_id, login_hash, login_sealed, password_hash)


async def lock_account(tx: Transaction, account_id: UUID) -> Account | None:
    row = await tx.find(LOCK_ACCOUNT, account_id)
    return Account(**dict(row)) if row else None


async def lock_account_of(tx: Transaction, person: str) -> Account | None:
    """The account of the person with this id as text: an actor may be no person."""
    row = await tx.find(LOCK_ACCOUNT_OF, person)
    return Account(**dict(row)) if row else None


async def find_account_of(tx: Transaction, person: str) -> Account | None:
    row = await tx.find(FIND_ACCOUNT_OF, person)
    return Account(**dict(row)) if row else None


async def lock_logins(tx: Transaction, logins: Collection[bytes]) -> dict[bytes, Account]:
    """The accounts of these logins by their hashes, locked: attempts at one account are counted one by one."""
    return {row["login_hash"]: Account(**dict(row)) for row in await tx.fetch(LOCK_LOGINS, list(logins))}


async def set_failures(tx: Transaction, account_id: UUID, failures: int, locked_until: datetime | None) -> None:
    await tx.execute(SET_FAILURES, account_id, failures, locked_until)


async def close_account(tx: Transaction, account_id: UUID) -> None:
    await tx.execute(CLOSE_ACCOUNT, account_id, tx.now)


async def set_password(tx: Transaction, account_id: UUID, password_hash: str) -> None:
    """A new password; every login that began with another one ends."""
    await tx.execute(SET_PASSWORD, account_id, password_hash)
    await end_logins(tx, account_id)


async def end_logins(tx: Transaction, account_id: UUID) -> None:
    await tx.execute(END_LOGINS, account_id, tx.now)


async def add_login(tx: Transaction, token_hash: str, account_id: UUID, unit_id: UUID, expires_at: datetime) -> None:
    await tx.execute(ADD_LOGIN, token_hash, account_id, unit_id, tx.now, expires_at)


async def find_login(tx: Transaction, token_hash: str) -> tuple[UUID, UUID, UUID, datetime] | None:
    """Account, person, unit and end of a login that is good now."""
    row = await tx.find(FIND_LOGIN, token_hash, tx.now)
    return tuple(row) if row else None


async def act_at(tx: Transaction, token_hash: str, unit_id: UUID) -> None:
    await tx.execute(ACT_AT, token_hash, unit_id)


async def end_login(tx: Transaction, token_hash: str) -> None:
    await tx.execute(END_LOGIN, token_hash, tx.now)


async def set_codes(tx: Transaction, account_id: UUID, code_hashes: Collection[str]) -> None:
    await tx.execute(DROP_CODES, account_id)
    await tx.execute(ADD_CODES, account_id, list(code_hashes))


async def use_code(tx: Transaction, account_id: UUID, code_hash: str) -> bool:
    """True once for each code."""
    return await tx.value(USE_CODE, account_id, code_hash) is not None


async def link_identity(tx: Transaction, issuer: str, identity: str, account_id: UUID) -> bool:
    """True when the identity belongs to the account now, also if it did before."""
    await tx.execute(LINK_IDENTITY, issuer, identity, account_id)
    return await find_identity(tx, issuer, identity) == account_id


async def find_identity(tx: Transaction, issuer: str, identity: str) -> UUID | None:
    """The account of somebody whom a provider knows; `identity` is the hash of her name there."""
    account_id: UUID | None = await tx.value(FIND_IDENTITY, issuer, identity)
    return account_id


async def find_account_id(tx: Transaction, person_id: UUID) -> UUID | None:
    account_id: UUID | None = await tx.value(FIND_ACCOUNT_ID, person_id)
    return account_id


async def empty_account(tx: Transaction, account_id: UUID) -> None:
    """Takes out of a closed account whatever tells whose it was."""
    await tx.execute(EMPTY_ACCOUNT, account_id)
    await tx.execute(DROP_CODES, account_id)
    await tx.execute(DROP_IDENTITIES, account_id)


async def list_unsealed_logins(tx: Transaction, most: int) -> list[Record]:
    """Accounts of an earlier release whose logins lie open, locked."""
    return await tx.fetch(LIST_UNSEALED_LOGINS, most)


async def set_login(tx: Transaction, account_id: UUID, login_hash: bytes, login_sealed: bytes) -> None:
    """Keeps a login by its hash and sealed, and no longer open."""
    await tx.execute(SET_LOGIN, account_id, login_hash, login_sealed)


async def list_open_identities(tx: Transaction, most: int) -> list[Record]:
    """Identities of an earlier release that name somebody, locked."""
    return await tx.fetch(LIST_OPEN_IDENTITIES, most)


async def set_identity(tx: Transaction, issuer: str, subject: str, identity: str) -> None:
    await tx.execute(SET_IDENTITY, issuer, subject, identity)
