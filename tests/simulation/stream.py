"""A nats-server with one stream and one durable, as far as relay, reconciler and consumers can tell: it answers late or
not at all, refuses batches, forgets its tail, delivers again what was not acknowledged."""

import asyncio
from base64 import b64encode
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

from nats.aio.msg import Msg
from nats.errors import TimeoutError as NatsTimeout
from pydantic_core import from_json, to_json

from services.chassis.stream import NOT_FOUND
from tests.simulation.processes import Process
from tests.simulation.scheduler import World

BATCH_HOLDS_DUPLICATE: Final = 10_201
HEARTBEAT_SECONDS: Final = 2.0

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    seq: int
    id: str
    subject: str
    body: bytes


@dataclass(slots=True)
class Batch:
    messages: list[tuple[str, str, bytes]] = field(default_factory=list)


class Stream:
    """What is stored, and the message ids of the duplicate window."""

    def __init__(self, world: World, window: float = 3600.0) -> None:
        self.world, self.window = world, window
        self.messages: list[Stored] = []
        self._highest, self.starts = 0, 1
        self._known: dict[str, tuple[int, float]] = {}
        self._batches: dict[str, Batch] = {}
        self.durable: Durable | None = None

    def get(self, seq: int | None) -> dict[str, Any]:
        """The answer to STREAM.MSG.GET; by subject there is no event here that a relay could read."""
        found = next((each for each in self.messages if each.seq == seq), None)
        if found is None:
            return {"error": {"err_code": NOT_FOUND}}
        return {"message": {"hdrs": b64encode(f"NATS/1.0\r\nNats-Msg-Id: {found.id}\r\n\r\n".encode()).decode()}}

    def receive(self, subject: str, body: bytes, headers: Headers, wants_answer: bool) -> dict[str, Any] | None:
        """Stores one message, or takes one of a batch; the answer of JetStream, if it gives one."""
        id = headers.get("Nats-Msg-Id", "")
        if "Nats-Batch-Id" not in headers:
            seq = self._seq_of(id)
            if seq is not None:
                self.world.saw("duplicate dropped")
            return {"seq": seq or self._store(id, subject, body), "duplicate": seq is not None}
        batch = self._batches.setdefault(headers["Nats-Batch-Id"], Batch())
        batch.messages.append((id, subject, body))
        if "Nats-Batch-Commit" not in headers:
            return None
        assert len(batch.messages) == int(headers["Nats-Batch-Sequence"]), "a batch with a hole"
        if any(self._seq_of(each[0]) is not None for each in batch.messages):
            self.world.saw("batch refused")
            return {"error": {"err_code": BATCH_HOLDS_DUPLICATE}}
        return {"seq": [self._store(*each) for each in batch.messages][-1]}

    def _seq_of(self, id: str) -> int | None:
        seq, at = self._known.get(id, (0, 0.0))
        return seq if seq and self.world.loop.time() - at < self.window else None

    def _store(self, id: str, subject: str, body: bytes) -> int:
        seq = self.messages[-1].seq + 1 if self.messages else 1
        if seq <= self._highest:
            self.world.saw("sequence given again")
        self._highest = max(seq, self._highest)
        self.messages.append(Stored(seq, id, subject, body))
        if id:
            self._known[id] = (seq, self.world.loop.time())
        self.world.tell(f"stored {seq}: {id[-4:]}")
        if self.durable:
            self.durable.offer()
        return seq

    def lose_tail(self, count: int) -> None:
        """The server crashed before it wrote its last messages down; started again, it gives their sequences again."""
        self.world.saw("tail lost")
        self.starts += 1
        gone, self.messages = self.messages[-count:], self.messages[:-count]
        for each in gone:
            self._known.pop(each.id, None)


class Client:
    """One connection: what is sent arrives in order, some of it late; when the process dies, the rest never does."""

    def __init__(self, stream: Stream, process: Process) -> None:
        self.stream, self.process, self.world = stream, process, process.world
        self._on_its_way: deque[asyncio.TimerHandle] = deque()
        self._last_arrival = 0.0
        self._distance = self.world.dice.choice((0.002, 0.02, 0.2))
        self._inboxes: dict[str, asyncio.Queue[Msg]] = {}
        process.hold(self)

    def cut(self) -> None:
        """Some of what was on its way may have got through."""
        pending = [each for each in self._on_its_way if each.when() > self.world.loop.time()]
        for handle in pending[self.world.dice.randint(0, len(pending)) :]:
            handle.cancel()

    def _send(self, arrive: Callable[[], None]) -> None:
        delay = self.world.dice.uniform(6, 8) if self.world.strikes("server slow", 0.01) else 0.0
        now = self.world.loop.time()
        self._last_arrival = max(self._last_arrival + 1e-6, now + delay + self.world.dice.uniform(0, self._distance))
        while self._on_its_way and self._on_its_way[0].when() < now:
            self._on_its_way.popleft()
        self._on_its_way.append(self.world.loop.call_at(self._last_arrival, arrive))

    async def publish(self, subject: str, body: bytes = b"", reply: str = "", headers: Headers | None = None) -> None:
        await self.process.travel()
        if subject.startswith("$JS.API.CONSUMER.MSG.NEXT."):
            self._send(lambda: self._durable.pull(Pull.of(self, reply, body)))
        elif subject.startswith("$JS.ACK."):
            self._send(lambda: self._durable.respond(int(subject.split(".")[5]), body))
        else:
            self._send(lambda: self.stream.receive(subject, body, headers or {}, False) and None)

    @property
    def _durable(self) -> "Durable":
        assert self.stream.durable is not None
        return self.stream.durable

    def _store(self, subject: str, body: bytes, headers: Headers | None) -> dict[str, Any] | None:
        return self.stream.receive(subject, body, headers or {}, True)

    async def request(self, subject: str, body: bytes, timeout: float, headers: Headers | None = None) -> Any:
        await self.process.travel()
        answer: asyncio.Future[Any] = self.world.loop.create_future()

        def arrive() -> None:
            asks = subject.startswith("$JS.API.STREAM.MSG.GET.")
            said = self.stream.get(from_json(body).get("seq")) if asks else self._store(subject, body, headers)
            if said is not None and not self.world.strikes("answer lost", 0.02):
                message = SimpleNamespace(data=to_json(said))
                self.world.loop.call_later(self.world.dice.uniform(0, self._distance), _settle, answer, message)

        self._send(arrive)
        try:
            async with asyncio.timeout(timeout):
                message = await answer
        except TimeoutError:
            self.world.saw("publish timed out")
            raise NatsTimeout from None
        await self.process.travel()
        return message

    def new_inbox(self) -> str:
        return f"_INBOX.{len(self._inboxes)}"

    async def subscribe(self, inbox: str, cb: Callable[[Msg], Awaitable[None]], **_: Any) -> "Subscription":
        await self.process.travel()
        queue = self._inboxes[inbox] = asyncio.Queue()

        async def hear() -> None:
            while True:
                await cb(await queue.get())
                queue.task_done()

        return Subscription(self, inbox, queue, asyncio.create_task(hear()))

    def hand(self, inbox: str, message: Msg) -> bool:
        """Gives a message to whoever listens; False when nobody does."""
        listens = self.process.alive and inbox in self._inboxes
        if listens:
            self._inboxes[inbox].put_nowait(message)
        return listens

    def forget(self, inbox: str) -> None:
        self._inboxes.pop(inbox, None)

    @property
    def is_connected(self) -> bool:
        return self.process.alive

    @property
    def _server_info(self) -> dict[str, str]:
        return {"server_id": f"start {self.stream.starts}"}


def _settle(answer: asyncio.Future[Any], message: Any) -> None:
    if not answer.done():
        answer.set_result(message)


@dataclass(slots=True)
class Subscription:
    client: Client
    inbox: str
    queue: asyncio.Queue[Msg]
    task: asyncio.Task[None]

    async def unsubscribe(self) -> None:
        await self.client.process.travel()
        self.client.forget(self.inbox)
        self.task.cancel()

    async def drain(self) -> None:
        """Nothing new comes; what came is heard to its end."""
        await self.client.process.travel()
        self.client.forget(self.inbox)
        await self.queue.join()
        self.task.cancel()


@dataclass(slots=True)
class Pull:
    """A standing request for messages."""

    client: Client
    inbox: str
    left: int
    until: float

    @classmethod
    def of(cls, client: Client, inbox: str, body: bytes) -> "Pull":
        asked = from_json(body)
        return cls(client, inbox, asked["batch"], client.world.loop.time() + asked["expires"] / 1e9)

    def say(self, status: str) -> bool:
        return self.client.hand(self.inbox, Msg(None, "", "", b"", {"Status": status}))  # type: ignore[arg-type]


class Durable:
    """A consumer: every message is delivered until it is acknowledged or ended, again after a nak or `ack_wait`."""

    def __init__(self, stream: Stream, ack_wait: float) -> None:
        self._stream, self._world, self._ack_wait = stream, stream.world, ack_wait
        stream.durable = self
        self._next = 0
        self._again: deque[Stored] = deque()
        self._pulls: list[Pull] = []
        self._open: dict[int, tuple[Stored, asyncio.TimerHandle]] = {}
        self.deliveries: dict[int, int] = {}
        self.acknowledged: set[int] = set()
        self.ended: set[int] = set()

    @property
    def is_done(self) -> bool:
        return len(self.acknowledged | self.ended) == len(self._stream.messages)

    def pull(self, asked: Pull) -> None:
        self._pulls.append(asked)
        self._beat(asked)
        self.offer()

    def _beat(self, asked: Pull) -> None:
        """Heartbeats until the request is used up, expired, or nobody listens."""
        if asked in self._pulls:
            expired = self._world.loop.time() >= asked.until
            if asked.say("408" if expired else "100") and not expired:
                self._world.loop.call_later(HEARTBEAT_SECONDS, self._beat, asked)
            else:
                self._pulls.remove(asked)

    def offer(self) -> None:
        """Hands out what can be handed out; two instances get what the dice give them."""
        while self._pulls and (self._again or self._next < len(self._stream.messages)):
            pull = self._world.dice.choice(self._pulls)
            if self._again:
                message = self._again.popleft()
            else:
                message = self._stream.messages[self._next]
                self._next += 1
            self._deliver(message, pull)

    def _deliver(self, stored: Stored, pull: Pull) -> None:
        count = self.deliveries[stored.seq] = self.deliveries.get(stored.seq, 0) + 1
        if count > 1:
            self._world.saw("redelivered")
        reply = f"$JS.ACK.EVT.durable.{count}.{stored.seq}.{stored.seq}.0.0"
        if not pull.client.hand(pull.inbox, Msg(None, stored.subject, reply, stored.body)):  # type: ignore[arg-type]
            self._pulls.remove(pull)
        pull.left -= 1
        if pull.left == 0 and pull in self._pulls:
            self._pulls.remove(pull)
        later = self._world.loop.call_later(self._ack_wait, self._deliver_again, stored.seq)
        self._open[stored.seq] = (stored, later)

    def _deliver_again(self, seq: int) -> None:
        if seq in self._open:
            stored, later = self._open.pop(seq)
            later.cancel()
            self._again.append(stored)
            self.offer()

    def respond(self, seq: int, word: bytes) -> None:
        """Acknowledged, ended, or handed back for a while; a word about a message that is settled is ignored."""
        if seq not in self._open:
            return
        stored, later = self._open[seq]
        if word.startswith(b"-NAK"):
            delay = from_json(word[5:])["delay"] / 1e9 if len(word) > 5 else 0.0
            later.cancel()
            later = self._world.loop.call_later(delay, self._deliver_again, seq)
            self._open[seq] = (stored, later)
            return
        later.cancel()
        del self._open[seq]
        (self.acknowledged if word == b"+ACK" else self.ended).add(seq)
