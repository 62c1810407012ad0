"""The stream may lie: what it lost, or mixed up, is found and sent again from the outbox (promise 7)."""

from collections.abc import AsyncIterator

import nats
import pytest

from deploy.local.nats import EmbeddedNats
from deploy.nats.topology import stream_config
from services.chassis.reconcile import Reconciler, Sample, to_repair
from services.chassis.relay import Relay
from services.chassis.running import Running
from tests.chassis.conftest import Bus
from tests.chassis.test_consumers import until
from tests.chassis.test_relay import ADD, SUBJECT, unpublished
from tests.under_test import ServiceUnderTest

REGISTRY = {"name": "EVT_REGISTRY", "subjects": ["evt.registry.>"]}


@pytest.fixture
async def own_bus(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bus]:
    """A server of the test's own, whose stream may be destroyed."""
    with EmbeddedNats(tmp_path_factory.mktemp("own-nats")) as server:
        connection = await nats.connect(server.url)
        jetstream = connection.jetstream()
        config = stream_config(REGISTRY, 1)
        config.deny_delete = config.deny_purge = False
        await jetstream.add_stream(config)
        yield Bus(connection, jetstream)
        await connection.close()


async def relayed(bus: Bus, place: ServiceUnderTest, events: int) -> Running:
    """A running relay whose outbox of so many events is in the stream."""
    await place.pool.execute(ADD, events, SUBJECT)
    await place.pool.execute("UPDATE outbox SET at = $1", place.clock.now())
    running = Running(place.service, place.running.settings, place.pool, bus.nats, place.clock)
    running.spawn("relay", running.keep("relay", Relay(running).run))
    await until(lambda: _drained(place))
    return running


async def _drained(place: ServiceUnderTest) -> bool:
    return await unpublished(place) == 0


async def check(place: ServiceUnderTest, running: Running) -> int:
    async with place.pool.acquire() as connection:
        return await Reconciler(running).check(connection)  # type: ignore[arg-type]


async def test_a_stream_that_holds_everything_is_left_alone(own_bus: Bus, registry: ServiceUnderTest) -> None:
    running = await relayed(own_bus, registry, 40)

    assert await check(registry, running) == 0
    await running.stop()


async def test_a_stream_made_anew_is_filled_again(own_bus: Bus, registry: ServiceUnderTest) -> None:
    running = await relayed(own_bus, registry, 40)
    await own_bus.jetstream.delete_stream("EVT_REGISTRY")
    await own_bus.jetstream.add_stream(stream_config(REGISTRY, 1))

    assert await check(registry, running) == 40
    await until(lambda: _drained(registry))
    assert (await own_bus.jetstream.stream_info("EVT_REGISTRY")).state.messages == 40
    await running.stop()


async def test_a_lost_tail_whose_numbers_were_given_again_is_found(own_bus: Bus, registry: ServiceUnderTest) -> None:
    running = await relayed(own_bus, registry, 30)
    kept = await own_bus.jetstream.get_msg("EVT_REGISTRY", 1)
    await own_bus.jetstream.delete_stream("EVT_REGISTRY")
    await own_bus.jetstream.add_stream(stream_config(REGISTRY, 1))
    await own_bus.jetstream.publish(
        SUBJECT, kept.data or b"", headers={"Nats-Msg-Id": (kept.headers or {})["Nats-Msg-Id"]}
    )
    for number in range(29):
        await own_bus.jetstream.publish(SUBJECT, b"{}", headers={"Nats-Msg-Id": f"other-{number}"})

    assert await check(registry, running) == 29
    await running.stop()


def test_only_what_the_stream_does_not_hold_in_its_place_is_sent_again() -> None:
    rows = [(1, Sample("a", 7)), (2, Sample("b", 8)), (3, Sample("c", 9)), (4, Sample("d", 10))]

    assert to_repair(rows, {7: "a", 8: "another", 10: "d"}) == [2, 3]
