"""Pushes what is due to webhook endpoints: oldest first, a few at once for each, none waiting for another's trouble."""

import asyncio
import random
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from contracts.notify.v1 import Channel, EndpointRemoved, NoticeFailed
from services.chassis import Transaction
from services.chassis.logs import kind_of
from services.chassis.running import Running
from services.chassis.telemetry import continued, log
from services.chassis.transaction import Cause
from services.notify import notify
from services.notify.delivery.rules import next_try
from services.notify.webhooks import rules, store
from services.notify.webhooks.addresses import guard, read_allowed
from services.notify.webhooks.push import Pusher
from services.notify.webhooks.rules import Answer, Outcome
from services.notify.webhooks.sealing import strongbox
from services.notify.webhooks.store import Delivery, Locked
from services.notify.work import POLL_SECONDS, finish_all, own_transaction

ENDPOINTS_AT_ONCE: Final = 16
AT_ONCE: Final = 4
LEASE: Final = timedelta(seconds=60)
JITTER: Final = 0.1
TEMPLATE: Final = "event"


@notify.works("notify-push-webhooks")
async def keep_pushing(running: Running) -> None:
    """One task for each endpoint that has something due, at most 16 at once; it ends when nothing is due there."""
    busy: dict[UUID, asyncio.Task[None]] = {}
    unguarded = running.sabotaged("check-at-registration")
    async with Pusher(replace(guard, allowed=read_allowed("0.0.0.0/0:*")) if unguarded else guard) as pusher:
        try:
            while not running.stopping.is_set():
                forget_ended(busy)
                for endpoint_id in await endpoints_due(running, busy, ENDPOINTS_AT_ONCE - len(busy)):
                    busy[endpoint_id] = asyncio.create_task(drain(running, pusher, endpoint_id))
                await running.pause(POLL_SECONDS)
        finally:
            await asyncio.gather(*busy.values(), return_exceptions=True)


def forget_ended(busy: dict[UUID, "asyncio.Task[None]"]) -> None:
    """Makes room for other endpoints; what failed at one is logged and is tried again like anything due."""
    for endpoint_id, task in list(busy.items()):
        if task.done():
            error = busy.pop(endpoint_id).exception()
            if error is not None:
                log.error("pushing failed", endpoint=str(endpoint_id), error=kind_of(error))


async def drain(running: Running, pusher: Pusher, endpoint_id: UUID) -> None:
    """Pushes to one endpoint until nothing is due there, it is left alone, or the service stops."""
    done = 1
    while done and not running.stopping.is_set():
        running.begin()
        try:
            done = await push_due(running, pusher, endpoint_id)
        finally:
            running.end()


async def push_all_due(running: Running, pusher: Pusher) -> int:
    """One round over at most 16 endpoints. Returns how many deliveries were taken up."""
    due = await endpoints_due(running, (), ENDPOINTS_AT_ONCE)
    return sum([await push_due(running, pusher, endpoint_id) for endpoint_id in due])


async def endpoints_due(running: Running, busy: Collection[UUID], most: int) -> list[UUID]:
    async with own_transaction(running) as tx:
        return await store.list_endpoints_due(tx, busy, most)


async def push_due(running: Running, pusher: Pusher, endpoint_id: UUID) -> int:
    """Pushes the oldest few that are due to one endpoint. Returns how many were taken up."""
    async with own_transaction(running) as tx:
        target = await store.find_target(tx, endpoint_id)
        if target is None:
            return 0
        deliveries = await store.claim(tx, endpoint_id, tx.now + LEASE, AT_ONCE)
        if target.status != "active":
            await store.cancel_all(tx, deliveries)
            return len(deliveries)
    sealed = [each for each in (target.sealed, target.former) if each is not None]
    secrets = [strongbox.opened(endpoint_id, each) for each in sealed] or [target.secret]

    async def push(delivery: Delivery) -> None:
        with continued("push webhook", [delivery.cause(running.actor)]) as causes:
            answer = await pusher.push(target.url, secrets, delivery.event_id, delivery.body)
            async with own_transaction(running) as tx:
                await mark(delivery, answer, causes[0], tx)

    await finish_all(push(delivery) for delivery in deliveries)
    return len(deliveries)


async def mark(delivery: Delivery, answer: Answer, cause: Cause, tx: Transaction) -> None:
    """Writes down how a push ended, unless somebody else has the delivery by now."""
    if answer.outcome is Outcome.TAKEN:
        if await store.is_held(tx, delivery):
            await store.end_delivery(tx, delivery, "sent", None, tries=1)
        return
    endpoint = await store.lock_endpoint(tx, delivery.endpoint_id)
    if endpoint is None or not await store.is_held(tx, delivery):
        return
    if endpoint.status != "active":
        await store.end_delivery(tx, delivery, "cancelled", None, tries=1)
    elif answer.outcome is Outcome.GONE:
        await store.end_delivery(tx, delivery, "cancelled", answer.reason, tries=1)
        await end_gone(delivery, endpoint, cause, tx)
    else:
        await retry_or_fail(delivery, answer, cause, tx)


async def end_gone(delivery: Delivery, endpoint: Locked, cause: Cause, tx: Transaction) -> None:
    """The receiver said 410: nothing is pushed there any more."""
    ended = await store.end_endpoint(tx, delivery.endpoint_id, "gone", endpoint)
    removed = EndpointRemoved(endpoint_id=delivery.endpoint_id, reason="gone")
    tx.say(removed, region=ended.region, version=ended.version, cause=cause)
    log.warning("webhook endpoint is gone", endpoint=str(delivery.endpoint_id))


async def retry_or_fail(delivery: Delivery, answer: Answer, cause: Cause, tx: Transaction) -> None:
    """Tries again later, not before the rest that was asked for is over; after the last try it has failed."""
    failures = delivery.attempts + 1
    at = next_try(rules.DELAYS, failures, tx.now, stretch=random.uniform(0, JITTER))
    if answer.rest is not None:
        await store.rest(tx, delivery.endpoint_id, tx.now + answer.rest)
    if at is not None:
        later = at if answer.rest is None else max(at, tx.now + answer.rest)
        await store.set_next_try(tx, delivery, later, answer.reason)
        log.info("webhook not taken, tried again", delivery=str(delivery.delivery_id), reason=answer.reason)
        return
    await store.end_delivery(tx, delivery, "failed", answer.reason, tries=1)
    failed = NoticeFailed(
        notice_id=delivery.delivery_id,
        channel=Channel.WEBHOOK,
        template=TEMPLATE,
        cause_id=delivery.event_id,
        reason=answer.reason,
    )
    tx.say(failed, region=delivery.region, version=1, cause=cause)
    log.warning("webhook failed", delivery=str(delivery.delivery_id), reason=answer.reason)
