"""Logins and identities: found by a keyed hash, and a login read with the key of its holder alone."""

from uuid import UUID

from services.keyring.sealing import seal_values, unseal_values
from services.keyring.vault import vault
from services.registry.accounts.rules import Account


def hash_of(login: str) -> bytes:
    """By what the account of a login is found."""
    return vault.find_by("login", login)


def identity_of(issuer: str, subject: str) -> str:
    """By what the account of somebody is found whom a provider knows as `subject`."""
    return vault.find_by("identity", issuer, subject).hex()


async def seal_login(account_id: UUID, person_id: UUID, login: str) -> bytes:
    """Sealed with the holder's key, for this account. Raises KeyError for somebody whose key is gone."""
    keys = await vault.keys_of([person_id])
    return seal_values(keys[person_id], account_id, {"login": login})


async def login_of(account: Account) -> str | None:
    """The login as its holder writes it; None where her key is gone."""
    keys = await vault.keys_of([account.person_id])
    if account.person_id not in keys or account.login_sealed is None:
        return None
    return unseal_values(keys[account.person_id], account.account_id, account.login_sealed)["login"]
