"""Chains the rows of the audit log and anchors the head outside the database (docs/decisions/0014).

Whoever writes a row waits for nobody: one process a service chains what was committed, some moments later. Before it
anchors a new head it looks whether the log still holds the last one; if not, it says so and anchors nothing on top,
until a person has looked (`./linli audit verify`, `./linli restored`).
"""

import time
from base64 import b64decode
from datetime import UTC, datetime
from typing import Final

from nats.errors import Error as NatsError

from .audit import Anchor, anchor_keys, read_anchor
from .database import Pooled
from .logs import kind_of
from .relay import ACK_SECONDS, NotStored, confirmed
from .running import Running
from .scope import EVERYWHERE, transaction
from .stream import ANCHOR_STREAM, NotAnswered, anchor_subject, get_message
from .telemetry import AUDIT_ALTERED, AUDIT_ANCHORED, AUDIT_SEALED, log

SEAL: Final = "SELECT seal_audit($1)"
HEAD: Final = "SELECT seq, hash FROM audit_head"
LINK_AT: Final = """
SELECT hash FROM audit WHERE seq = $1 UNION ALL SELECT hash FROM audit_stub WHERE seq = $1 LIMIT 1
"""
FIRST_KEPT: Final = "SELECT min(seq) FROM audit_stub"
BATCH: Final = 500
EVERY_SECONDS: Final = 1.0
AWAY: Final = (NatsError, TimeoutError, NotStored, NotAnswered)


class Sealer:
    """Runs in every instance; the one that has the relay's turn works."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._moved = False
        self._anchors_next = self._looks_next = 0.0

    async def run(self) -> None:
        """Until the service stops. A database that was restored unannounced is sealed, and not anchored."""
        running = self._running
        while not running.stopping.is_set():
            if running.has_relay:
                async with running.pool.acquire() as database:
                    await self.seal(database)
                    if not running.has_gone_back and self._is_time():
                        await self._try_to_anchor(database)
            await running.pause(EVERY_SECONDS)

    async def seal(self, database: Pooled) -> None:
        """Chains everything that was committed."""
        sealed = BATCH
        while sealed == BATCH:
            sealed = await database.fetchval(SEAL, BATCH)
            self._moved = self._moved or sealed > 0
            AUDIT_SEALED.inc(sealed)

    def _is_time(self) -> bool:
        """A row after a quiet time is anchored at once; else once a period, when also the last anchor is looked at."""
        now = time.monotonic()
        return now >= self._looks_next or (self._moved and now >= self._anchors_next)

    async def _try_to_anchor(self, database: Pooled) -> None:
        period = self._running.settings.audit_anchor_seconds
        self._looks_next = time.monotonic() + period
        if self._moved:
            self._anchors_next = self._looks_next
        try:
            await self.anchor(database)
            self._moved = False
        except AWAY as error:
            log.warning("the audit log could not be anchored", error=kind_of(error))

    async def anchor(self, database: Pooled) -> None:
        """Anchors the head if it has moved, and if the log still holds what was anchored last.

        Raises one of AWAY when the bus does not answer, or has no stream of anchors.
        """
        running = self._running
        head = await database.fetchrow(HEAD)
        last = await self._last()
        running.audit_altered = last is not None and not await self._holds(database, last)
        AUDIT_ALTERED.set(running.audit_altered)
        if running.audit_altered and last is not None:
            log.error("the audit log was altered: run ./linli audit verify", service=last.service, row=last.seq)
            return
        if head is None or (last is not None and last.seq == head["seq"]) or running.sabotaged("no-anchor"):
            return
        await self._publish(Anchor(running.service.name, head["seq"], head["hash"], datetime.now(UTC)))

    async def _publish(self, anchor: Anchor) -> None:
        subject, text = anchor_subject(anchor.service), anchor.sign(self._running.signer)
        answer = await self._running.nats.request(subject, text.encode(), timeout=ACK_SECONDS)
        confirmed(answer.data)
        AUDIT_ANCHORED.set(anchor.seq)

    async def _last(self) -> Anchor | None:
        """What was anchored last. None where nothing was, or what is there is no anchor."""
        name = self._running.service.name
        message = await get_message(self._running.nats, ANCHOR_STREAM, last_by_subj=anchor_subject(name))
        try:
            keys = anchor_keys(self._running.settings.secrets_dir)
            return read_anchor(b64decode(message["data"]).decode(), keys) if message else None
        except ValueError:
            log.error("what was anchored last cannot be read", service=name)
            return None

    async def _holds(self, database: Pooled, anchor: Anchor) -> bool:
        """Whether the row of an anchor is there as it was; one that was kept long enough may be gone."""
        if anchor.seq == 0:  # of a restore that left nothing
            return True
        async with transaction(database, EVERYWHERE, read_only=True):
            found = await database.fetchval(LINK_AT, anchor.seq)
            first = await database.fetchval(FIRST_KEPT)
        return found == anchor.hash if found is not None else first is not None and anchor.seq < first
