"""One message, one transaction: what a handler loads and saves, and what it says, commit together or not at all."""

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from asyncpg import Record
from uuid_utils import uuid7

from contracts.audit import AuditAction
from contracts.envelope import seal, subject_of
from contracts.message import Event
from contracts.refusals import Refused
from contracts.region import NOWHERE, covers, is_code

from .access import Actor
from .database import Connection, Pooled
from .scope import EVERYWHERE, NOTHING, scope_of, set_to

if TYPE_CHECKING:
    from .tally import Tally

# Sealed in epoch 1; after a restore the database stamps its own epoch (docs/decisions/0007).
ADD_TO_OUTBOX: Final = """
INSERT INTO outbox (event_id, subject, type, aggregate, aggregate_id, version, body, at)
SELECT id, subject, type, aggregate, aggregate_id, version,
       CASE restored.epoch WHEN 1 THEN body ELSE stamped(body, restored.epoch) END, $8::timestamptz
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::int[], $7::text[])
         AS said (id, subject, type, aggregate, aggregate_id, version, body),
     (SELECT coalesce(max(epoch), 1) AS epoch FROM epoch) AS restored
"""
# One statement, for each costs a round trip. Sorted, so that two batches with the same commands never wait crosswise.
ADD_OUTCOMES: Final = f"""
WITH said AS ({ADD_TO_OUTBOX})
INSERT INTO command_log (command_id, fingerprint, outcome, at)
SELECT id, print, said, $8::timestamptz
FROM unnest($9::uuid[], $10::bytea[], $11::bytea[]) AS decided (id, print, said) ORDER BY id
"""
WAKE_RELAY: Final = "SELECT pg_notify('outbox', '')"
SET_TIMERS: Final = """
INSERT INTO timer (kind, key, due_at, traceparent)
SELECT * FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::text[])
ON CONFLICT (kind, key) DO UPDATE
SET due_at = EXCLUDED.due_at, fired_at = NULL, attempts = 0, traceparent = EXCLUDED.traceparent
"""
ADD_AUDIT: Final = """
INSERT INTO audit (at, action, actor, about, thing, region, reason, cause)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::uuid[])
"""
ACTOR: Final = re.compile(r"[0-9A-Za-z:._-]{1,80}")
DROP_TIMERS: Final = "DELETE FROM timer WHERE kind = $1 AND key = ANY ($2::uuid[]) AND fired_at IS NULL"

Outcomes = tuple[list[UUID], list[bytes], list[bytes]]
"""What commands were answered, column by column: their ids, fingerprints and answers."""


def written_actor(id: str) -> str:
    """An actor's id as the audit log has room for; one that somebody made up by hand may be anything."""
    return id if ACTOR.fullmatch(id) else "unnamed"


class Cause(NamedTuple):
    """Why something is said: who acted and where she may, which message caused it, in which chain and trace."""

    actor: str
    scope: str
    correlation: UUID
    causation: UUID
    traceparent: str | None = None


async def _whole(text: str) -> AsyncIterator[bytes]:
    """A source of COPY; plain bytes would be taken for the name of a file."""
    yield text.encode()


class Transaction:
    """The open transaction of one batch of messages.

    `now` is the moment of the decision (UTC), `actor` who asked (for events and timers: the service itself).
    Rows travel as asyncpg records; nothing here commits.
    """

    __slots__ = ("_audited", "_connection", "_mute", "_said", "_tally", "_timers", "actor", "cause", "causes", "now")

    def __init__(
        self,
        connection: Connection | Pooled,
        now: datetime,
        actor: Actor,
        cause: Cause,
        tally: "Tally | None" = None,
    ) -> None:
        self._connection = connection
        self._tally = tally
        self._audited: list[tuple[str, str, UUID | None, UUID | None, str, str, UUID]] = []
        self._said: list[tuple[str, str, str, str, UUID, int, str]] = []
        self._timers: dict[tuple[str, UUID], tuple[datetime, str | None]] = {}
        self._mute = False
        self.now = now
        self.actor = actor
        self.cause = cause
        self.causes: dict[UUID, Cause] = {}

    def because_of(self, id: UUID) -> Cause:
        """The cause of what is said in answer to one event of a batch, by the event's id."""
        return self.causes.get(id, self.cause)

    @contextmanager
    def saying_nothing(self) -> Iterator[None]:
        """While a read model remembers: built anew from the archive it must not have an effect twice (promise 8)."""
        self._mute = True
        try:
            yield
        finally:
            self._mute = False

    def _must_not_be_mute(self) -> None:
        if self._mute:
            raise RuntimeError("a read model says nothing and sets no timer: let `then` of its durable do that")

    async def fetch(self, sql: str, *values: Any) -> list[Record]:
        """All rows of a statement."""
        return await self._connection.fetch(sql, *values)

    async def find(self, sql: str, *values: Any) -> Record | None:
        """The first row or None."""
        return await self._connection.fetchrow(sql, *values)

    async def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row or None."""
        return await self._connection.fetchval(sql, *values)

    async def execute(self, sql: str, *values: Any) -> int:
        """Runs a statement and returns how many rows it touched."""
        status = await self._connection.execute(sql, *values)
        return int(status.rpartition(" ")[2]) if status[-1].isdigit() else 0

    @asynccontextmanager
    async def everywhere(self) -> AsyncIterator[None]:
        """Lifts the actor's scope for what a rule must know of every region (one person is not in two places at
        once), or what is bound to its asker by a secret. Where this may be done is listed in tests/access.

        What fails inside undoes the transaction, and its scope with it.
        """
        own = scope_of(self.actor)
        if own != EVERYWHERE:
            await self._connection.execute(set_to(EVERYWHERE))
        yield
        if own != EVERYWHERE:
            await self._connection.execute(set_to(own))

    async def copy(self, table: str, columns: Sequence[str], text: str) -> None:
        """Loads many rows by COPY: fields parted by TAB, an empty one NULL, each line ended, and escaped with `\\`."""
        await self._connection.copy_to_table(table, source=_whole(text), columns=list(columns), null="")

    def say(self, event: Event, *, region: str, version: int, cause: Cause | None = None) -> None:
        """States a fact: it leaves by the outbox after commit, or never.

        `version` counts the aggregate's events from 1, taken under its row lock; each event takes the next one.
        Raises Refused("not-permitted") when the actor does not act in `region`: the second net under every rule.
        """
        self._must_not_be_mute()
        why = cause or self.cause
        if not covers(why.scope, region):
            raise Refused("not-permitted", permission="scope", region=region, functions="-")
        contract = type(event).contract
        id = str(uuid7())
        body = seal(
            event,
            id=id,
            time=self.now,
            region=region,
            version=version,
            actor=why.actor,
            correlation=why.correlation,
            causation=why.causation,
            traceparent=why.traceparent,
        )
        aggregate_id: UUID = getattr(event, contract.aggregate_field)
        subject = subject_of(type(event), region)
        self._said.append((id, subject, contract.type, contract.aggregate, aggregate_id, version, body))

    @asynccontextmanager
    async def saving(self, saves: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
        """Saves and says at once: while PostgreSQL writes what `saves` sent, the block states the facts, and awaits
        nothing. For hot batches: 500 sign-ups hold their session a tenth shorter. Raises what `saves` raises.
        """
        writing = asyncio.ensure_future(saves)
        try:
            for _ in range(2):  # in one round of the event loop the statement begins, at the end of it it is sent
                await asyncio.sleep(0)
            yield
        except BaseException:  # all will be undone: the connection must be at rest for that, also when we are cancelled
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            raise
        await writing

    def set_timer(self, kind: str, key: UUID, due_at: datetime, cause: Cause | None = None) -> None:
        """Sets, or moves, the timer `kind` of `key`: `when_due(kind)` handles it once in effect after `due_at`."""
        self._must_not_be_mute()
        self._timers[kind, key] = due_at, (cause or self.cause).traceparent

    async def audit(
        self,
        action: AuditAction,
        *,
        about: UUID | Iterable[UUID] | None = None,
        thing: UUID | None = None,
        region: str = NOWHERE,
        reason: str = "",
        cause: Cause | None = None,
    ) -> None:
        """Writes down who did this, in this very transaction, last thing before commit: both happen or neither does
        (promise 12).

        `about` are the persons whose record it was, a row for each; `thing` is the case, unit, session or key;
        `region` where that lies, and so which auditors read it; `reason` a code, never free text. In a batch give the
        `cause` of each command. A query needs `answers(…, audited=True)`.
        """
        self._must_not_be_mute()
        why = cause or self.cause
        people = [about] if about is None or isinstance(about, UUID) else list(about)
        actor, region = written_actor(why.actor), region if is_code(region) else NOWHERE
        self._audited += [(action.value, actor, person, thing, region, reason, why.causation) for person in people]

    async def flush_audit(self) -> None:
        """Writes the rows of the audit log at once; also of somebody who acts nowhere and may write nothing else."""
        if not self._audited:
            return
        columns = [list(column) for column in zip(*self._audited, strict=True)]
        own = scope_of(self.actor)
        if own == NOTHING:
            await self._connection.execute(set_to(EVERYWHERE))
        await self._connection.execute(ADD_AUDIT, self.now, *columns)
        if own == NOTHING:
            await self._connection.execute(set_to(own))
        self._audited.clear()

    def count(self, action: AuditAction, reason: str, cause: Cause | None = None) -> None:
        """For the audit log as well, but for what anybody may repeat at will: counted, and written some seconds later
        whatever becomes of this transaction."""
        if self._tally is not None:
            self._tally.note(action, (cause or self.cause).actor, reason=reason)

    async def drop_timers(self, kind: str, keys: Sequence[UUID]) -> None:
        """Takes back timers that have not fired."""
        await self.execute(DROP_TIMERS, kind, list(keys))

    async def flush(self, wake_relay: bool, outcomes: Outcomes | None = None) -> bool:
        """Writes what was said, the timers and the answers, last thing before commit. True when the relay has work."""
        await self.flush_audit()
        if self._timers:
            timers = [(*key, *due) for key, due in self._timers.items()]
            await self._connection.execute(SET_TIMERS, *map(list, zip(*timers, strict=True)))
        said = [list(column) for column in zip(*self._said, strict=True)] or [[]] * 7
        if outcomes is not None:
            await self._connection.execute(ADD_OUTCOMES, *said, self.now, *outcomes)
        elif self._said:
            await self._connection.execute(ADD_TO_OUTBOX, *said, self.now)
        if self._said and wake_relay:
            await self._connection.execute(WAKE_RELAY)
        return bool(self._said)
