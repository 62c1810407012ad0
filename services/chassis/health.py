"""What a service tells an operator over HTTP: /live, /ready, /metrics, /status, /asyncapi; all work offline."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from faststream.asgi import AsgiResponse, get
from faststream.asgi.types import ASGIApp, Scope
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import to_json

from . import quarantine, restored, timers
from .running import DATABASE, Running
from .telemetry import OUTBOX_WAITING, REGISTRY

if TYPE_CHECKING:
    from .app import ServiceApp

OUTBOX: Final = "SELECT count(*), min(at) FROM outbox WHERE stream_seq IS NULL"
# The archive may hold years: only what was said last is counted.
SAID: Final = """
SELECT type, count(*) FROM (SELECT type FROM outbox ORDER BY id DESC LIMIT 10000) AS last GROUP BY type ORDER BY type
"""
ASYNCAPI: Final = Path(__file__).parents[2] / "contracts" / "documents" / "asyncapi"


def routes(app: "ServiceApp") -> list[tuple[str, ASGIApp]]:
    """The routes of every service."""

    @get(include_in_schema=False)
    async def live(_: Scope) -> AsgiResponse:
        return _answer({"live": app.watchdog.alive}, app.watchdog.alive)

    @get(include_in_schema=False)
    async def ready(_: Scope) -> AsgiResponse:
        waits = what_it_waits_for(app.running)
        return _answer({"ready": not waits, "waits_for": waits}, not waits)

    @get(include_in_schema=False)
    async def metrics(_: Scope) -> AsgiResponse:
        return AsgiResponse(generate_latest(REGISTRY), 200, {"content-type": CONTENT_TYPE_LATEST})

    @get(include_in_schema=False)
    async def status(_: Scope) -> AsgiResponse:
        return _answer(await status_of(app), True)

    @get(include_in_schema=False)
    async def asyncapi(_: Scope) -> AsgiResponse:
        body = await asyncio.to_thread((ASYNCAPI / f"{app.service.name}.json").read_bytes)
        return AsgiResponse(body, 200, {"content-type": "application/json"})

    handlers: dict[str, Any] = {
        "/live": live,
        "/ready": ready,
        "/metrics": metrics,
        "/status": status,
        "/asyncapi": asyncapi,
    }
    return list(handlers.items())


def _answer(content: dict[str, Any], good: bool) -> AsgiResponse:
    return AsgiResponse(to_json(content), 200 if good else 503, {"content-type": "application/json"})


def what_it_waits_for(running: Running | None) -> list[str]:
    """What keeps the service from working now; empty when it is ready. From signs of life a few seconds old."""
    if running is None:
        return ["start"]
    if running.stopping.is_set():
        return ["stop"]
    nats = [] if running.nats.is_connected else ["nats"]
    refused = ["nats permissions"] if running.trespasses.any else []
    return nats + refused + running.not_answering() + running.not_waiting()


async def status_of(app: "ServiceApp") -> dict[str, Any]:
    """The figures of `./linli status`: outbox, quarantine, restores, consumers, what was said last, late timers."""
    running = app.running
    waits = what_it_waits_for(running)
    found: dict[str, Any] = {
        "service": app.service.name,
        "instance": app.settings.instance,
        "ready": not waits,
        "waits_for": waits,
    }
    if running is None or DATABASE in waits:
        return found
    async with running.pool.acquire(timeout=2) as database:
        waiting, oldest = await database.fetchrow(OUTBOX) or (0, None)
        age = (running.clock.now() - oldest).total_seconds() if oldest else 0.0
        OUTBOX_WAITING.set(waiting)
        found |= {
            "relay": running.has_relay,
            "outbox": {"unpublished": waiting, "oldest_seconds": max(0.0, age)},
            "quarantine": await quarantine.count_open(database),
            "events_said": {row[0]: row[1] for row in await database.fetch(SAID)},
            "restored": {
                "unannounced": running.has_gone_back,
                "epoch": await database.fetchval(restored.CURRENT),
                "rebuild": [dict(row) for row in await restored.list_open(database)],
            },
            "audit_altered": running.audit_altered,
            "timers": {"due": await database.fetchval(timers.COUNT_DUE, running.clock.now())},
            "clock_offset_seconds": running.clock.offset_seconds,
        }
    if running.nats.is_connected:
        found["consumers"] = await _consumers(running)
    return found


async def _consumers(running: Running) -> list[dict[str, Any]]:
    jetstream = running.nats.jetstream(timeout=2)
    found: list[dict[str, Any]] = []
    for hearing in running.service.hearings:
        try:
            info = await jetstream.consumer_info(hearing.stream, hearing.durable)
        except Exception as error:
            found.append({"durable": hearing.durable, "error": type(error).__name__})
            continue
        found.append(
            {
                "durable": hearing.durable,
                "pending": info.num_pending,
                "ack_pending": info.num_ack_pending,
                "redelivered": info.num_redelivered,
            }
        )
    return found
