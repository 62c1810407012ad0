"""The gateway's connection to NATS: there or not there, never in the way of a start or a stop."""

import asyncio
from contextlib import suppress
from typing import Final

from nats.aio.client import Client as Nats
from nats.errors import Error as NatsError

from contracts import client
from contracts.client import Client
from contracts.message import Contract
from contracts.refusals import Refused
from services.chassis.bus import Trespasses, tls_of
from services.chassis.leaving import leave
from services.chassis.logs import kind_of
from services.chassis.telemetry import log

from .settings import GatewaySettings

GLANCE_SECONDS: Final = 1.0


class Bus:
    """Connects in the background and stays connected; without a server every request is refused at once."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._trespasses = Trespasses()
        self._client: Client | None = None
        self._keeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to connect; returns at once."""
        self._keeping = asyncio.create_task(self._keep_connected(), name="nats")

    async def _keep_connected(self) -> None:
        """The client reconnects by itself; only a server that turned our login down closes it for good."""
        while True:
            if self._client is None or self._client.connection.is_closed:
                try:
                    self._client = await self._connect()
                except (NatsError, OSError) as error:
                    log.error("cannot connect to NATS; check LINLI_NATS_URL", error=kind_of(error))
            await asyncio.sleep(GLANCE_SECONDS)

    async def _connect(self) -> Client:
        # Every request carries its caller's token; the connection has none of its own.
        return await client.connect(
            self._settings.nats_url,
            token="",
            timeout=self._settings.answer_seconds,
            name="linli-gateway",
            nkey_seed=self._settings.nats_seed_file,
            tls=tls_of(self._settings),
            inbox_prefix="_INBOX_gateway",
            on_trouble=self._trespasses.note,
            on_reconnect=self._trespasses.forget,
        )

    async def stop(self) -> None:
        """Closes the connection, in whatever state it is."""
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        if self._client is not None:
            await leave(self._client.connection)

    @property
    def ready(self) -> bool:
        """Whether NATS is connected now."""
        return self._client is not None and self._client.connection.is_connected

    @property
    def permitted(self) -> bool:
        """Whether NATS has refused nothing since it was connected."""
        return not self._trespasses.any

    @property
    def connection(self) -> Nats | None:
        """The connection itself, connected or not; None before the first."""
        return None if self._client is None else self._client.connection

    def client_for(self, service: str) -> Client:
        """The connected client. Raises Refused `unavailable` in the name of the service that cannot be reached."""
        if self._client is None or not self._client.connection.is_connected:
            raise Refused("unavailable", service=service)
        return self._client

    async def exchange(self, contract: Contract, body: bytes, headers: dict[str, str]) -> bytes:
        """One request to a service: the bytes of its answer. Raises Refused."""
        return await self.client_for(contract.service).exchange(contract, body, headers)
