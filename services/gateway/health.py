"""What the gateway tells an operator: /live, /ready, /metrics, /status."""

from collections.abc import Iterator
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import to_json
from starlette.responses import Response

from services.chassis.telemetry import REGISTRY
from services.chassis.watchdog import Watchdog

from .bus import Bus
from .events import EventFeed
from .routing import Call, Route


class Health:
    """Asked anew each time, so it tells the truth. `stopping` is set once no new work should be sent here."""

    def __init__(self, instance: str, bus: Bus, feed: EventFeed, watchdog: Watchdog) -> None:
        self._instance, self._bus, self._feed, self._watchdog = instance, bus, feed, watchdog
        self.stopping = False

    def routes(self) -> Iterator[Route]:
        yield Route("GET", "/live", self._live, nameless=True)
        yield Route("GET", "/ready", self._ready, nameless=True)
        yield Route("GET", "/metrics", self._metrics, nameless=True)
        yield Route("GET", "/status", self._status, nameless=True)

    @property
    def waits_for(self) -> list[str]:
        """What keeps it from working now; empty when it is ready."""
        return [
            *(["stop"] if self.stopping else []),
            *([] if self._bus.ready else ["nats"]),
            *([] if self._bus.permitted else ["nats permissions"]),
        ]

    async def _live(self, _: Call) -> Response:
        return _answer({"live": self._watchdog.alive}, self._watchdog.alive)

    async def _ready(self, _: Call) -> Response:
        waits = self.waits_for
        return _answer({"ready": not waits, "waits_for": waits}, not waits)

    async def _metrics(self, _: Call) -> Response:
        return Response(generate_latest(REGISTRY), headers={"content-type": CONTENT_TYPE_LATEST})

    async def _status(self, _: Call) -> Response:
        waits = self.waits_for
        content = {
            "service": "gateway",
            "instance": self._instance,
            "ready": not waits,
            "waits_for": waits,
            "consumers": [],
            "outbox": None,
            "streams_open": self._feed.open,
        }
        return _answer(content, True)


def _answer(content: dict[str, Any], good: bool) -> Response:
    return Response(to_json(content), 200 if good else 503, media_type="application/json")
