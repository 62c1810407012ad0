"""Registry as health notes see it: it lends a key for every child it knows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from uuid import UUID

import nats
from nats.aio.msg import Msg

from contracts import wire
from contracts.registry.v1 import GetSealingKeys, SealingKey, SealingKeys
from tests.under_test import Servers, ServiceUnderTest

ERASED: set[UUID] = set()
"""Whose key is gone."""


@asynccontextmanager
async def keys_lent(servers: Servers, service: ServiceUnderTest) -> AsyncIterator[None]:
    """Connects the service to NATS, where GetSealingKeys is answered."""
    connection = await nats.connect(servers.nats_url)

    async def answer(message: Msg) -> None:
        query = GetSealingKeys.model_validate_json(message.data)
        keys = [
            SealingKey(person_id=id, sealing_key=sha256(id.bytes).hexdigest())
            for id in query.people
            if id not in ERASED
        ]
        await message.respond(wire.outcome_to_json(SealingKeys(keys=tuple(keys))))

    await connection.subscribe(GetSealingKeys.contract.subject, cb=answer)
    await connection.flush()
    service.running.nats = connection
    try:
        yield
    finally:
        await connection.close()
