"""The stream may lie: what it lost, or mixed up, is found and sent again from the outbox (promise 7)."""

from deploy.local.nats import EmbeddedNats
from deploy.nats.topology import stream_config
from services.chassis.reconcile import EVERY_SECONDS, Reconciler, Row, to_repair
from services.chassis.relay import Relay
from services.chassis.running import Running
from services.chassis.stream import Stream
from tests.chassis.conftest import Bus
from tests.chassis.test_consumers import until
from tests.chassis.test_relay import ADD, NOW, SUBJECT, unpublished
from tests.under_test import ServiceUnderTest

REGISTRY = {"name": "EVT_REGISTRY", "subjects": ["evt.registry.>"]}


async def relay(bus: Bus, place: ServiceUnderTest, events: int = 0) -> Running:
    """So many events more are said; returns when the outbox is in the stream and the relay has stopped."""
    await place.pool.execute(ADD, events, SUBJECT, place.clock.now())
    running = Running(place.service, place.running.settings, place.pool, bus.nats, place.clock)
    running.start("relay", Relay(running).run)
    await until(lambda: _drained(place))
    await running.stop()
    return running


async def _drained(place: ServiceUnderTest) -> bool:
    return await unpublished(place) == 0


async def look(place: ServiceUnderTest, reconciler: Reconciler) -> int:
    """One look with all it brings about; how many events are to be sent again."""
    reconciler._looked_at = -EVERY_SECONDS
    async with place.pool.acquire() as connection:
        while await reconciler.step(connection):  # type: ignore[arg-type]
            pass
    return await unpublished(place)


async def stored_ids(bus: Bus) -> list[str]:
    """The ids of all that can be read, in the order of the stream."""
    last = (await bus.jetstream.stream_info("EVT_REGISTRY")).state.last_seq
    found = await Stream(bus.nats, "registry").ids_at(range(1, last + 1))
    return [found[seq] for seq in sorted(found)]


async def said_ids(place: ServiceUnderTest) -> list[str]:
    return [row[0] for row in await place.pool.fetch("SELECT event_id::text FROM outbox ORDER BY id")]


async def test_a_stream_that_holds_everything_is_left_alone(own_bus: Bus, registry: ServiceUnderTest) -> None:
    running = await relay(own_bus, registry, 40)

    assert await look(registry, Reconciler(running)) == 0
    assert await stored_ids(own_bus) == await said_ids(registry)


async def test_a_stream_made_anew_is_filled_again_in_order(own_bus: Bus, registry: ServiceUnderTest) -> None:
    running = await relay(own_bus, registry, 40)
    await own_bus.jetstream.delete_stream("EVT_REGISTRY")
    await own_bus.jetstream.add_stream(stream_config(REGISTRY, 1))

    assert await look(registry, Reconciler(running)) == 40
    await relay(own_bus, registry)

    assert await stored_ids(own_bus) == await said_ids(registry)


async def test_a_lost_tail_whose_numbers_were_given_again_is_found(own_bus: Bus, registry: ServiceUnderTest) -> None:
    running = await relay(own_bus, registry, 30)
    kept = await own_bus.jetstream.get_msg("EVT_REGISTRY", 1)
    await own_bus.jetstream.delete_stream("EVT_REGISTRY")
    await own_bus.jetstream.add_stream(stream_config(REGISTRY, 1))
    await own_bus.jetstream.publish(
        SUBJECT, kept.data or b"", headers={"Nats-Msg-Id": (kept.headers or {})["Nats-Msg-Id"]}
    )
    for number in range(29):
        await own_bus.jetstream.publish(SUBJECT, b"{}", headers={"Nats-Msg-Id": f"other-{number}"})

    assert await look(registry, Reconciler(running)) == 29


async def test_after_a_restart_one_unreadable_message_among_thousands_is_found(
    own_server: EmbeddedNats, own_bus: Bus, registry: ServiceUnderTest
) -> None:
    running = await relay(own_bus, registry, 2_000)
    reconciler = Reconciler(running)
    assert await look(registry, reconciler) == 0
    own_server.stop()
    [*_, block] = sorted(own_server.directory.glob("streams/**/msgs/*.blk"))
    content = bytearray(block.read_bytes())
    content[content.index((await said_ids(registry))[1000].encode())] ^= 1
    block.write_bytes(content)
    own_server.start()
    await until(lambda: _reconnected(own_bus))

    assert await look(registry, reconciler) == 1
    await relay(own_bus, registry)

    assert sorted(await stored_ids(own_bus)) == sorted(await said_ids(registry))


async def _reconnected(bus: Bus) -> bool:
    return bus.nats.is_connected and bus.nats.stats["reconnects"] > 0


async def test_a_rewind_is_found_although_the_newest_events_came_after_it(
    own_bus: Bus, registry: ServiceUnderTest
) -> None:
    """The newest event of the last look is looked at again: a cluster may lose its tail without a restart."""
    reconciler = Reconciler(await relay(own_bus, registry, 1))
    assert await look(registry, reconciler) == 0
    await own_bus.jetstream.delete_msg("EVT_REGISTRY", 1)
    await relay(own_bus, registry, 500)

    assert await look(registry, reconciler) == 1


async def test_the_same_life_of_a_stream_is_compared_once(own_bus: Bus, registry: ServiceUnderTest) -> None:
    running = await relay(own_bus, registry, 3)
    [before] = await registry.pool.fetch("SELECT * FROM stream_incarnation")
    registry.clock.move(seconds=60)

    assert await look(registry, Reconciler(running)) == 0
    assert await registry.pool.fetch("SELECT * FROM stream_incarnation") == [before]


def test_only_what_the_stream_lacks_is_sent_again() -> None:
    rows = [Row(number, NOW, event, 10 + number) for number, event in enumerate("abcd")]

    assert to_repair(rows, {10: "a", 11: "other", 13: "d"}) == rows[1:3]
