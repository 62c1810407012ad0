"""A service while it runs: its connections, its tasks, and what its health is judged by."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final
from uuid import UUID

from nats.aio.client import Client as Nats
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import ConnectionClosedError, MaxPayloadError
from uuid_utils.compat import uuid7

from contracts import wire
from contracts.refusals import Refusal

from .access import Actor
from .bus import Trespasses
from .clock import Clock
from .database import OUTAGES, Pool
from .handlers import Ask, Looks, Service
from .leaving import drain
from .limits import bounded
from .logs import kind_of
from .pull import NEVER, StandingPull
from .settings import Settings
from .tally import Tally
from .telemetry import log
from .tokens import Signer, Verifier
from .transaction import Cause
from .watchdog import EXIT_CODE

DATABASE: Final = "postgresql"
RESTART_SECONDS: Final = 1.0
END_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 1.0
QUERY_SILENCE_SECONDS: Final = 4 * LOOK_SECONDS


class Running:
    """What handlers' surroundings share. Handlers themselves get a Transaction and nothing of this."""

    def __init__(
        self, service: Service, settings: Settings, pool: Pool, nats: Nats, clock: Clock | None = None
    ) -> None:
        self.service = service
        self.settings = settings
        self.pool = pool
        self.nats = nats
        self.trespasses = Trespasses()
        self.tally = Tally()
        self.clock = clock or Clock(settings.clock_offset_file)
        self.verifier = Verifier(settings.secrets_dir / "token-keys.json")
        self.signer = Signer(service.name, settings.secrets_dir)
        self.actor = Actor(f"service:{service.name}", frozenset({"service"}))
        self.stopping = asyncio.Event()
        self.relay_wake = asyncio.Event()
        self.timer_wake = asyncio.Event()
        self.suspecting = asyncio.Lock()
        self.has_relay = False
        self.has_gone_back = False
        self.audit_altered = False
        self._answered_at = dict.fromkeys((DATABASE, *service.leans), time.monotonic())
        self._pulls: dict[str, StandingPull] = {}
        self._subscriptions: list[Subscription] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_work = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def sabotaged(self, fault: str) -> bool:
        """True in a test run that switched this deliberate fault on (docs/saboteurs.md)."""
        return self.settings.sabotaged(fault)

    @property
    def ask(self) -> Ask:
        """Asks other services in this one's name."""
        from contracts.client import Client  # few services ask others, and each would load it

        return Client(self.nats, self.signer.service_token).ask

    def own_cause(self) -> Cause:
        """The cause of what the service does by itself."""
        chain: UUID = uuid7()
        return Cause(self.actor.id, self.actor.region, chain, chain)

    def watch(self, durable: str, pull: StandingPull) -> None:
        """Makes readiness depend on signs of life of a consumer."""
        self._pulls[durable] = pull

    def connected_again(self) -> None:
        """Everything that leans on the bus begins anew at once."""
        for pull in self._pulls.values():
            pull.ask_anew()
        self.relay_wake.set()

    def not_waiting(self) -> list[str]:
        """The durables that hear nothing now: lost at the server, or their loop stands still."""
        return [durable for durable, pull in self._pulls.items() if not pull.waiting]

    async def listen(self, subject: str, arrived: Callable[[Msg], Awaitable[None]]) -> None:
        """Takes this service's share of a command or query subject."""
        subscription = await self.nats.subscribe(
            subject, queue=self.service.name, cb=arrived, pending_msgs_limit=200_000, pending_bytes_limit=256 * 2**20
        )
        self._subscriptions.append(subscription)

    async def reply(self, to: str, answer: bytes) -> None:
        """Sends an answer, to an inbox and nowhere else: a caller may not have us say things for it. `_R_.` is what the
        server puts in the place of an inbox of another account: the doorkeeper's (decision 0011).

        One that the bus cannot carry becomes a refusal: asked in smaller parts it will be told.
        """
        if not to.startswith(("_INBOX", "_R_.")):
            log.error("an answer was wanted at no inbox", subject=to)
            return
        try:
            await self.nats.publish(to, answer)
        except MaxPayloadError:
            log.error("an answer is too large for the bus", bytes=len(answer))
            refusal = Refusal("message-too-large", limit=self.nats.max_payload)
            await self.nats.publish(to, wire.outcome_to_json(refusal))

    async def look_at_database(self) -> None:
        """So that readiness knows at once, also where a frozen server lets nobody go."""
        await self.look_at(DATABASE, lambda seconds: self.pool.fetchval("SELECT 1", timeout=seconds))

    async def look_at(self, name: str, asks: Looks) -> None:
        """Asks a trifle once a second of something that the service cannot work without."""
        while not self.stopping.is_set():
            try:
                await asks(LOOK_SECONDS)
            except Exception:
                self._answered_at[name] = NEVER
                raise
            self._answered_at[name] = time.monotonic()
            await self.pause(LOOK_SECONDS)

    def not_answering(self) -> list[str]:
        """What gave no answer in the last few seconds."""
        now = time.monotonic()
        return [name for name, at in self._answered_at.items() if now - at >= QUERY_SILENCE_SECONDS]

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Runs a task as long as the service."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("task ended", task=task.get_name(), error=kind_of(task.exception() or RuntimeError()))

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Runs a loop as long as the service, whatever it meets."""
        self.spawn(name, self.keep(name, work))

    async def keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Repeats a loop that failed, after a pause, until the service stops."""
        while not self.stopping.is_set():
            try:
                async with bounded():
                    await work()
            except OUTAGES as error:
                log.warning("waiting for a server", task=name, error=kind_of(error))
                await self.pause(RESTART_SECONDS)
            except ConnectionClosedError:
                self.end_if_closed()
                await self.pause(RESTART_SECONDS)
            except Exception as error:
                log.error("loop failed, starting again", task=name, error=kind_of(error))
                await self.pause(RESTART_SECONDS)

    def end_if_closed(self) -> None:
        """A client that gave NATS up for good would leave a dead process behind: end it, another is started."""
        if self.nats.is_closed and not self.stopping.is_set():
            log.error("nats connection closed for good, ending the process")
            os._exit(EXIT_CODE)

    async def pause(self, seconds: float) -> None:
        """Sleeps, but not longer than the service runs."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return

    def begin(self, count: int = 1) -> None:
        """Counts messages that were taken, so that a stop waits until they are answered."""
        self._at_work += count
        self._idle.clear()

    def end(self, count: int = 1) -> None:
        self._at_work -= count
        if self._at_work <= 0:
            self._idle.set()

    async def stop(self) -> None:
        """Takes no new work, finishes what was taken (at most half of `stop_seconds`), then ends every task and writes
        down what was refused."""
        self.stopping.set()
        await asyncio.gather(*map(drain, self._subscriptions))
        try:
            async with asyncio.timeout(self.settings.stop_seconds / 2):
                await self._idle.wait()
            calm = not self.not_answering()
        except TimeoutError:
            calm = False
            log.warning("stopping with work unfinished", messages=self._at_work)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:  # one that waits for a frozen server does not end; the process does
            await asyncio.wait(self._tasks, timeout=END_SECONDS)
        if calm:  # what the last commands were refused is counted by now
            await self._write_tally()

    async def _write_tally(self) -> None:
        try:
            async with asyncio.timeout(END_SECONDS):
                await self.tally.write(self, self.tally.take(all=True))
        except OUTAGES as error:
            log.warning("refusals of the last seconds are not written down", error=kind_of(error))
