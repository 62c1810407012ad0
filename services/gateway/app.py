"""The gateway as a process: `python -m services.gateway.app`."""

import asyncio
import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

import uvicorn
import uvloop

from contracts.registry.v1 import ClientState, ConfirmClient, Login, ResolveLogin
from services.chassis.clock import Clock
from services.chassis.logs import set_up_logs
from services.chassis.telemetry import log, traces
from services.chassis.watchdog import Watchdog

from .access_log import AccessLog
from .api import Api
from .batches import Batches
from .bus import Bus
from .declining import Declining
from .edge import Edge
from .events import EventFeed
from .feeds.exports import Exports
from .feeds.routes import Feeds
from .headers import opened_to
from .health import Health
from .identity import Identity
from .limits import Limits
from .oauth import TokenEndpoint
from .oidc import OidcLogin
from .pages import DOCUMENTS, MissingDocument, page_routes
from .routing import Routes
from .serving import HttpProtocol
from .settings import GatewaySettings
from .sharing import Sharing

STOP_SECONDS: Final = 3
KEEP_ALIVE_SECONDS: Final = 65


class Gateway:
    """The gateway, wired: `asgi` is the application. Raises MissingDocument, and OSError for missing keys."""

    def __init__(self, settings: GatewaySettings, documents: Path = DOCUMENTS) -> None:
        self.settings = settings
        self.bus = Bus(settings)
        self.watchdog = Watchdog()
        limits = Limits(settings)
        identity = Identity(settings.secrets_dir, self._resolve, self._confirm, limits)
        api = Api(self.bus, identity, settings.answer_seconds)
        self.feed = EventFeed(self.bus, identity, settings)
        self.health = Health(settings.instance, self.bus, self.feed, self.watchdog)
        batches = Batches(api, identity)
        self.routes = Routes(
            [
                *api.routes(),
                *(batches.route(), self.feed.route(), TokenEndpoint(self.bus, identity).route()),
                *OidcLogin(self.bus, identity, settings).routes(),
                *Declining(self.bus, identity).routes(),
                *Feeds(self.bus, identity, settings).routes(),
                Exports(self.bus, identity, Clock(settings.clock_offset_file)).route(),
                *self.health.routes(),
                *page_routes(documents),
            ]
        )
        self.access_log = AccessLog(settings.instance, settings.log_level)
        self.sharing = Sharing(limits, identity, self.bus)
        edge = Edge(self.routes, self.access_log, settings.trace_sample, limits, settings.tls_in_front)
        self.asgi = opened_to(edge, filter(None, settings.cors_origins.split(",")))

    async def _resolve(self, token_hash: str, own_token: str) -> Login:
        return await self.bus.client_for("registry").ask(ResolveLogin(token_hash=token_hash), token=own_token)

    async def _confirm(self, client_id: UUID, key: str, own_token: str) -> ClientState:
        query = ConfirmClient(client_id=client_id, key_name=key)
        return await self.bus.client_for("registry").ask(query, token=own_token)

    def stop(self) -> None:
        """Takes no new work and lets the listeners of events go elsewhere."""
        self.health.stopping = True
        self.feed.stop()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: uvicorn would raise them again after its own stop, and cut ours short."""
        yield


def server_of(gateway: Gateway) -> uvicorn.Server:
    """The HTTP server; setting `should_exit` stops it."""
    return _Server(
        uvicorn.Config(
            gateway.asgi,
            host=gateway.settings.http_host,
            port=gateway.settings.http_port,
            http=HttpProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(gateway.settings.trusted_proxies),
            forwarded_allow_ips=gateway.settings.trusted_proxies,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


async def run(gateway: Gateway) -> None:
    """Serves until SIGTERM or SIGINT."""
    settings = gateway.settings
    traces.set_up("gateway", settings.instance, settings.trace_file)
    server = server_of(gateway)

    def stop() -> None:
        log.info("gateway stops", streams_open=gateway.feed.open)
        gateway.stop()
        server.should_exit = True

    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop)
    gc.freeze()  # what was loaded so far lives as long as the process: no collection need look at it again
    gateway.watchdog.start()
    beat = asyncio.create_task(gateway.watchdog.beat(), name="heartbeat")
    gateway.bus.start()
    sharing = asyncio.create_task(gateway.sharing.run(), name="sharing")
    log.info("gateway is up", http_port=settings.http_port)
    try:
        await server.serve()
    finally:
        gateway.access_log.flush()
        sharing.cancel()
        await gateway.bus.stop()
        beat.cancel()
        gateway.watchdog.stop()
        traces.shutdown()
    log.info("gateway has stopped")


def main() -> None:
    """Reads the settings and serves."""
    settings = GatewaySettings()
    set_up_logs("gateway", settings.instance, settings.log_level)
    try:
        gateway = Gateway(settings)
    except FileNotFoundError as missing:
        sys.exit(f"{missing.filename} is missing. ./linli up makes the keys, or set LINLI_SECRETS_DIR.")
    except MissingDocument as missing:
        sys.exit(str(missing))
    uvloop.run(run(gateway))


if __name__ == "__main__":
    main()
