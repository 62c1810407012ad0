"""A server with the house's accounts and streams, the doorkeeper at its door, and everybody's way in."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client as Nats

from deploy.local.nats import EmbeddedNats
from deploy.nats import topology
from deploy.nats.access import PARTNER
from deploy.nats.rights import ISSUER
from services.chassis.tokens import Signer
from services.doorkeeper.app import Doorkeeper, DoorkeeperSettings

Tokens = Callable[..., str]
CITY = "350500000000"


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    with EmbeddedNats(tmp_path_factory.mktemp("nats")) as running:
        yield running


@pytest.fixture(scope="package")
def token(secrets: Path) -> Tokens:
    """Tokens as `./linli token` makes them."""
    signer = Signer("gateway", secrets)

    def mint(*roles: str, region: str = CITY, seconds: int = 600) -> str:
        return signer.mint("centre-system", roles or ("integrator",), region, seconds=seconds)

    return mint


@pytest.fixture(scope="package", autouse=True)
async def doorkeeper(server: EmbeddedNats, secrets: Path) -> AsyncIterator[Nats]:
    settings = DoorkeeperSettings(
        nats_url=server.address,
        nats_seed_file=server.seed_file("doorkeeper"),
        issuer_seed_file=server.seed_file(ISSUER),
        secrets_dir=secrets,
    )
    keeper = Doorkeeper(settings)
    connection = await keeper.open()
    yield connection
    keeper.stop()
    await connection.close()


@pytest.fixture
async def streams(server: EmbeddedNats) -> None:
    """What the migrator makes, made with its own key; the matrix lets the operator delete it again."""
    connection = await connect_as(server, "migrator")
    await topology.apply(connection.jetstream(), topology.kept())
    await connection.close()


async def connect_as(server: EmbeddedNats, name: str, token: Tokens | None = None, **options: Any) -> Nats:
    """A connection with a credential of the matrix."""
    if name == PARTNER:
        assert token is not None
        return await nats.connect(server.address, token=token(), allow_reconnect=False, **options)
    seed = str(server.seed_file(name))
    return await nats.connect(server.address, nkeys_seed=seed, inbox_prefix=f"_INBOX_{name}", **options)


async def at_the_door(server: EmbeddedNats, introduce: Callable[[str], dict[str, str]]) -> str:
    """What the server says to a client that introduces itself so, given the server's nonce; then it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    about = json.loads((await reader.readline()).removeprefix(b"INFO "))
    writer.write(f"CONNECT {json.dumps({'verbose': False, **introduce(about['nonce'])})}\r\nPING\r\n".encode())
    said = (await reader.readline()).decode()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return said


async def until(happens: Callable[[], Any], seconds: float = 5.0) -> None:
    """Waits until it is so; fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while True:
            so = happens()
            if await so if isinstance(so, Awaitable) else so:
                return
            await asyncio.sleep(0.01)
