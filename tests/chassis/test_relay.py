"""The relay on a real bus: nothing lost, nothing twice, order kept, one at a time."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from services.chassis import relay
from services.chassis.relay import NotStored, Publisher, Relay, Row
from services.chassis.running import Running
from tests.chassis.conftest import Bus
from tests.chassis.test_consumers import until
from tests.under_test import ServiceUnderTest

NOW = datetime.now(UTC)
SUBJECT = "evt.registry.site.closed.v1.3505.03.001.001"
ADD = """
INSERT INTO outbox (event_id, subject, type, aggregate, aggregate_id, version, body, at)
SELECT gen_random_uuid(), $2, 'linli.registry.site.closed.v1', 'site', gen_random_uuid(), 1, '{}',
       coalesce($3::timestamptz, now())
FROM generate_series(1, $1)
"""


def row(event_id: str | None = None) -> Row:
    return Row(0, event_id or str(uuid4()), SUBJECT, b"{}", NOW)


def running_on(bus: Bus, place: ServiceUnderTest) -> Running:
    return Running(place.service, place.running.settings, place.pool, bus.nats)


async def unpublished(place: ServiceUnderTest) -> int:
    return int(await place.pool.fetchval("SELECT count(*) FROM outbox WHERE stream_seq IS NULL"))


async def test_a_window_gets_the_sequences_the_stream_gave(bus: Bus) -> None:
    rows = [row() for _ in range(5)]

    sequences = await Publisher(bus.nats).store(rows)

    for sequence, sent in zip(sequences, rows, strict=True):
        stored = await bus.jetstream.get_msg("EVT_REGISTRY", sequence)
        assert (stored.headers or {})["Nats-Msg-Id"] == sent.event_id


async def test_rows_that_were_stored_before_a_crash_are_not_stored_twice(bus: Bus) -> None:
    rows = [row() for _ in range(6)]
    before = await Publisher(bus.nats).store(rows[:3])

    after = await Publisher(bus.nats).store(rows)

    assert after[:3] == before
    assert len(set(after)) == 6
    info = await bus.jetstream.stream_info("EVT_REGISTRY")
    assert info.state.last_seq == max(after)


async def test_a_subject_without_a_stream_is_an_error_not_silence(bus: Bus) -> None:
    with pytest.raises((NotStored, Exception), match=r".*"):
        await Publisher(bus.nats).store([Row(0, str(uuid7()), "evt.nowhere.thing.happened.v1", b"{}", NOW)])


async def test_what_was_said_reaches_the_stream_in_order(bus: Bus, registry: ServiceUnderTest) -> None:
    await registry.pool.execute(ADD, 1200, SUBJECT, None)
    running = running_on(bus, registry)
    running.start("relay", Relay(running).run)

    await until(lambda: _none_left(registry))
    rows = await registry.pool.fetch("SELECT stream_seq FROM outbox ORDER BY id")
    sequences = [found["stream_seq"] for found in rows]
    assert sequences == sorted(set(sequences))
    await running.stop()


async def _none_left(place: ServiceUnderTest) -> bool:
    return await unpublished(place) == 0


async def test_two_instances_share_one_turn(bus: Bus, registry: ServiceUnderTest) -> None:
    first, second = running_on(bus, registry), running_on(bus, registry)
    for running in (first, second):
        running.start("relay", Relay(running).run)
    await asyncio.sleep(0.5)
    assert [first.has_relay, second.has_relay].count(True) == 1
    holder, other = (first, second) if first.has_relay else (second, first)

    await holder.stop()
    await registry.pool.execute(ADD, 1, SUBJECT, None)

    await until(lambda: _none_left(registry))
    assert other.has_relay
    await other.stop()


async def test_a_relay_that_stands_still_loses_its_turn_to_another(
    bus: Bus, registry: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SESSION", relay.SESSION.replace("30s", "250ms"))
    monkeypatch.setattr(relay, "TURN_SECONDS", 0.02)
    monkeypatch.setattr(relay, "POLL_SECONDS", 0.02)
    first, second = running_on(bus, registry), running_on(bus, registry)
    standing = Relay(first)
    stands = asyncio.Event()

    async def stand_still() -> None:
        stands.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(standing, "_rest", stand_still)
    first.start("relay", standing.run)
    await stands.wait()
    await registry.pool.execute(ADD, 1, SUBJECT, None)

    second.start("relay", Relay(second).run)

    await until(lambda: _none_left(registry))
    assert second.has_relay
    await asyncio.gather(first.stop(), second.stop())


async def test_an_event_said_by_a_command_is_in_the_stream_soon(bus: Bus, registry: ServiceUnderTest) -> None:
    running = registry.running
    running.nats = bus.nats
    running.start("relay", Relay(running).run)
    await registry.pool.execute(ADD, 1, SUBJECT, None)

    await until(lambda: _none_left(registry), seconds=2)
    await running.stop()
