"""A bus with its streams, and consumers of a test's own on it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

import nats
import pytest
from nats.aio.client import Client as Nats
from nats.js import JetStreamContext
from nats.js.api import DeliverPolicy
from uuid_utils.compat import uuid7

from contracts.catalogue import SERVICES
from contracts.envelope import CloudEvent, read, seal, subject_of
from contracts.message import Event
from contracts.registry.v1 import SiteClosed
from deploy.local.nats import EmbeddedNats
from deploy.nats.topology import Topology, apply, consumer_config, stream_config
from services.chassis import Service
from services.chassis.consumers import Consumer
from services.chassis.handlers import Hears
from services.chassis.running import Running
from tests.under_test import Servers, ServiceUnderTest

E = TypeVar("E", bound=Event)
REGION = "350503001001"
STREAMS = Topology([{"name": f"EVT_{name.upper()}", "subjects": [f"evt.{name}.>"]} for name in SERVICES], [])


@dataclass
class Bus:
    """Publishes as an owner's relay would."""

    nats: Nats
    jetstream: JetStreamContext

    async def publish(self, event: Event, version: int = 1, body: bytes | None = None, id: str | None = None) -> int:
        event_id = uuid7()
        sealed = seal(
            event, id=event_id, time=datetime.now(UTC), region=REGION, version=version, actor="service:registry",
            correlation=event_id, causation=event_id,
        )  # fmt: skip
        headers = {"Nats-Msg-Id": id or str(event_id)}
        content = sealed.encode() if body is None else body
        ack = await self.jetstream.publish(subject_of(type(event), REGION), content, headers=headers)
        return ack.seq


@pytest.fixture
async def bus(servers: Servers) -> AsyncIterator[Bus]:
    connection = await nats.connect(servers.nats_url)
    jetstream = connection.jetstream()
    await apply(jetstream, STREAMS)
    yield Bus(connection, jetstream)
    await connection.close()


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    """A server of the test's own, whose stream may be destroyed."""
    with EmbeddedNats(tmp_path_factory.mktemp("own-nats")) as server:
        yield server


@pytest.fixture
async def own_bus(own_server: EmbeddedNats) -> AsyncIterator[Bus]:
    connection = await nats.connect(own_server.url, reconnect_time_wait=0.05, max_reconnect_attempts=-1)
    jetstream = connection.jetstream()
    config = stream_config(STREAMS.streams[0], 1)
    config.deny_delete = config.deny_purge = False
    await jetstream.add_stream(config)
    yield Bus(connection, jetstream)
    await connection.close()


def sealed(event: E) -> CloudEvent[E]:
    """The first step of its aggregate, as a consumer reads it."""
    id = uuid7()
    body = seal(
        event, id=id, time=datetime.now(UTC), region=REGION, version=1, actor="service:registry",
        correlation=id, causation=id,
    )  # fmt: skip
    return read(type(event), body)


def site_closed() -> SiteClosed:
    return SiteClosed(site_id=uuid4())


@dataclass
class Listening:
    """A consumer of the test's own on the real bus, with a database of its own."""

    consumer: Consumer
    running: Running
    durable: str
    jetstream: JetStreamContext

    async def pending(self) -> int:
        info = await self.jetstream.consumer_info("EVT_REGISTRY", self.durable)
        return (info.num_pending or 0) + (info.num_ack_pending or 0)


async def listen(bus: Bus, place: ServiceUnderTest, handle: Hears, in_order: bool = False) -> Listening:
    """Starts a consumer that hears SiteClosed from now on."""
    service = Service("activities")
    durable = f"activities-test-{uuid4().hex[:8]}"
    if in_order:
        service.remembers(SiteClosed, durable=durable, tables=())(handle)
    else:
        service.reacts_to(SiteClosed, durable=durable)(handle)
    [hearing] = service.hearings
    config = consumer_config({"durable": durable, "filters": hearing.filters})
    config.deliver_policy = DeliverPolicy.NEW
    await bus.jetstream.add_consumer("EVT_REGISTRY", config)
    running = Running(service, place.running.settings, place.pool, bus.nats, place.clock)
    consumer = Consumer(hearing, running)
    running.start(durable, consumer.run)
    return Listening(consumer, running, durable, bus.jetstream)
