"""Seals the secrets that an earlier release kept open: once after an upgrade, then there is nothing left to do."""

from services.chassis.running import Running
from services.notify import notify
from services.notify.webhooks import store
from services.notify.webhooks.sealing import strongbox
from services.notify.work import own_transaction


@notify.works("notify-seal-earlier-secrets")
async def seal_earlier_secrets(running: Running) -> None:
    async with own_transaction(running) as tx:
        for endpoint_id, secret in await store.lock_open_secrets(tx):
            await store.set_sealed(tx, endpoint_id, strongbox.sealed(endpoint_id, secret))
    await running.stopping.wait()
