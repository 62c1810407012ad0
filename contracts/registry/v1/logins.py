"""Logins of staff, and the office each acts at: what is asked."""

from uuid import UUID

from ...data import Instant, LoginName, Password, PersonId, SecretHash, Slug, UnitId, WebUrl
from ...message import Command, Done, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import Function

__all__ = [
    "ActAt",
    "LogIn",
    "LogInExternally",
    "LogOut",
    "Login",
    "Office",
    "ResolveLogin",
]


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
