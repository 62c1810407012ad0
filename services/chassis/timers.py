"""Durable timers: rows with a due time, fired in the transaction that handles them, so that each counts once.

Decision 0004: claimed from the table with SKIP LOCKED rather than through NATS message schedules, because firing and
effect then commit together.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from asyncpg import Record
from uuid_utils.compat import uuid7

from . import quarantine
from .database import OUTAGES
from .handlers import Due, Fires
from .limits import HANDLER_SECONDS, bounded
from .logs import kind_of
from .running import Running
from .scope import EVERYWHERE, transaction
from .telemetry import TIMERS_FIRED, continued, log
from .transaction import Cause, Transaction

CLAIM: Final = """
SELECT key, due_at, attempts, traceparent FROM timer
WHERE kind = $1 AND due_at <= $2 AND fired_at IS NULL ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
"""
DUE_KINDS: Final = """
SELECT kind FROM unnest($1::text[]) AS wanted (kind)
WHERE EXISTS (SELECT FROM timer WHERE timer.kind = wanted.kind AND due_at <= $2 AND fired_at IS NULL)
"""
FIRED: Final = "UPDATE timer SET fired_at = $3 WHERE kind = $1 AND key = ANY ($2::uuid[])"
POSTPONE: Final = """
UPDATE timer SET attempts = attempts + 1, due_at = $3
WHERE kind = $1 AND key = $2 AND due_at = $4 AND attempts = $5 AND fired_at IS NULL
"""
COUNT_DUE: Final = "SELECT count(*) FROM timer WHERE due_at <= $1 AND fired_at IS NULL"
BATCH: Final = 500
POLL_SECONDS: Final = 0.5
SLOWEST_RETRY_SECONDS: Final = 600.0


class Clockwork:
    """Fires the timers of a service. One statement looks for those of all kinds: a transaction a kind and half a second
    was most of what a quiet service did."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._timers = {kind: Timers(kind, fires, running) for kind, fires in running.service.timers.items()}
        self._at_work: set[str] = set()

    async def run(self) -> None:
        """Looks twice a second. A kind that takes long holds up no other."""
        running = self._running
        while not running.stopping.is_set():
            rows = await running.pool.fetch(DUE_KINDS, list(self._timers), running.clock.now())
            for kind in {row["kind"] for row in rows} - self._at_work:
                self._at_work.add(kind)
                running.spawn(f"timer-{kind}", self._fire(kind))
            await running.pause(POLL_SECONDS)

    async def _fire(self, kind: str) -> None:
        """All that are due, batch after batch; what an outage left is due at the next look."""
        try:
            while not self._running.stopping.is_set() and await self._timers[kind].fire():
                pass
        except OUTAGES as error:
            log.warning("waiting for the database", kind=kind, error=kind_of(error))
        finally:
            self._at_work.discard(kind)


class Timers:
    """The timers of one kind."""

    def __init__(self, kind: str, handle: Fires, running: Running) -> None:
        self._kind = kind
        self._handle = handle
        self._running = running

    async def fire(self, most: int = BATCH) -> bool:
        """Fires what is due, False when nothing was. When a batch fails, each on its own: a bad one harms only itself,
        and rests."""
        due: list[Due] = []
        try:
            await self._fire_together(most, due)
        except OUTAGES:
            raise
        except Exception as error:
            if not due:
                raise
            if most > 1:
                for _ in due:
                    await self.fire(1)
            else:
                await self._postpone(due[0], error)
        return bool(due)

    async def _fire_together(self, most: int, due: list[Due]) -> None:
        """One transaction for what is due, which is put into `due` before it is handled."""
        running = self._running
        now = running.clock.now()
        async with running.pool.acquire() as connection, transaction(connection, EVERYWHERE):
            due += [self._due(row) for row in await connection.fetch(CLAIM, self._kind, now, most)]
            if not due:
                return
            # Before it is handled: what the handler sets anew is due again.
            await connection.execute(FIRED, self._kind, [each.key for each in due], now)
            said = await self._run(connection, due)
        TIMERS_FIRED.labels(self._kind).inc(len(due))
        if said:
            running.relay_wake.set()

    async def _postpone(self, due: Due, error: Exception) -> None:
        """In a transaction of its own, for the one in which it failed may not have been able to end well at all. Unless
        another instance has had it meanwhile."""
        log.warning("timer postponed", kind=self._kind, key=str(due.key), error=kind_of(error))
        again_at = self._running.clock.now() + _rest(due.attempts)
        await self._running.pool.execute(POSTPONE, self._kind, due.key, again_at, due.due_at, due.attempts)

    async def _run(self, connection: object, due: Sequence[Due]) -> bool:
        with continued(f"timer {self._kind}", [each.cause for each in due]) as causes:
            tx = Transaction(connection, self._running.clock.now(), self._running.actor, causes[0])  # type: ignore[arg-type]
            tx.causes = {each.key: cause for each, cause in zip(due, causes, strict=True)}
            async with bounded(HANDLER_SECONDS):
                await self._handle(due, tx)
            return await tx.flush(wake_relay=not self._running.has_relay)

    def _due(self, row: Record) -> Due:
        chain = uuid7()
        cause = Cause(self._running.actor.id, self._running.actor.region, chain, chain, row["traceparent"])
        return Due(row["key"], row["due_at"], row["attempts"], cause)


def _rest(attempts: int) -> timedelta:
    return timedelta(seconds=min(SLOWEST_RETRY_SECONDS, quarantine.delay_after(attempts + 1) or SLOWEST_RETRY_SECONDS))
