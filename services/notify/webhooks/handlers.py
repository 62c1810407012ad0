"""What notify does when a centre's system asks for events, stops asking, or an event is there for it."""

import base64
import secrets
from collections.abc import Sequence
from typing import Any, Final

from uuid_utils.compat import uuid7

from contracts import catalogue
from contracts.envelope import CloudEvent
from contracts.message import Done
from contracts.notify.v1 import (
    EndpointList,
    EndpointRegistered,
    EndpointRemoved,
    EndpointSecret,
    EndpointSecretRotated,
    EndpointState,
    ListEndpoints,
    RegisterEndpoint,
    RemoveEndpoint,
    RotateEndpointSecret,
)
from contracts.refusals import Refusal
from services.chassis import Due, Transaction
from services.chassis.access import decide
from services.chassis.handlers import Ask
from services.notify import notify
from services.notify.webhooks import rules, store
from services.notify.webhooks.addresses import AddressRefused, guard, read_url
from services.notify.webhooks.sealing import strongbox

HEARD: Final = ("registry", "activities", "volunteers")
"""Whose events are pushed. Notify's own are not: each push would be a reason for the next."""
SECRET_BYTES: Final = 32
FORMER: Final = "former-endpoint-secret"


async def may_be_reached(command: RegisterEndpoint, _: Ask) -> bool:
    """Whether the address is one that a webhook may go to. Name servers take seconds: no transaction waits for them."""
    try:
        await guard.address_of(read_url(command.url))
    except AddressRefused:
        return False
    return True


@notify.decides(RegisterEndpoint, first=may_be_reached)
async def register_endpoint(command: RegisterEndpoint, tx: Transaction, reachable: bool) -> EndpointState | Refusal:
    denied = decide(tx.actor, RegisterEndpoint.contract.permission, command.region)
    if denied:
        return denied
    if await store.endpoint_exists(tx, command.endpoint_id):
        return Refusal("endpoint-exists", endpoint_id=str(command.endpoint_id))
    if not reachable:
        return Refusal("address-not-allowed")

    secret = new_secret()
    await store.add_endpoint(tx, command, strongbox.sealed(command.endpoint_id, secret))
    event = EndpointRegistered(endpoint_id=command.endpoint_id, name=command.name)
    tx.say(event, region=command.region, version=1)
    return EndpointState(**command.model_dump(), status="active", secret=secret)


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


@notify.decides(RotateEndpointSecret)
async def rotate_endpoint_secret(command: RotateEndpointSecret, tx: Transaction) -> EndpointSecret | Refusal:
    endpoint = await store.lock_endpoint(tx, command.endpoint_id)
    if endpoint is None or endpoint.status != "active":
        return Refusal("unknown-endpoint", endpoint_id=str(command.endpoint_id))
    denied = decide(tx.actor, RotateEndpointSecret.contract.permission, endpoint.region)
    if denied:
        return denied

    secret, until = new_secret(), tx.now + rules.FORMER_SIGNS
    await store.rotate(tx, command.endpoint_id, strongbox.sealed(command.endpoint_id, secret), until)
    tx.set_timer(FORMER, command.endpoint_id, until)
    event = EndpointSecretRotated(endpoint_id=command.endpoint_id)
    tx.say(event, region=endpoint.region, version=endpoint.version + 1)
    return EndpointSecret(endpoint_id=command.endpoint_id, former_until=until, secret=secret)


@notify.when_due(FORMER)
async def forget_former_secrets(due: Sequence[Due], tx: Transaction) -> None:
    await store.forget_former(tx, [each.key for each in due])


@notify.decides(RemoveEndpoint)
async def remove_endpoint(command: RemoveEndpoint, tx: Transaction) -> Done | Refusal:
    endpoint = await store.lock_endpoint(tx, command.endpoint_id)
    if endpoint is None or endpoint.status == "removed":
        return Refusal("unknown-endpoint", endpoint_id=str(command.endpoint_id))
    denied = decide(tx.actor, RemoveEndpoint.contract.permission, endpoint.region)
    if denied:
        return denied

    ended = await store.end_endpoint(tx, command.endpoint_id, "removed", endpoint)
    event = EndpointRemoved(endpoint_id=command.endpoint_id, reason="removed")
    tx.say(event, region=ended.region, version=ended.version)
    return Done()


@notify.answers(ListEndpoints)
async def list_endpoints(query: ListEndpoints, tx: Transaction) -> EndpointList:
    return EndpointList(endpoints=tuple(await store.list_endpoints(tx, query.region)))


async def queue_deliveries(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """One delivery for each event and each endpoint that wants it."""
    endpoints = await store.share_subscriptions(tx)
    rows = []
    for event in events:
        wanting = [each for each in endpoints if rules.wants(each, event.type, event.region)]
        body = rules.body_of(event) if wanting else ""
        trace = tx.because_of(event.id).traceparent
        rows += [
            (uuid7(), each.endpoint_id, event.id, event.correlationid, trace, event.region, body, tx.now)
            for each in wanting
        ]
    await store.add_deliveries(tx, rows)


for service in HEARD:
    notify.reacts_to(
        *(event for event in catalogue.EVENTS if event.contract.service == service),
        durable=f"notify-webhooks-{service}",
    )(queue_deliveries)
