"""Keeps streams and consumers standing: what was lost under the running house is declared again (decision 0009).

`python -m deploy.nats.standing`. Environment: LINLI_NATS_URL and LINLI_NATS_SEED_FILE, a key of its own;
LINLI_NATS_REPLICAS in a cluster.
"""

import asyncio
import os
from typing import Final

import nats
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from deploy.nats import topology
from deploy.nats.topology import Topology
from services.chassis.bus import tls_of
from services.chassis.logs import kind_of, log, set_up_logs
from services.chassis.settings import Settings

LOOK_SECONDS: Final = 2.0


async def find_lost(jetstream: JetStreamContext, declared: Topology) -> Topology:
    """The part of the declared topology that the server does not have; one question a stream."""
    lost = Topology([], [])
    for stream in declared.streams:
        try:
            there = {info.name for info in await jetstream.consumers_info(stream["name"])}
        except NotFoundError:
            there = set()
            lost.streams.append(stream)
        mine = [each for each in declared.consumers if each["stream"] == stream["name"]]
        lost.consumers.extend(each for each in mine if each["durable"] not in there)
    return lost


async def put_back(jetstream: JetStreamContext, replicas: int) -> None:
    """Declares what is lost. Consumers begin at the stream's first message again and leave out what they had."""
    lost = await find_lost(jetstream, topology.kept())
    if lost.streams or lost.consumers:
        log.error(
            "declaring again what was lost",
            streams=[each["name"] for each in lost.streams],
            consumers=[each["durable"] for each in lost.consumers],
        )
        await topology.apply(jetstream, lost, replicas)


async def stand(settings: Settings, replicas: int) -> None:
    """Looks every LOOK_SECONDS, without end."""
    connection = await nats.connect(
        settings.nats_url,
        name="topology",
        nkeys_seed=str(settings.nats_seed_file) if settings.nats_seed_file else None,
        tls=tls_of(settings),
        inbox_prefix="_INBOX_topology",
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        ping_interval=5,
        error_cb=_told,
    )
    jetstream = connection.jetstream(timeout=5)
    while True:
        try:
            await put_back(jetstream, replicas)
        except (NatsError, APIError, OSError) as error:
            await _told(error)
        await asyncio.sleep(LOOK_SECONDS)


async def _told(error: Exception) -> None:
    log.warning("waiting for NATS", error=kind_of(error))


if __name__ == "__main__":
    set_up_logs("topology", "topology", "INFO")
    asyncio.run(stand(Settings(), int(os.environ.get("LINLI_NATS_REPLICAS", "1"))))
