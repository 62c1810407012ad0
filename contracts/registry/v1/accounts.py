"""Accounts of staff: what is asked and the facts stated."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import LoginName, Password, PersonId, SecretHash, Slug, WebUrl
from ...message import Command, Done, Event, Part, Query
from .. import refusals as refusals
from .logins import Office

__all__ = [
    "AccountClosed",
    "AccountCreated",
    "AccountState",
    "ChangePassword",
    "CloseAccount",
    "CreateAccount",
    "LinkIdentity",
    "Me",
    "ResetPassword",
    "SetRecoveryCodes",
    "UnlockAccount",
    "WhoAmI",
]


class AccountState(Part):
    account_id: UUID
    person_id: PersonId
    closed: bool


class CreateAccount(
    Command[AccountState],
    name="create-account",
    permission="registry.accounts.manage",
    http="POST /v1/accounts",
    refusals=("unknown-person", "account-exists", "login-taken", "password-too-weak"),
):
    """Gives a registered person a login. What she may do follows from her offices, not from the account.

    Only whoever acts where she lives and where all her offices are gives it.
    """

    account_id: UUID
    person_id: PersonId
    login: LoginName
    password: Password


class AccountCreated(Event, fact="account.created"):
    account_id: UUID
    person_id: PersonId


class CloseAccount(
    Command[AccountState],
    name="close-account",
    permission="registry.accounts.manage",
    http="POST /v1/accounts/{account_id}/close",
    refusals=("unknown-account",),
):
    """Ends every login of an account and lets nobody log in again. Its holder is out everywhere within 30 seconds."""

    account_id: UUID


class AccountClosed(Event, fact="account.closed"):
    account_id: UUID
    person_id: PersonId


class UnlockAccount(
    Command[AccountState],
    name="unlock-account",
    permission="registry.accounts.manage",
    http="POST /v1/accounts/{account_id}/unlock",
    refusals=("unknown-account",),
):
    """Lifts the delay after wrong passwords at once."""

    account_id: UUID


class LinkIdentity(
    Command[AccountState],
    name="link-identity",
    permission="registry.accounts.manage",
    http="POST /v1/accounts/{account_id}/identities",
    refusals=("unknown-account", "identity-taken"),
):
    """Lets the holder of an account log in by an OpenID provider, who knows her as `subject`.

    Only whoever acts where she lives and where all her offices are does that.
    """

    account_id: UUID
    issuer: WebUrl
    subject: Slug


class Me(Part):
    account_id: UUID
    person_id: PersonId
    login: LoginName
    offices: tuple[Office, ...]


class WhoAmI(Query[Me], name="who-am-i", permission="account.own", http="GET /v1/me", refusals=("unknown-account",)):
    """The own account and offices."""


class ChangePassword(
    Command[Done],
    name="change-password",
    permission="account.own",
    http="POST /v1/me/password",
    refusals=("unknown-account", "wrong-credentials", "account-locked", "password-too-weak"),
):
    """Sets the own password anew and ends every login: whoever knew the old one is out."""

    old_password: Password
    password: Password


class SetRecoveryCodes(
    Command[Done],
    name="set-recovery-codes",
    permission="account.own",
    http="POST /v1/me/recovery-codes",
    mints="code_hashes",
    refusals=("unknown-account",),
):
    """Replaces the own recovery codes, each good once for a new password."""

    code_hashes: Annotated[tuple[SecretHash, ...], Field(min_length=8, max_length=8)]


class ResetPassword(
    Command[Done],
    name="reset-password",
    permission="public",
    http="POST /v1/accounts/reset-password",
    refusals=("wrong-credentials", "account-locked", "password-too-weak"),
):
    """Sets a forgotten password anew with a recovery code, and ends every login."""

    login: LoginName
    code_hash: SecretHash
    password: Password
