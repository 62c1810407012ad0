"""What registry does when a system of somebody else gets access, changes its secret, or loses access."""

from datetime import timedelta
from uuid import UUID

from contracts.audit import AuditAction
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    AddClientSecret,
    ClientRegistered,
    ClientRevoked,
    ClientState,
    ConfirmClient,
    RegisterClient,
    ResolveClient,
    RevokeClient,
)
from services.chassis import Transaction
from services.chassis.access import decide
from services.registry import registry
from services.registry.clients import store
from services.registry.units.store import find_unit


@registry.decides(RegisterClient)
async def register_client(command: RegisterClient, tx: Transaction) -> ClientState | Refusal:
    unit = await find_unit(tx, command.unit_id)
    if unit is None:
        return Refusal("unknown-unit", unit_id=str(command.unit_id))
    denied = decide(tx.actor, command.contract.permission, unit.region)
    if denied:
        return denied
    if await store.client_exists(tx, command.client_id):
        return Refusal("client-exists")
    await store.add_client(tx, command)
    tx.say(ClientRegistered(**command.model_dump()), region=unit.region, version=1)
    await tx.audit(AuditAction.CLIENT_REGISTERED, thing=command.client_id, region=unit.region)
    return ClientState(**command.model_dump(), region=unit.region, secrets=0, revoked=False)


@registry.decides(AddClientSecret)
async def add_client_secret(command: AddClientSecret, tx: Transaction) -> ClientState | Refusal:
    client = await _lock_managed(tx, command.client_id)
    if isinstance(client, Refusal):
        return client
    if client.revoked:
        return Refusal("client-revoked")
    others_until = tx.now + timedelta(hours=command.overlap_hours)
    await store.add_secret(tx, command.client_id, command.secret_hash, others_until)
    await tx.audit(AuditAction.CLIENT_KEY_ADDED, thing=command.client_id, region=client.region)
    return await store.find_client(tx, command.client_id) or client


@registry.decides(RevokeClient)
async def revoke_client(command: RevokeClient, tx: Transaction) -> ClientState | Refusal:
    client = await _lock_managed(tx, command.client_id)
    if isinstance(client, Refusal):
        return client
    if not client.revoked:
        await store.revoke_client(tx, command.client_id)
        fact = ClientRevoked(client_id=client.client_id, unit_id=client.unit_id)
        tx.say(fact, region=client.region, version=2)
        await tx.audit(AuditAction.CLIENT_REVOKED, thing=client.client_id, region=client.region)
    return client.model_copy(update={"revoked": True})


async def _lock_managed(tx: Transaction, client_id: UUID) -> ClientState | Refusal:
    """A client of a unit in the actor's subtree."""
    client = await store.lock_client(tx, client_id)
    if client is None:
        return Refusal("unknown-client")
    return decide(tx.actor, RevokeClient.contract.permission, client.region) or client


@registry.answers(ResolveClient)
async def resolve_client(query: ResolveClient, tx: Transaction) -> ClientState | Refusal:
    """The client whose secret it is; an unknown or revoked one answers like a wrong secret."""
    known = await store.knows_secret(tx, query.client_id, query.secret_hash)
    client = await store.find_client(tx, query.client_id)
    if not known or client is None or client.revoked:
        return Refusal("wrong-credentials")
    return client


@registry.answers(ConfirmClient)
async def confirm_client(query: ConfirmClient, tx: Transaction) -> ClientState | Refusal:
    """The client as long as it is not revoked and the secret that got it a token is good."""
    known = await store.knows_key(tx, query.client_id, query.key_name)
    client = await store.find_client(tx, query.client_id)
    if not known or client is None or client.revoked:
        return Refusal("client-key-ended")
    return client
