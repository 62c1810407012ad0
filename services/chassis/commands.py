"""Serves commands: takes what waits, decides it in one transaction, answers after commit, and answers repeats alike."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from asyncpg import LockNotAvailableError, UniqueViolationError
from nats.aio.msg import Msg
from uuid_utils.compat import uuid7

from contracts import wire
from contracts.refusals import Refusal, Refused

from .database import CLASHES, HELD_UP, OUTAGES, Pooled
from .handlers import Asked, Decider, Prepares
from .intake import Call, Intake, Slot
from .limits import HANDLER_SECONDS, TooSlow, bounded
from .logs import kind_of
from .running import Running
from .scope import scope_of, transaction
from .telemetry import COMMAND_SECONDS, COMMANDS, continued, log, timed
from .transaction import Outcomes, Transaction

FIND_OUTCOMES: Final = "SELECT command_id, fingerprint, outcome FROM command_log WHERE command_id = ANY ($1::uuid[])"
AWAY: Final = (*OUTAGES, TooSlow)


class CommandServer:
    """The standing workers of one command."""

    def __init__(self, decider: Decider, running: Running) -> None:
        self._decider = decider
        self._running = running
        self._name = decider.command.contract.name
        self._subject = decider.command.contract.subject
        self._seconds = COMMAND_SECONDS.labels(self._name)
        self._answered = COMMANDS.labels(self._name, "answered")
        self.intake = Intake(decider.command, running.verifier, running.tally)
        self._queue: deque[Msg] = deque()
        self._wake = asyncio.Event()

    async def start(self) -> None:
        """Takes this instance's share of the subject."""
        for number in range(self._decider.at_once):
            self._running.start(f"{self._name}-{number}", self._work)
        await self._running.listen(self._subject, self._arrived)

    async def _arrived(self, message: Msg) -> None:
        self._running.begin()
        if self._running.sabotaged("log-body"):
            log.info("a command came", body=message.data.decode(errors="replace"))
        self._queue.append(message)
        self._wake.set()

    async def _work(self) -> None:
        while True:
            while not self._queue:
                self._wake.clear()
                await self._wake.wait()
            calls = self._take()
            try:
                await self.serve(calls)
                for call in calls:
                    if call.reply_to:
                        await self._running.reply(call.reply_to, call.body)
            finally:
                self._running.end(len(calls))

    def _take(self) -> list[Call]:
        """All that waits, up to the size of a batch; never waits for more."""
        calls: list[Call] = []
        size = 0
        while self._queue and size < self._decider.batch:
            calls.append(self.intake.open(self._queue.popleft()))
            size += len(calls[-1].slots)
        return calls

    async def serve(self, calls: list[Call]) -> None:
        """Fills in the answer of every command of the calls; never raises for what a command did."""
        slots = [slot for call in calls for slot in call.slots if slot.asked is not None]
        size = self._decider.batch
        with timed(self._seconds):
            if self._decider.first is not None:
                slots = [slot for slot in slots if await self._prepare(slot, self._decider.first)]
            for group in by_scope(slots):
                for start in range(0, len(group), size):
                    await self._decide(group[start : start + size])
        self._answered.inc(len(slots))
        for slot in slots:
            if slot.asked is not None and isinstance(slot.asked.outcome, Refusal):
                self._running.tally.note_refusal(slot.asked.actor, slot.asked.outcome, slot.asked.data)

    async def _prepare(self, slot: Slot, first: Prepares) -> bool:
        """Fetches what the decision needs; False when it is refused instead, which is kept nowhere: ask again."""
        if slot.asked is None:
            return False
        try:
            slot.asked.prepared = await first(slot.asked.data, self._running.ask)
        except Exception as error:
            self._give_up([slot], error.refusal if isinstance(error, Refused) else self._refusal_of(error), error)
            return False
        return True

    async def _decide(self, slots: list[Slot]) -> None:
        """One transaction for all. When that fails, each on its own: a bad one harms only itself."""
        try:
            await self._decide_with_retries(slots)
        except Exception as error:
            if len(slots) == 1 or isinstance(error, AWAY):
                self._give_up(slots, self._refusal_of(error), error)
                return
            for slot in slots:
                await self._decide([slot])

    def _refusal_of(self, error: Exception) -> Refusal:
        """What is told of an error; an id that nobody in the asker's scope can see may be taken all the same."""
        if isinstance(error, (*AWAY, *HELD_UP)):
            return Refusal("unavailable", service=self._running.service.name)
        if isinstance(error, UniqueViolationError) and (error.constraint_name or "").endswith("_pkey"):
            return Refusal("id-taken")
        return Refusal("internal-error", incident=str(uuid7()))

    def _give_up(self, slots: list[Slot], refusal: Refusal, error: BaseException) -> None:
        log.error("command failed", command=self._name, count=len(slots), error=kind_of(error), **refusal.params)
        COMMANDS.labels(self._name, refusal.code).inc(len(slots))
        for slot in slots:
            slot.refuse(refusal)

    async def _decide_with_retries(self, slots: list[Slot]) -> None:
        for pause in (0.005, 0.02, 0.08, None):
            try:
                await self._decide_once(slots)
                return
            except CLASHES as clash:
                if pause is None or isinstance(clash, LockNotAvailableError):  # which was waited for long enough
                    raise
                await asyncio.sleep(pause)

    async def _decide_once(self, slots: list[Slot]) -> None:
        """Repeats get the answer they got before; the others are decided, and their answers kept, in one commit."""
        asked = [slot.asked for slot in slots if slot.asked is not None]
        with continued(f"decide {self._subject}", [each.cause for each in asked]) as causes:
            for each, cause in zip(asked, causes, strict=True):
                each.cause = cause
            async with self._running.pool.acquire() as connection:
                try:
                    async with transaction(connection, scope_of(asked[0].actor)):
                        said = await self._decide_fresh(connection, slots)
                except Refused as refused:
                    await self._keep_refusal(connection, slots, refused.refusal)
                    return
        if said:
            self._running.relay_wake.set()

    async def _decide_fresh(self, connection: Pooled, slots: list[Slot]) -> bool:
        fresh, repeats = await self._part(connection, slots)
        if not fresh:
            return False
        now = self._running.clock.now()
        asked: Sequence[Asked[Any]] = [slot.asked for slot in fresh.values() if slot.asked is not None]
        for each in asked:
            each.outcome = None
        tx = Transaction(connection, now, asked[0].actor, asked[0].cause, self._running.tally)
        async with bounded(HANDLER_SECONDS):
            await self._decider.handle(asked, tx)
        for slot in fresh.values():
            if slot.asked is None or slot.asked.outcome is None:
                raise RuntimeError(f"{self._name} left a command without an answer")
            slot.answer = wire.outcome_to_json(slot.asked.outcome)
        said = await tx.flush(not self._running.has_relay, _outcomes(fresh))
        for slot in repeats:
            self._repeat(slot, fresh)
        return said

    async def _part(self, connection: Pooled, slots: list[Slot]) -> tuple[dict[UUID, Slot], list[Slot]]:
        """Parts the batch into commands to decide, by id, and repeats of those inside this very batch."""
        ids = [slot.asked.id for slot in slots if slot.asked is not None]
        known = {row["command_id"]: row for row in await connection.fetch(FIND_OUTCOMES, ids)}
        fresh: dict[UUID, Slot] = {}
        repeats: list[Slot] = []
        for slot, id in zip(slots, ids, strict=True):
            if id in known:
                same = known[id]["fingerprint"] == slot.fingerprint
                slot.answer = known[id]["outcome"] if same else wire.outcome_to_json(Refusal("command-id-reused"))
            elif id in fresh:
                repeats.append(slot)
            else:
                fresh[id] = slot
        return fresh, repeats

    def _repeat(self, slot: Slot, fresh: dict[UUID, Slot]) -> None:
        first = fresh[slot.asked.id] if slot.asked else slot
        if first.fingerprint == slot.fingerprint:
            slot.answer = first.answer
        else:
            slot.refuse(Refusal("command-id-reused"))

    async def _keep_refusal(self, connection: Pooled, slots: list[Slot], refusal: Refusal) -> None:
        """A lone command was refused by an exception: its work is undone, its answer is kept like any other."""
        if len(slots) > 1:
            raise RuntimeError(f"{self._name} refused a whole batch with {refusal.code}")
        slots[0].refuse(refusal)
        [asked] = [slot.asked for slot in slots if slot.asked is not None]
        asked.outcome = refusal
        tx = Transaction(connection, self._running.clock.now(), asked.actor, asked.cause)
        await tx.flush(wake_relay=False, outcomes=_outcomes({asked.id: slots[0]}))


def _outcomes(decided: dict[UUID, Slot]) -> Outcomes:
    slots = decided.values()
    return list(decided), [slot.fingerprint for slot in slots], [slot.kept for slot in slots]


def by_scope(slots: Sequence[Slot]) -> Iterable[list[Slot]]:
    """The commands of each scope, in order of arrival: a transaction has one."""
    groups: dict[str, list[Slot]] = {}
    for slot in slots:
        if slot.asked is not None:
            groups.setdefault(scope_of(slot.asked.actor), []).append(slot)
    return groups.values()
