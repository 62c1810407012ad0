"""A service as a process: FastStream frames it (broker, lifecycle, HTTP), the chassis carries its messages."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from types import FrameType, ModuleType
from typing import Any, Final, TypeVar

import uvicorn
from faststream.asgi import AsgiFastStream
from faststream.nats import NatsBroker
from faststream.nats.security import NatsNKey, NatsSecurity

from contracts import catalogue
from contracts.message import Command, Query

from .bus import Trespasses, tls_of
from .commands import CommandServer
from .consumers import Consumer
from .database import OUTAGES, Pool, open_pool
from .durable import check_bus, check_database
from .handlers import Service
from .health import routes
from .leaving import leave
from .logs import kind_of, set_up_logs
from .queries import QueryServer
from .relay import Relay
from .retention import Retention
from .running import Running
from .sealing import Sealer
from .settings import Settings
from .telemetry import log, traces
from .timers import Clockwork
from .watchdog import Watchdog

PENDING_BYTES: Final = 64 * 2**20
DRAIN_SECONDS: Final = 3
T = TypeVar("T")


class ServiceApp:
    """One service, wired. `capabilities` are the modules whose import registered the handlers."""

    def __init__(self, service: Service, settings: Settings, capabilities: Sequence[ModuleType]) -> None:
        self.service = service
        self.settings = settings
        self.capabilities = capabilities
        self.watchdog = Watchdog()
        self.trespasses = Trespasses()
        self.running: Running | None = None
        self._pool: Pool | None = None
        self._consumers: list[Consumer] = []
        self.broker = self._make_broker()
        self.asgi = AsgiFastStream(
            self.broker,
            logger=None,
            lifespan=self._lifespan,
            asgi_routes=routes(self),
            after_startup=[self._begin],
            on_shutdown=[self._end],
        )
        missing = undecided(service)
        if missing:
            raise RuntimeError(f"{service.name} has no handler for {', '.join(missing)}")

    def _make_broker(self) -> NatsBroker:
        """Every default that touches reconnects, buffers or inboxes is set on purpose (reliability.md section 14)."""
        return _Broker(
            self.settings.nats_url,
            name=self.settings.instance,
            logger=None,
            allow_reconnect=True,
            max_reconnect_attempts=3 if self.settings.sabotaged("few-reconnects") else -1,
            reconnect_time_wait=1,
            connect_timeout=5,
            ping_interval=5,
            max_outstanding_pings=2,
            drain_timeout=DRAIN_SECONDS,
            pending_size=PENDING_BYTES,
            security=security_of(self.settings),
            inbox_prefix=f"_INBOX_{self.service.name}",
            closed_cb=self._nats_closed,
            error_cb=self.trespasses.note,
            reconnected_cb=self._nats_back,
            graceful_timeout=DRAIN_SECONDS,
        )

    async def _nats_closed(self) -> None:
        """Not always called: under uvloop the client may stumble over the lost socket first. The loops look as well."""
        if self.running is not None:
            self.running.end_if_closed()

    async def _nats_back(self) -> None:
        await self.trespasses.forget()
        if self.running is not None:
            self.running.connected_again()

    @asynccontextmanager
    async def _lifespan(self) -> AsyncIterator[None]:
        traces.set_up(self.service.name, self.settings.instance, self.settings.trace_file)
        if not self.settings.sabotaged("no-watchdog"):
            self.watchdog.start()
        beat = asyncio.create_task(self.watchdog.beat(), name="heartbeat")
        pool = self._pool = await _once_there("the database", lambda: open_pool(self.settings))
        try:
            await _once_there("the database", lambda: check_database(pool, self.settings))
            await _once_there("the NATS monitor", lambda: check_bus(self.settings))
            yield
        finally:
            beat.cancel()
            self.watchdog.stop()
            await _close(pool)
            traces.shutdown()

    async def _begin(self) -> None:
        """The broker is connected: subscribe, pull, relay, and fire timers."""
        if self._pool is None:
            raise RuntimeError("started without a database pool")
        running = self.running = Running(self.service, self.settings, self._pool, self.broker.connection)
        running.trespasses = self.trespasses
        running.start("database", running.look_at_database)
        for name, asks in self.service.leans.items():
            running.start(name, partial(running.look_at, name, asks))
        running.start("relay", Relay(running).run)
        running.start("retention", Retention(running).run)
        running.start("audit", Sealer(running).run)
        running.start("tally", partial(running.tally.run, running))
        for hearing in self.service.hearings:
            consumer = Consumer(hearing, running)
            self._consumers.append(consumer)
            running.watch(hearing.durable, consumer.pull)
            running.start(hearing.durable, consumer.run)
        if self.service.timers:
            running.start("timers", Clockwork(running).run)
        for name, works in self.service.workers.items():
            running.start(name, partial(works, running))
        for query, answers in self.service.answerers.items():
            await QueryServer(query, answers, running).start()
        for decider in self.service.deciders:
            await CommandServer(decider, running).start()
        # What is loaded lives as long as the process; looking at it again cost a batch of 500 a third more. It is not
        # collected before: of 110,000 objects 55 are garbage, and to find them took 60 ms.
        gc.freeze()
        for _ in range(2):  # one flush of nats-py may return before a buffered SUB is sent
            await running.nats.flush()
        log.info("service is up", http_port=self.settings.http_port)

    async def _end(self) -> None:
        if self.running is None:
            return
        await self.running.stop()
        if not self.running.sabotaged("no-hand-back"):
            await asyncio.gather(*(consumer.hand_back() for consumer in self._consumers))
        log.info("service has stopped")

    def serve(self) -> None:
        """Runs until SIGTERM or SIGINT; all work taken is finished or handed back first."""
        set_up_logs(self.service.name, self.settings.instance, self.settings.log_level)
        config = uvicorn.Config(
            self.asgi,
            host=self.settings.http_host,
            port=self.settings.http_port,
            loop="uvloop",
            http="httptools",
            lifespan="on",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        _Server(config).run()


def security_of(settings: Settings) -> NatsSecurity:
    """How the process proves on the bus who it is, in FastStream's words."""
    tls = tls_of(settings)
    seed = settings.nats_seed_file
    return NatsSecurity(ssl_context=tls) if seed is None else NatsNKey.from_file(seed, ssl_context=tls)


class _Broker(NatsBroker):
    async def stop(self, *error: Any) -> None:
        """Leaves the connection as our own rule says; the framework's would raise where the server is away."""
        connection, self._connection = self._connection, None
        await super().stop(*error)
        if connection is not None:
            await leave(connection)


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A stop before the start is over: uvicorn would wait for the very server we wait for. Nothing was taken."""
        if not self.started:
            log.info("stopped before it was up")
            os._exit(0)
        super().handle_exit(sig, frame)


async def _once_there(server: str, works: Callable[[], Awaitable[T]]) -> T:
    """Tries until the server is there; what it refuses for another reason goes through."""
    while True:
        try:
            return await works()
        except OUTAGES as error:
            log.warning(f"waiting for {server}", error=kind_of(error))
            await asyncio.sleep(0.5)


async def _close(pool: Pool) -> None:
    try:
        async with asyncio.timeout(3):
            await pool.close()
    except TimeoutError:
        pool.terminate()


def undecided(service: Service) -> list[str]:
    """Commands and queries of the service's contracts that nobody handles."""
    handled: set[Any] = {decider.command for decider in service.deciders} | set(service.answerers)
    asked = [each for each in catalogue.of_service(service.name) if issubclass(each, Command | Query)]
    return [each.__name__ for each in asked if each not in handled]
