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
from .scope import EVERYWHERE, savepoint, transaction
from .telemetry import TIMERS_FIRED, continued, log
from .transaction import Cause, Transaction

CLAIM: Final = """
SELECT key, due_at, attempts, traceparent FROM timer
WHERE kind = $1 AND due_at <= $2 AND fired_at IS NULL ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
"""
DUE_KINDS: Final = """
SELECT kind FROM unnest($1::text[]) AS kind
WHERE EXISTS (SELECT FROM timer WHERE timer.kind = kind AND due_at <= $2 AND fired_at IS NULL)
"""
FIRED: Final = "UPDATE timer SET fired_at = $3 WHERE kind = $1 AND key = ANY ($2::uuid[])"
FAILED: Final = "UPDATE timer SET attempts = attempts + 1, due_at = $3 WHERE kind = $1 AND key = $2"
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
        """Fires what is due; False when nothing was."""
        try:
            return await self._fire_batch(most)
        except OUTAGES:
            raise
        except Exception as error:
            if most > 1:
                return await self.fire(1)
            log.error("timer failed", kind=self._kind, error=kind_of(error))
            return True

    async def _fire_batch(self, most: int) -> bool:
        running = self._running
        now = running.clock.now()
        failed: tuple[Due, Exception] | None = None
        async with running.pool.acquire() as connection, transaction(connection, EVERYWHERE):
            rows = await connection.fetch(CLAIM, self._kind, now, most)
            if not rows:
                return False
            due = [self._due(row) for row in rows]
            try:
                async with savepoint(connection):
                    # Before it is handled: what the handler sets anew is due again.
                    await connection.execute(FIRED, self._kind, [each.key for each in due], now)
                    said = await self._run(connection, due)
            except OUTAGES:
                raise
            except Exception as error:
                if most > 1:
                    raise
                failed = due[0], error
                said = False
                await connection.execute(FAILED, self._kind, due[0].key, now + _rest(due[0].attempts))
        if failed:
            log.warning("timer postponed", kind=self._kind, key=str(failed[0].key), error=kind_of(failed[1]))
        else:
            TIMERS_FIRED.labels(self._kind).inc(len(rows))
        if said:
            running.relay_wake.set()
        return True

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
