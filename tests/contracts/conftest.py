"""A real nats-server with the streams of two services, and a client of the contracts."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client as Connection
from nats.js import JetStreamContext
from nats.js.errors import ServerError

from contracts.client import Client, connect
from deploy.local.nats import EmbeddedNats

STORE_NOT_MADE = 10049
STREAMS = {"EVT_ACTIVITIES": "evt.activities.>", "EVT_REGISTRY": "evt.registry.>"}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    directory: Path = tmp_path_factory.mktemp("nats")
    with EmbeddedNats(directory) as running:
        yield running


@pytest.fixture
async def bus(server: EmbeddedNats) -> AsyncIterator[Connection]:
    """The side of the services: a plain connection, with streams that begin empty."""
    connection = await nats.connect(server.url, max_reconnect_attempts=-1, reconnect_time_wait=0.2)
    jetstream = connection.jetstream()
    for stream, subjects in STREAMS.items():
        await add_empty_stream(jetstream, stream, subjects)
    yield connection
    for stream in STREAMS:
        await jetstream.delete_stream(stream)
    await connection.close()


async def add_empty_stream(jetstream: JetStreamContext, name: str, subjects: str) -> None:
    """A stream whose namesake was deleted just now: on a busy disk the server still removes that one's files."""
    async with asyncio.timeout(10):
        while True:
            try:
                await jetstream.add_stream(name=name, subjects=[subjects])
                return
            except ServerError as error:
                if error.err_code != STORE_NOT_MADE:
                    raise
                await asyncio.sleep(0.05)


@pytest.fixture
async def client(server: EmbeddedNats, bus: Connection) -> AsyncIterator[Client]:
    async with await connect(server.url, token="a-token", timeout=2.0) as connected:
        yield connected
