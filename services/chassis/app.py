"""A service as a process: FastStream frames it (broker, lifecycle, HTTP), the chassis carries its messages."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any, Final

import uvicorn
from faststream.asgi import AsgiFastStream
from faststream.nats import NatsBroker

from contracts import catalogue
from contracts.message import Command, Query

from .commands import CommandServer
from .consumers import Consumer
from .database import OUTAGES, Pool, check_durable, open_pool
from .handlers import Service
from .health import routes
from .logs import kind_of, set_up_logs
from .queries import QueryServer
from .relay import Relay
from .running import Running
from .settings import Settings
from .telemetry import log, set_up_traces
from .timers import Timers
from .watchdog import EXIT_CODE, Watchdog

PENDING_BYTES: Final = 64 * 2**20


class ServiceApp:
    """One service, wired. `capabilities` are the modules whose import registered the handlers."""

    def __init__(self, service: Service, settings: Settings, capabilities: Sequence[ModuleType]) -> None:
        self.service = service
        self.settings = settings
        self.capabilities = capabilities
        self.watchdog = Watchdog()
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
        return NatsBroker(
            self.settings.nats_url,
            name=self.settings.instance,
            logger=None,
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            connect_timeout=5,
            ping_interval=5,
            max_outstanding_pings=2,
            drain_timeout=5,
            pending_size=PENDING_BYTES,
            inbox_prefix=f"_INBOX_{self.service.name}",
            closed_cb=self._nats_closed,
            error_cb=self._nats_error,
            graceful_timeout=5,
        )

    async def _nats_closed(self) -> None:
        """A client that gave up for good would leave a dead process behind: end it, the supervisor starts another."""
        if self.running is not None and not self.running.stopping.is_set():
            log.error("nats connection closed for good, ending the process")
            os._exit(EXIT_CODE)

    async def _nats_error(self, error: Exception) -> None:
        log.warning("nats", error=kind_of(error))

    @asynccontextmanager
    async def _lifespan(self) -> AsyncIterator[None]:
        traces = set_up_traces(
            self.service.name, self.settings.instance, self.settings.trace_file, self.settings.trace_sample
        )
        self.watchdog.start()
        beat = asyncio.create_task(self.watchdog.beat(), name="heartbeat")
        self._pool = await self._wait_for_pool()
        try:
            yield
        finally:
            beat.cancel()
            self.watchdog.stop()
            await _close(self._pool)
            traces.shutdown()

    async def _wait_for_pool(self) -> Pool:
        while True:
            try:
                pool = await open_pool(self.settings)
                await check_durable(pool, self.settings)
                return pool
            except OUTAGES as error:
                log.warning("waiting for the database", error=kind_of(error))
                await asyncio.sleep(0.5)

    async def _begin(self) -> None:
        """The broker is connected: subscribe, pull, relay, and fire timers."""
        if self._pool is None:
            raise RuntimeError("started without a database pool")
        running = self.running = Running(self.service, self.settings, self._pool, self.broker.connection)
        running.spawn("relay", running.keep("relay", Relay(running).run))
        for hearing in self.service.hearings:
            consumer = Consumer(hearing, running)
            self._consumers.append(consumer)
            running.watch(hearing.durable, consumer.pull)
            running.spawn(hearing.durable, running.keep(hearing.durable, consumer.run))
        for kind, fires in self.service.timers.items():
            running.spawn(f"timer-{kind}", running.keep(f"timer-{kind}", Timers(kind, fires, running).run))
        for name, works in self.service.workers.items():
            running.spawn(name, running.keep(name, lambda works=works: works(running)))  # type: ignore[misc]
        for query, answers in self.service.answerers.items():
            await QueryServer(query, answers, running).start()
        for decider in self.service.deciders:
            await CommandServer(decider, running).start()
        gc.collect()
        gc.freeze()  # what is loaded lives as long as the process; looking at it again cost a batch of 500 a third more
        for _ in range(2):  # one flush of nats-py may return before a buffered SUB is sent
            await running.nats.flush()
        log.info("service is up", http_port=self.settings.http_port)

    async def _end(self) -> None:
        if self.running is None:
            return
        await self.running.stop()
        for consumer in self._consumers if not self.running.sabotaged("no-hand-back") else ():
            await consumer.hand_back()
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
        uvicorn.Server(config).run()


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
