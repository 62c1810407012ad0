"""Streams and consumers as data: made from contracts and handlers, kept in topology.json, applied by the migrator.

`python -m deploy.nats.topology` writes the file, `--check` fails when it is stale.
"""

import importlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from deploy.postgres.provision import SERVICES
from services.chassis.limits import ACK_WAIT_SECONDS
from services.chassis.stream import ANCHOR_STREAM

if TYPE_CHECKING:
    from services.chassis import Service

FILE: Final = Path(__file__).with_name("topology.json")
STREAM_DAYS: Final = 35
STREAM_BYTES: Final = 2 * 2**30
ANCHORS: Final = {"name": ANCHOR_STREAM, "subjects": ["anchor.*"], "days": 1158}
"""Heads of the audit logs, kept a month longer than the rows they vouch for."""
DUPLICATE_SECONDS: Final = 3600
MAX_ACK_PENDING: Final = 5000


@dataclass(frozen=True, slots=True)
class Topology:
    """What JetStream must hold."""

    streams: list[dict[str, Any]]
    consumers: list[dict[str, Any]]

    @property
    def event_streams(self) -> list[str]:
        """The names of the streams that hold events."""
        return [each["name"] for each in self.streams if each["name"] != ANCHOR_STREAM]

    def to_json(self) -> str:
        return json.dumps({"streams": self.streams, "consumers": self.consumers}, indent=2, ensure_ascii=False) + "\n"


def service_of(name: str) -> "Service":
    """The service's table of contents, with all its handlers registered."""
    importlib.import_module(f"services.{name}.app")
    service: Service = getattr(importlib.import_module(f"services.{name}"), name)
    return service


def declared() -> Topology:
    """The topology that contracts and handlers ask for."""
    streams: list[dict[str, Any]] = [
        {"name": f"EVT_{name.upper()}", "subjects": [f"evt.{name}.>"]} for name in SERVICES
    ]
    streams.append(ANCHORS)
    consumers = [
        {
            "service": name,
            "durable": hearing.durable,
            "stream": hearing.stream,
            "filters": hearing.filters,
            "events": sorted(event.__name__ for event in hearing.events),
        }
        for name in SERVICES
        for hearing in sorted(service_of(name).hearings, key=lambda each: each.durable)
    ]
    return Topology(streams, consumers)


def kept() -> Topology:
    """The topology of the committed file."""
    raw = json.loads(FILE.read_text("utf-8"))
    return Topology(raw["streams"], raw["consumers"])


def stream_config(stream: dict[str, Any], replicas: int) -> StreamConfig:
    """Every setting that touches retention is set on purpose (reliability.md section 14): full means refuse."""
    return StreamConfig(
        name=stream["name"],
        subjects=stream["subjects"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_age=stream.get("days", STREAM_DAYS) * 86_400,
        max_bytes=STREAM_BYTES,
        max_msg_size=65_536,
        duplicate_window=DUPLICATE_SECONDS,
        num_replicas=replicas,
        deny_delete=True,
        deny_purge=True,
        allow_atomic=True,
        allow_direct=True,
    )


def consumer_config(consumer: dict[str, Any]) -> ConsumerConfig:
    """The application alone decides when a message is given up: the server delivers without end."""
    return ConsumerConfig(
        durable_name=consumer["durable"],
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_SECONDS,
        max_deliver=-1,
        max_ack_pending=MAX_ACK_PENDING,
        max_waiting=64,
        filter_subjects=consumer["filters"],
    )


async def apply(jetstream: JetStreamContext, topology: Topology, replicas: int = 1) -> None:
    """Creates or updates streams and consumers. Nothing is ever deleted here."""
    for stream in topology.streams:
        config = stream_config(stream, replicas)
        try:
            await jetstream.stream_info(stream["name"])
            await jetstream.update_stream(config)
        except NotFoundError:
            await jetstream.add_stream(config)
    for consumer in topology.consumers:
        await jetstream.add_consumer(consumer["stream"], consumer_config(consumer))


def main() -> int:
    """Writes the file; with --check only compares."""
    text = declared().to_json()
    if "--check" in sys.argv:
        stale = not FILE.exists() or FILE.read_text("utf-8") != text
        if stale:
            print("deploy/nats/topology.json is stale: run `python -m deploy.nats.topology`", file=sys.stderr)
        return int(stale)
    FILE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
