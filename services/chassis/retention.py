"""Makes the months of archive and inbox ahead of time, and lets go of what the policy no longer keeps.

The database's own functions do it (migrations/0002_months.sql): the runtime role may call them, but cannot delete,
truncate or drop a row of archive or inbox, nor change the policy (docs/decisions/0006).
"""

from typing import Final

import asyncpg

from .database import Pooled
from .running import Running
from .telemetry import log

MAKE: Final = "SELECT make_months($1)"
DROP: Final = "SELECT drop_months($1)"
FORGET: Final = "SELECT forget_answers($1, $2)"
EVERY_SECONDS: Final = 3600.0
LOOK_SECONDS: Final = 5.0
BATCH: Final = 5000


class Retention:
    """Runs in every instance; the one that has the relay's turn works, at once and then every hour."""

    def __init__(self, running: Running) -> None:
        self._running = running

    async def run(self) -> None:
        """Until the service stops. A table that is busy for longer than a second is left for the next look."""
        running = self._running
        while not running.stopping.is_set():
            rest = LOOK_SECONDS
            if running.has_relay:
                try:
                    async with running.pool.acquire() as connection:
                        await self.tidy(connection)
                    rest = EVERY_SECONDS
                except asyncpg.LockNotAvailableError:
                    log.warning("months are busy, trying again")
            await running.pause(rest)

    async def tidy(self, database: Pooled) -> None:
        """Makes and drops months by the service's clock, and forgets old answers batch by batch."""
        now = self._running.clock.now()
        for sql, done in ((MAKE, "month made"), (DROP, "month dropped")):
            for row in await database.fetch(sql, now):
                log.info(done, month=row[0])
        while (gone := await database.fetchval(FORGET, now, BATCH)) > 0:
            log.info("old answers forgotten", rows=gone)
