"""Each service with one row of every table in every region of a small land, for a whole module."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import nats
import pytest

from contracts.catalogue import SERVICES
from tests.access.land import Land
from tests.access.saboteurs import sabotage
from tests.under_test import Servers, ServiceUnderTest


@pytest.fixture(scope="module")
async def lands(servers: Servers) -> AsyncIterator[dict[str, Land]]:
    async with AsyncExitStack() as stack:
        bus = await nats.connect(servers.nats_url)
        places = [await stack.enter_async_context(ServiceUnderTest.started(name, servers)) for name in SERVICES]
        for place in places:
            place.running.nats = bus  # a copy of somebody's data is asked of the others too, and nobody else is there
            await sabotage(place.admin, os.environ.get("LINLI_SABOTAGE", "").split(","))
        yield {place.service.name: await Land.settled(place) for place in places}
        await bus.close()


@pytest.fixture(scope="module", params=SERVICES)
def land(request: pytest.FixtureRequest, lands: dict[str, Land]) -> Land:
    return lands[request.param]
