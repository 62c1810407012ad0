"""Refuses servers that could lose what was answered (promise 1): a service does not start on them."""

import asyncio
from http.client import HTTPConnection, HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic_core import from_json

from .settings import Settings

GOOD: Final = {"fsync": {"on"}, "full_page_writes": {"on"}, "synchronous_commit": {"on", "remote_apply"}}
LOOK_SECONDS: Final = 2.0


class Undurable(RuntimeError):
    """A server could lose what it confirmed. The message says which setting, and what to do."""


async def check_database(database: Any, settings: Settings) -> None:
    """Raises Undurable unless fsync, full_page_writes and synchronous_commit are on, as this very login sees them."""
    if settings.allow_undurable:
        return
    for name, good in GOOD.items():
        value = await database.fetchval(f"SHOW {name}")
        if value not in good and not settings.sabotaged("forgetful-database"):
            raise Undurable(
                f"PostgreSQL 的 {name} = {value}:请设为 on,再启动本服务。 "
                f"PostgreSQL has {name} = {value}: set it to on, then start the service again"
            )


async def check_bus(settings: Settings) -> None:
    """Raises Undurable unless nats-server shows `sync_interval: always`; OSError while it does not answer."""
    if settings.allow_undurable or settings.sabotaged("forgetful-bus"):
        return
    if not settings.nats_monitor_url:
        raise Undurable(
            "无法确认 NATS 是否逐条写盘：请把 LINLI_NATS_MONITOR_URL 设为其监控地址（如 http://nats:8222）。 "
            "Whether NATS writes through to disk cannot be seen: set LINLI_NATS_MONITOR_URL to its monitoring address "
            "(such as http://nats:8222), then start the service again"
        )
    shown = await asyncio.to_thread(_look, settings.nats_monitor_url)
    if shown.get("config", {}).get("sync_always") is not True:
        raise Undurable(
            "NATS 可能丢失已确认的消息：请在 nats-server 的 jetstream 配置中设 sync_interval: always，重启它，"
            "再启动本服务。 "
            "NATS may lose messages it confirmed: set sync_interval: always in the jetstream block of nats-server, "
            "restart it, then start the service again"
        )


def _look(url: str) -> dict[str, Any]:
    """What the server tells of its JetStream. Raises OSError, also while there is none yet.

    At /jsz: a /varz that was first asked before JetStream was up never shows its configuration (2.15.1).
    """
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=LOOK_SECONDS)
    try:
        connection.request("GET", "/jsz")
        found: dict[str, Any] = from_json(connection.getresponse().read())
    except (HTTPException, ValueError) as error:
        raise OSError(f"{url} is no monitoring address of nats-server") from error
    finally:
        connection.close()
    if found.get("disabled"):
        raise OSError(f"JetStream at {url} is not there yet")
    return found
