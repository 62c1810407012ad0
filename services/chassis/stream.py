"""What the stream really holds, read by message ids: its life, single messages, whole ranges."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from nats.aio.client import Client as Nats
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError
from pydantic_core import from_json

from .quarantine import delivery_of

ID: Final = "Nats-Msg-Id"
FETCH: Final = 1000
FETCH_SECONDS: Final = 2.0
READER_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a stream: it ends when the stream is made anew or restored, or its server starts again."""

    created: datetime
    server: str
    last_seq: int
    keeps: timedelta


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as the stream holds it."""

    event_id: UUID
    aggregate: str
    aggregate_id: UUID
    version: int
    epoch: int


class Stream:
    """The stream of one service. Everything raises TimeoutError while the server is away."""

    def __init__(self, nats: Nats, name: str) -> None:
        self.name = name
        self._nats = nats
        self._jetstream: JetStreamContext = nats.jetstream(timeout=5)

    async def life(self) -> Life:
        """The life the stream is in. Raises NotFoundError when there is no stream."""
        info = await self._jetstream.stream_info(self.name)
        server = str(self._nats._server_info["server_id"])  # nats-py tells it nowhere else
        keeps = timedelta(seconds=info.config.max_age or 0) or timedelta(days=36_500)
        if info.created is None:
            raise NotFoundError
        return Life(info.created, server, info.state.last_seq, keeps)

    async def id_at(self, seq: int) -> str | None:
        """The message id at a sequence, None where nothing can be read."""
        try:
            message = await self._jetstream.get_msg(self.name, seq)
        except NotFoundError:
            return None
        return str((message.headers or {}).get(ID, ""))

    async def event_at(self, seq: int) -> Stored | None:
        """The event at a sequence, None where nothing can be read, or what is there is no event."""
        try:
            message = await self._jetstream.get_msg(self.name, seq)
            event, aggregate = from_json(message.data or b""), (message.subject or "").split(".")[2]
            ids = UUID(event["id"]), UUID(event["subject"])
            return Stored(ids[0], aggregate, ids[1], int(event["aggversion"]), int(event.get("epoch", 1)))
        except (NotFoundError, ValueError, KeyError, TypeError, IndexError):
            return None

    async def ids_between(self, first: int, last: int) -> dict[int, str]:
        """The message ids of the sequences from `first` to `last`, both included, read by headers alone."""
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=first,
            ack_policy=AckPolicy.NONE,
            headers_only=True,
            mem_storage=True,
            inactive_threshold=READER_SECONDS,
        )
        subscription = await self._jetstream.pull_subscribe("", stream=self.name, config=config)
        found: dict[int, str] = {}
        try:
            left = min((await subscription.consumer_info()).num_pending or 0, last - first + 1)
            while left > 0:
                batch = await subscription.fetch(min(left, FETCH), timeout=FETCH_SECONDS)
                left -= len(batch)
                found |= {delivery_of(message)[1]: (message.headers or {}).get(ID, "") for message in batch}
        except NatsTimeout:
            await subscription.consumer_info()  # raises when the server is away; else the rest cannot be read
        finally:
            await subscription.unsubscribe()
        return found
