"""Watches the order gates while everything falls: no version of a replica may ever be lower than it was."""

import asyncio
from collections.abc import Mapping
from typing import Final

import asyncpg
from asyncpg.exceptions import InternalClientError

GATES: Final = "SELECT consumer, aggregate, aggregate_id, version FROM order_gate"
EVERY_SECONDS: Final = 0.5


class Sampler:
    """Looks at one database after the other. `samples` counts looks, `backwards` what it saw go back."""

    def __init__(self, dsns: Mapping[str, str]) -> None:
        self._dsns = dsns
        self._seen: dict[tuple[object, ...], int] = {}
        self.samples = 0
        self.backwards: list[str] = []

    async def watch(self) -> None:
        """Until cancelled; a database that is away is asked again at the next turn."""
        while True:
            for service, dsn in self._dsns.items():
                try:
                    async with asyncio.timeout(5):
                        await self._look(service, dsn)
                except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, InternalClientError):
                    continue
                finally:
                    await asyncio.sleep(EVERY_SECONDS)

    async def _look(self, service: str, dsn: str) -> None:
        database = await asyncpg.connect(dsn, timeout=3)
        try:
            rows = await database.fetch(GATES)
        finally:
            database.terminate()
        self.samples += 1
        for row in rows:
            key = (service, *tuple(row)[:3])
            if row["version"] < self._seen.get(key, 0):
                self.backwards.append(f"{row['consumer']}: {row['aggregate']} {row['aggregate_id']} went back")
            self._seen[key] = row["version"]
