"""What notify does when a system loses its access: the endpoints that it registered end, at once (PIPL 23; N25)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from contracts.envelope import CloudEvent
from contracts.notify.v1 import EndpointRemoved
from contracts.registry.v1 import ClientRevoked
from services.chassis import Due, Transaction
from services.chassis.transaction import Cause
from services.notify import notify
from services.notify.webhooks import store

AGAIN: Final = "client-revoked-again"
LOOK_AGAIN: Final = timedelta(seconds=60)
"""By then no token of the system is good (decision 0013): what it registered with its last one ends as well."""


@notify.reacts_to(ClientRevoked, durable="notify-clients")
async def end_what_a_system_registered(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    for event in events:
        cause = tx.because_of(event.id)
        await _end(tx, [event.data.client_id], cause)
        tx.set_timer(AGAIN, event.data.client_id, tx.now + LOOK_AGAIN, cause)


@notify.when_due(AGAIN)
async def end_what_slipped_through(due: Sequence[Due], tx: Transaction) -> None:
    await _end(tx, [timer.key for timer in due])


async def _end(tx: Transaction, clients: Sequence[UUID], cause: Cause | None = None) -> None:
    for endpoint_id, endpoint in await store.lock_registered_by(tx, [f"client:{id}" for id in clients]):
        ended = await store.end_endpoint(tx, endpoint_id, "removed", endpoint)
        removed = EndpointRemoved(endpoint_id=endpoint_id, reason="client-revoked")
        tx.say(removed, region=ended.region, version=ended.version, cause=cause)
