"""Answers queries: each in a transaction of its own, read-only unless it is audited, a bounded number at a time."""

import asyncio
from typing import Any, Final

from nats.aio.msg import Msg
from uuid_utils.compat import uuid7

from contracts import wire
from contracts.message import Part, Query
from contracts.refusals import Refusal, Refused

from .access import Actor, decide
from .database import OUTAGES
from .errors import invalid
from .handlers import Answers
from .logs import kind_of
from .running import Running
from .scope import scope_of, transaction
from .telemetry import QUERIES, log, timed
from .tokens import bearer
from .transaction import Cause, Transaction

AT_ONCE: Final = 8
SECONDS: Final = 10


class QueryServer:
    """Answers one query."""

    def __init__(self, query: type[Query[Any]], handle: Answers, running: Running) -> None:
        self._query = query
        self._handle = handle
        self._running = running
        self._contract = query.contract
        self._seconds = QUERIES.labels(self._contract.name)
        self._audited = query in running.service.audited
        self._completes = running.service.completed.get(query)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def start(self) -> None:
        await self._running.listen(self._contract.subject, self._arrived)

    async def _arrived(self, message: Msg) -> None:
        self._running.begin()
        self._running.spawn(self._contract.name, self._serve(message))

    async def _serve(self, message: Msg) -> None:
        try:
            outcome = await self.answer_or_refuse(message)
            if message.reply:
                await self._running.reply(message.reply, wire.outcome_to_json(outcome))
        finally:
            self._running.end()

    async def answer_or_refuse(self, message: Msg) -> Part | Refusal:
        """The outcome of one query message; never raises. Who waited long for room is sent away: nobody waits for the
        answer any more, and the next would wait behind it."""
        try:
            async with asyncio.timeout(SECONDS), self._room:
                with timed(self._seconds):
                    return await self._answer(message)
        except Refused as refused:
            return refused.refusal
        except OUTAGES as error:
            log.error("query failed", query=self._contract.name, error=kind_of(error))
            return Refusal("unavailable", service=self._running.service.name)
        except Exception as error:
            incident = str(uuid7())
            log.error("query failed", query=self._contract.name, incident=incident, error=kind_of(error))
            return Refusal("internal-error", incident=incident)

    async def _answer(self, message: Msg) -> Part | Refusal:
        headers = message.headers or {}
        actor = self._running.verifier.actor(bearer(headers.get(wire.AUTHORIZATION)))
        denied = decide(actor, self._contract.permission)
        if denied is not None:
            self._running.tally.note_refusal(actor, denied, None)
            return denied
        try:
            query = self._query.model_validate_json(message.data)
        except (ValueError, ArithmeticError) as error:  # of a handler it would be ours
            return invalid(error)
        try:
            outcome = await self._decide(query, actor)
        except Refused as refused:
            outcome = refused.refusal
        if isinstance(outcome, Refusal):
            self._running.tally.note_refusal(actor, outcome, query)
        return outcome

    async def _decide(self, query: Query[Any], actor: Actor) -> Part | Refusal:
        """The outcome, in a transaction of its own."""
        scope: str | None = getattr(query, "region", None)
        if scope is not None and self._contract.permission != "public":
            denied = decide(actor, self._contract.permission, scope)
            if denied is not None:
                return denied
        id = uuid7()
        cause = Cause(actor.id, actor.region, id, id)
        async with (
            self._running.pool.acquire() as connection,
            transaction(connection, scope_of(actor), read_only=not self._audited),
        ):
            tx = Transaction(connection, self._running.clock.now(), actor, cause, self._running.tally)
            outcome = await self._handle(query, tx)
            await tx.flush_audit()
        if self._completes is None or isinstance(outcome, Refusal):
            return outcome
        return await self._completes(outcome, self._running.ask)
