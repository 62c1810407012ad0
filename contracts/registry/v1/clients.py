"""Keys of integrating systems: what is asked and the facts stated."""

from uuid import UUID

from pydantic import Field

from ...data import KeyName, SecretHash, Title, UnitId
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals

__all__ = [
    "AddClientSecret",
    "ClientRegistered",
    "ClientRevoked",
    "ClientState",
    "ConfirmClient",
    "RegisterClient",
    "ResolveClient",
    "RevokeClient",
]


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
    refusals=("unknown-client", "client-revoked"),
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
    """Ends a system's access: its tokens, event streams and connections within 30 seconds, its webhooks at once."""

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


class ConfirmClient(
    Query[ClientState],
    name="confirm-client",
    permission="registry.clients.confirm",
    http="GET /v1/clients/{client_id}/keys/{key_name}",
    refusals=("client-key-ended",),
):
    """Asked by gateway and doorkeeper while a system uses its token: is it, and the key that got it the token, good?"""

    client_id: UUID
    key_name: KeyName
