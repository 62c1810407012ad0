"""All SQL of webhook endpoints and their deliveries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.notify.v1 import EndpointState, RegisterEndpoint
from contracts.region import bounds
from services.chassis import Transaction
from services.chassis.access import Actor
from services.chassis.transaction import Cause
from services.notify.webhooks.rules import Subscription

FIND_ENDPOINT = "SELECT endpoint_id FROM endpoint WHERE endpoint_id = $1"
ADD_ENDPOINT = """
INSERT INTO endpoint (endpoint_id, name, url, region, types, sealed, registered_by, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
"""
LOCK_ENDPOINT = "SELECT region, status, version FROM endpoint WHERE endpoint_id = $1 FOR UPDATE"
LOCK_REGISTERED_BY = """
SELECT endpoint_id, region, status, version FROM endpoint
WHERE registered_by = ANY ($1::text[]) AND status = 'active' ORDER BY endpoint_id FOR UPDATE
"""
# What no longer signs is not kept.
END_ENDPOINT = (
    "UPDATE endpoint SET status = $2, secret = '', sealed = NULL, former_sealed = NULL, version = version + 1"
    " WHERE endpoint_id = $1"
)
ROTATE = """
UPDATE endpoint SET former_sealed = sealed, former_until = $3, sealed = $2, version = version + 1 WHERE endpoint_id = $1
"""
FORGET_FORMER = "UPDATE endpoint SET former_sealed = NULL WHERE endpoint_id = ANY ($1::uuid[]) AND former_until <= $2"
LIST_ENDPOINTS = """
SELECT endpoint_id, name, url, region, types, status FROM endpoint
WHERE region >= $1 AND region < $2 AND status <> 'removed' ORDER BY region, endpoint_id
"""
# Shared, so that no delivery is added to an endpoint while its pending ones are being cancelled.
SHARE_SUBSCRIPTIONS = """
SELECT endpoint_id, region, types FROM endpoint WHERE status = 'active' ORDER BY endpoint_id FOR SHARE
"""
ADD_DELIVERIES = """
INSERT INTO webhook_delivery
    (delivery_id, endpoint_id, event_id, correlation_id, traceparent, region, body, next_try_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
    $8::timestamptz[])
ON CONFLICT ON CONSTRAINT one_delivery_an_event DO NOTHING
"""
LIST_ENDPOINTS_DUE = """
SELECT endpoint_id FROM endpoint
WHERE (rest_until IS NULL OR rest_until <= $1) AND endpoint_id <> ALL ($2::uuid[]) AND EXISTS (
    SELECT FROM webhook_delivery AS due WHERE due.endpoint_id = endpoint.endpoint_id AND due.status = 'planned'
      AND due.next_try_at <= $1 AND (due.claimed_until IS NULL OR due.claimed_until <= $1))
LIMIT $3
"""
# Found first and once: as a sub-select of the update it may run again for each row and take more than the limit.
CLAIM = """
WITH due AS MATERIALIZED (
    SELECT delivery_id FROM webhook_delivery WHERE endpoint_id = $1 AND status = 'planned' AND next_try_at <= $2
      AND (claimed_until IS NULL OR claimed_until <= $2)
    ORDER BY next_try_at, delivery_id LIMIT $4 FOR UPDATE SKIP LOCKED)
UPDATE webhook_delivery SET claimed_until = $3 WHERE delivery_id IN (SELECT delivery_id FROM due)
RETURNING delivery_id, endpoint_id, event_id, correlation_id, traceparent, region, body, attempts, claimed_until
"""
FIND_TARGET = """
SELECT url, sealed, CASE WHEN former_until > $2 THEN former_sealed END AS former, secret, status FROM endpoint
WHERE endpoint_id = $1 AND (rest_until IS NULL OR rest_until <= $2)
"""
LOCK_HELD = """
SELECT delivery_id FROM webhook_delivery
WHERE delivery_id = $1 AND status = 'planned' AND claimed_until = $2 FOR UPDATE
"""
END_DELIVERY = """
UPDATE webhook_delivery SET status = $2, reason = $3, attempts = attempts + $4, claimed_until = NULL
WHERE delivery_id = $1
"""
SET_NEXT_TRY = """
UPDATE webhook_delivery SET next_try_at = $2, attempts = attempts + 1, reason = $3, claimed_until = NULL
WHERE delivery_id = $1
"""
# What is claimed may be on its way this moment: its sender sees that the endpoint has ended.
CANCEL_DELIVERIES = """
UPDATE webhook_delivery SET status = 'cancelled'
WHERE endpoint_id = $1 AND status = 'planned' AND (claimed_until IS NULL OR claimed_until <= $2)
"""
LOCK_OPEN_SECRETS = "SELECT endpoint_id, secret FROM endpoint WHERE secret <> '' ORDER BY endpoint_id FOR UPDATE"
SET_SEALED = "UPDATE endpoint SET sealed = $2, secret = '' WHERE endpoint_id = $1"
REST = "UPDATE endpoint SET rest_until = greatest(rest_until, $2) WHERE endpoint_id = $1"


@dataclass(frozen=True, slots=True)
class Locked:
    """An endpoint whose row is locked; `version` counts its events."""

    region: str
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class Target:
    """Where an endpoint is, and what its pushes are signed with: sealed, or open as an earlier release kept it.
    `former` signs too, for a day after a rotation."""

    url: str
    sealed: bytes | None
    former: bytes | None
    secret: str
    status: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint."""

    delivery_id: UUID
    endpoint_id: UUID
    event_id: UUID
    correlation_id: UUID
    traceparent: str | None
    region: str
    body: str
    attempts: int
    claimed_until: datetime

    def cause(self, actor: Actor) -> Cause:
        """The pushed event, as the cause of what is said about its delivery."""
        return Cause(actor.id, actor.region, self.correlation_id, self.event_id, self.traceparent)


async def endpoint_exists(tx: Transaction, id: UUID) -> bool:
    return await tx.find(FIND_ENDPOINT, id) is not None


async def add_endpoint(tx: Transaction, asked: RegisterEndpoint, sealed: bytes) -> None:
    types = list(asked.types)
    await tx.execute(ADD_ENDPOINT, asked.endpoint_id, asked.name, asked.url, asked.region, types, sealed, tx.actor.id)


async def lock_endpoint(tx: Transaction, id: UUID) -> Locked | None:
    row = await tx.find(LOCK_ENDPOINT, id)
    return Locked(**dict(row)) if row else None


async def lock_registered_by(tx: Transaction, actors: Collection[str]) -> list[tuple[UUID, Locked]]:
    """The active endpoints that the actors registered, locked."""
    rows = await tx.fetch(LOCK_REGISTERED_BY, list(actors))
    return [(row["endpoint_id"], Locked(row["region"], row["status"], row["version"])) for row in rows]


async def end_endpoint(tx: Transaction, id: UUID, status: str, locked: Locked) -> Locked:
    """Ends an endpoint as `removed` or `gone` and cancels what is pending for it; returns it one event further."""
    await tx.execute(END_ENDPOINT, id, status)
    await tx.execute(CANCEL_DELIVERIES, id, tx.now)
    return replace(locked, status=status, version=locked.version + 1)


async def rotate(tx: Transaction, id: UUID, sealed: bytes, former_until: datetime) -> None:
    """Gives an endpoint, whose row is locked, a new secret; the present one becomes the former."""
    await tx.execute(ROTATE, id, sealed, former_until)


async def forget_former(tx: Transaction, ids: Collection[UUID]) -> None:
    """Clears the former secrets whose time is over; one that was rotated once more since then stays."""
    await tx.execute(FORGET_FORMER, list(ids), tx.now)


async def list_endpoints(tx: Transaction, region: str) -> list[EndpointState]:
    """Endpoints of a region's subtree that were not removed by their owners."""
    return [EndpointState(**dict(row)) for row in await tx.fetch(LIST_ENDPOINTS, *bounds(region))]


async def share_subscriptions(tx: Transaction) -> list[Subscription]:
    """What active endpoints asked for; none of them ends before this transaction does."""
    return [Subscription(**dict(row)) for row in await tx.fetch(SHARE_SUBSCRIPTIONS)]


async def add_deliveries(tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows of delivery id, endpoint, event, correlation, traceparent, region, body, time; repeated ones do nothing."""
    if rows:
        await tx.execute(ADD_DELIVERIES, *map(list, zip(*rows, strict=True)))


async def list_endpoints_due(tx: Transaction, busy: Collection[UUID], most: int) -> list[UUID]:
    """Endpoints that have something due, are not `busy`, and are not left alone just now."""
    return [row["endpoint_id"] for row in await tx.fetch(LIST_ENDPOINTS_DUE, tx.now, list(busy), most)]


async def claim(tx: Transaction, endpoint_id: UUID, until: datetime, most: int) -> list[Delivery]:
    """Takes the oldest deliveries of an endpoint that are due and that nobody holds, until a moment."""
    rows = await tx.fetch(CLAIM, endpoint_id, tx.now, until, most)
    return sorted((Delivery(**dict(row)) for row in rows), key=lambda each: each.delivery_id)


async def find_target(tx: Transaction, endpoint_id: UUID) -> Target | None:
    """Where to push; None while the endpoint is left alone."""
    row = await tx.find(FIND_TARGET, endpoint_id, tx.now)
    return Target(**dict(row)) if row else None


async def lock_open_secrets(tx: Transaction) -> list[tuple[UUID, str]]:
    """The secrets that an earlier release kept open, by endpoint."""
    return [(row["endpoint_id"], row["secret"]) for row in await tx.fetch(LOCK_OPEN_SECRETS)]


async def set_sealed(tx: Transaction, endpoint_id: UUID, sealed: bytes) -> None:
    await tx.execute(SET_SEALED, endpoint_id, sealed)


async def is_held(tx: Transaction, delivery: Delivery) -> bool:
    """Locks a delivery; False when somebody else has it by now, or it has ended."""
    return await tx.find(LOCK_HELD, delivery.delivery_id, delivery.claimed_until) is not None


async def end_delivery(tx: Transaction, delivery: Delivery, status: str, reason: str | None, tries: int) -> None:
    await tx.execute(END_DELIVERY, delivery.delivery_id, status, reason, tries)


async def set_next_try(tx: Transaction, delivery: Delivery, at: datetime, reason: str) -> None:
    await tx.execute(SET_NEXT_TRY, delivery.delivery_id, at, reason)


async def rest(tx: Transaction, endpoint_id: UUID, until: datetime) -> None:
    """Leaves an endpoint alone until a moment."""
    await tx.execute(REST, endpoint_id, until)


async def cancel_all(tx: Transaction, deliveries: Collection[Delivery]) -> None:
    """Cancels deliveries that are held by this worker."""
    for delivery in deliveries:
        await tx.execute(END_DELIVERY, delivery.delivery_id, "cancelled", None, 0)
