"""What notify does when somebody no longer consents to be written to: it stops, at once (PIPL 15; N22)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from contracts.envelope import CloudEvent
from contracts.notify.v1 import Channel, NoticeCancelled
from contracts.registry.v1 import ConsentGiven, ConsentPurpose, ConsentWithdrawn
from services.chassis import Transaction
from services.notify import notify
from services.notify.consents import store
from services.notify.notices.saying import say

CHANNELS: Final[Mapping[ConsentPurpose, Channel]] = {ConsentPurpose.CONTACT_EMAIL: Channel.EMAIL}
"""Which channel each consent is about. The inbox is a person's own: it is looked into, and reaches nobody."""


@notify.reacts_to(ConsentGiven, ConsentWithdrawn, durable="notify-consents")
async def stop_or_go_on_writing(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Whoever never gave nor withdrew it is told of what she signed up for: that rests on her request (PIPL 13)."""
    last = {
        (event.data.person_id, CHANNELS[event.data.purpose].value): event
        for event in sorted(events, key=lambda each: (each.epoch, each.aggversion))
        if event.data.purpose in CHANNELS
    }
    if not last:
        return
    await store.remember(
        tx,
        [
            (person_id, channel, isinstance(event.data, ConsentWithdrawn), event.epoch, event.aggversion)
            for (person_id, channel), event in last.items()
        ],
    )
    for notice in await store.cancel_refused(tx, {person_id for person_id, _ in last}):
        say(NoticeCancelled, notice, tx)
