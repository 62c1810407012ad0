"""Accounts of staff, logins, keys of integrating systems: what is asked and the facts stated."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import Instant, LoginName, Password, PersonId, SecretHash, Slug, Title, UnitId, WebUrl
from ...message import Command, Done, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import Function


class Office(Part):
    """What a person may do at a unit today, by her posts there and by those she stands in for (`acting`)."""

    unit_id: UnitId
    region: RegionCode
    functions: tuple[Function, ...]
    acting: bool


class Login(Part):
    """Who is logged in until `expires_at` at the latest, where she acts now, and where else she could."""

    account_id: UUID
    person_id: PersonId
    office: Office
    offices: tuple[Office, ...]
    expires_at: Instant


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
    """Gives a registered person a login. What she may do follows from her offices, not from the account."""

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


class LogIn(
    Command[Login],
    name="log-in",
    permission="public",
    http="POST /v1/logins",
    mints="token_hash",
    refusals=("wrong-credentials", "account-locked", "no-office"),
):
    """Begins a login of at most 12 hours, at the office at `unit_id` or the first one.

    From the fifth wrong password on each attempt must wait, 30 seconds doubling up to an hour (OWASP ASVS 2.2.1).
    """

    login: LoginName
    password: Password
    token_hash: SecretHash
    unit_id: UnitId | None = None


class LinkIdentity(
    Command[AccountState],
    name="link-identity",
    permission="registry.accounts.manage",
    http="POST /v1/accounts/{account_id}/identities",
    refusals=("unknown-account", "identity-taken"),
):
    """Lets the holder of an account log in by an OpenID provider, who knows her as `subject`."""

    account_id: UUID
    issuer: WebUrl
    subject: Slug


class LogInExternally(
    Command[Login],
    name="log-in-externally",
    permission="registry.logins.resolve",
    http="POST /v1/logins/external",
    refusals=("wrong-credentials", "no-office"),
):
    """What the gateway asks once the provider has told it who came."""

    issuer: WebUrl
    subject: Slug
    token_hash: SecretHash
    unit_id: UnitId | None = None


class ActAt(
    Command[Login],
    name="act-at",
    permission="public",
    http="POST /v1/logins/act-at",
    refusals=("login-ended", "no-office"),
):
    """Acts at another of the own offices from now on; whoever knows the token may."""

    token_hash: SecretHash
    unit_id: UnitId


class LogOut(Command[Done], name="log-out", permission="public", http="POST /v1/logins/end"):
    """Ends a login; whoever knows the token may. One that ended before is fine."""

    token_hash: SecretHash


class ResolveLogin(
    Query[Login],
    name="resolve-login",
    permission="registry.logins.resolve",
    http="GET /v1/logins/{token_hash}",
    refusals=("login-ended",),
):
    """What the gateway asks of a token: who is it, and what may she do today."""

    token_hash: SecretHash


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


class DelegationState(Part):
    delegation_id: UUID
    appointment_id: UUID
    person_id: PersonId
    since: date
    until: date


class Delegate(
    Command[DelegationState],
    name="delegate",
    permission="registry.appointments.delegate",
    http="POST /v1/appointments/{appointment_id}/delegations",
    refusals=(
        "unknown-appointment",
        "unknown-person",
        "already-holder",
        "delegation-exists",
        "ends-before-start",
        "duties-conflict",
    ),
):
    """Lets somebody stand in for the holder of a post from `since` to `until`, both included (X14)."""

    delegation_id: UUID
    appointment_id: UUID
    person_id: PersonId
    since: date
    until: date


class DelegationStarted(Event, fact="delegation.started"):
    delegation_id: UUID
    appointment_id: UUID
    person_id: PersonId
    unit_id: UnitId
    since: date
    until: date


class EndDelegation(
    Command[DelegationState],
    name="end-delegation",
    permission="registry.appointments.delegate",
    http="POST /v1/delegations/{delegation_id}/end",
    refusals=("unknown-delegation",),
):
    """Ends it at once; one that ended before stays as it is."""

    delegation_id: UUID


class DelegationEnded(Event, fact="delegation.ended"):
    delegation_id: UUID
    appointment_id: UUID
    person_id: PersonId
    unit_id: UnitId


class ClientState(Part):
    """A system of somebody else that may ask in the name of a unit. `secrets` are those good now."""

    client_id: UUID
    unit_id: UnitId
    region: RegionCode
    name: Title
    secrets: int
    revoked: bool


class RegisterClient(
    Command[ClientState],
    name="register-client",
    permission="registry.accounts.manage",
    http="POST /v1/clients",
    refusals=("unknown-unit", "client-exists"),
):
    """Registers an integrating system of a unit; it gets its secrets by `AddClientSecret`."""

    client_id: UUID
    unit_id: UnitId
    name: Title


class ClientRegistered(Event, fact="client.registered"):
    client_id: UUID
    unit_id: UnitId
    name: Title


class AddClientSecret(
    Command[ClientState],
    name="add-client-secret",
    permission="registry.accounts.manage",
    http="POST /v1/clients/{client_id}/secrets",
    mints="secret_hash",
    refusals=("unknown-client",),
):
    """A new secret; those before it stay good for `overlap_hours` more, so that the system can be changed over."""

    client_id: UUID
    secret_hash: SecretHash
    overlap_hours: int = Field(168, ge=0, le=720)


class RevokeClient(
    Command[ClientState],
    name="revoke-client",
    permission="registry.accounts.manage",
    http="POST /v1/clients/{client_id}/revoke",
    refusals=("unknown-client",),
):
    """Ends a system's access. A token it holds ends within ten minutes."""

    client_id: UUID


class ClientRevoked(Event, fact="client.revoked"):
    client_id: UUID
    unit_id: UnitId


class ResolveClient(
    Query[ClientState],
    name="resolve-client",
    permission="registry.logins.resolve",
    http="GET /v1/clients/{client_id}/secrets/{secret_hash}",
    refusals=("wrong-credentials",),
):
    """What the gateway asks before it gives a system a token (RFC 6749 section 4.4)."""

    client_id: UUID
    secret_hash: SecretHash
