"""Consumers on a real bus: once in effect, nothing vanishes, order where it matters, a poison message harms itself."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from nats.aio.msg import Msg

from contracts.envelope import CloudEvent, subject_of
from contracts.registry.v1 import SiteClosed
from services.chassis import Transaction
from services.chassis import quarantine as quarantine_module
from services.chassis.database import CLASHES
from tests.chassis.conftest import REGION, Bus, Listening, listen, sealed, site_closed
from tests.under_test import ServiceUnderTest


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < deadline, "did not come true in time"
        await asyncio.sleep(0.02)


class Notes:
    """A handler that writes down what it was given, and fails where it is told to."""

    def __init__(self) -> None:
        self.sites: list[UUID] = []
        self.versions: list[int] = []
        self.fail_on: dict[UUID, int] = {}

    async def __call__(self, events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
        for event in events:
            left = self.fail_on.get(event.aggregate_id, 0)
            if left:
                self.fail_on[event.aggregate_id] = left - 1
                raise LookupError("told to fail")
        self.sites += [event.aggregate_id for event in events]
        self.versions += [event.aggversion for event in events]


async def quarantined(place: ServiceUnderTest) -> list[Any]:
    return list(await place.admin.fetch("SELECT reason, attempts, body FROM quarantine ORDER BY id"))


async def drained(listening: Listening) -> bool:
    return await listening.pending() == 0


async def test_events_are_handled_and_acknowledged(bus: Bus, registry: ServiceUnderTest) -> None:
    notes = Notes()
    listening = await listen(bus, registry, notes)
    events = [site_closed() for _ in range(50)]
    for event in events:
        await bus.publish(event)

    await until(lambda: drained(listening))
    assert notes.sites == [event.site_id for event in events]
    await listening.running.stop()


async def test_a_lone_event_does_not_wait(bus: Bus, registry: ServiceUnderTest) -> None:
    notes = Notes()
    listening = await listen(bus, registry, notes)
    await bus.publish(site_closed())
    await until(lambda: drained(listening))

    start = time.monotonic()
    await bus.publish(site_closed())
    await until(lambda: _has(notes, 2))

    assert time.monotonic() - start < 1.0
    await listening.running.stop()


async def _has(notes: Notes, count: int) -> bool:
    return len(notes.sites) == count


async def test_an_event_that_comes_twice_has_one_effect(bus: Bus, registry: ServiceUnderTest) -> None:
    notes = Notes()
    listening = await listen(bus, registry, notes)
    event = site_closed()
    await bus.publish(event)
    await until(lambda: _has(notes, 1))
    [stored] = await registry.pool.fetch("SELECT event_id FROM inbox")
    raw = await bus.jetstream.get_last_msg("EVT_REGISTRY", "evt.registry.site.closed.v1.3505.03.001.001")
    await bus.publish(event, body=raw.data, id="the same event under another message id")

    await until(lambda: drained(listening))
    assert len(notes.sites) == 1
    assert str(stored["event_id"]) in (raw.data or b"").decode()
    await listening.running.stop()


async def test_an_event_that_fails_once_is_tried_again(bus: Bus, registry: ServiceUnderTest) -> None:
    notes, good, bad = Notes(), site_closed(), site_closed()
    notes.fail_on[bad.site_id] = 2
    listening = await listen(bus, registry, notes)
    await bus.publish(bad)
    await bus.publish(good)

    await until(lambda: drained(listening))
    assert sorted(notes.sites) == sorted([good.site_id, bad.site_id])
    assert await quarantined(registry) == []
    await listening.running.stop()


async def test_an_event_that_always_fails_is_quarantined_with_its_bytes(
    bus: Bus, registry: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine_module, "DELAYS", (0.05, 0.05))
    notes, bad, good = Notes(), site_closed(), site_closed()
    notes.fail_on[bad.site_id] = 1000
    listening = await listen(bus, registry, notes)
    await bus.publish(bad)
    await bus.publish(good)

    await until(lambda: drained(listening))
    [row] = await quarantined(registry)
    assert notes.sites == [good.site_id]
    assert row["attempts"] == 3
    assert "LookupError" in row["reason"]
    assert str(bad.site_id) in row["body"].decode()
    await listening.running.stop()


@pytest.mark.parametrize("body", [b"{", b"\xff\x00", b"[]", b'{"id":"7"}', b"x" * 60_000])
async def test_what_cannot_be_read_is_quarantined_at_once(bus: Bus, registry: ServiceUnderTest, body: bytes) -> None:
    notes, good = Notes(), site_closed()
    listening = await listen(bus, registry, notes)
    await bus.publish(site_closed(), body=body)
    await bus.publish(good)

    await until(lambda: drained(listening))
    [row] = await quarantined(registry)
    assert (row["body"], row["attempts"]) == (body, 1)
    assert notes.sites == [good.site_id]
    await listening.running.stop()


async def test_a_statement_that_cannot_be_sent_is_the_fault_of_its_message_and_no_outage(
    bus: Bus, registry: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine_module, "DELAYS", (0.01,))
    bad, good, done = site_closed(), site_closed(), []

    async def count(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
        for event in events:
            await tx.value("SELECT $1::int", *([1, 2] if event.aggregate_id == bad.site_id else [1]))
        done.extend(event.aggregate_id for event in events)

    listening = await listen(bus, registry, count)
    await bus.publish(bad)
    await bus.publish(good)

    await until(lambda: drained(listening))
    [row] = await quarantined(registry)
    assert (row["reason"].split()[0], done) == ("Misused", [good.site_id])
    await listening.running.stop()


async def test_a_message_of_a_stream_made_anew_is_quarantined_beside_the_one_that_had_its_number(
    registry: ServiceUnderTest,
) -> None:
    bodies = [b"of the old stream", b"of the new stream", b"of the new stream"]
    reply = "$JS.ACK.EVT_REGISTRY.activities-test.1.7.7.0.0"
    messages = [Msg(registry.running.nats, "evt.registry.site.closed.v1", reply, body) for body in bodies]

    stored = [
        await quarantine_module.put(registry.pool, "activities-test", message, "unreadable", 1, registry.clock.now())
        for message in messages
    ]

    assert stored == [True, True, False]
    assert [row["body"] for row in await quarantined(registry)] == bodies[:2]


async def test_no_header_hinders_that_a_message_is_quarantined(bus: Bus, registry: ServiceUnderTest) -> None:
    listening = await listen(bus, registry, Notes())
    headers = {"Odd": "a\0b"}
    await bus.jetstream.publish(subject_of(SiteClosed, REGION), b"no event", headers=headers)

    async def buried() -> bool:  # a server that has stored it may not count it as pending yet
        return bool(await quarantined(registry))

    await until(buried)
    await until(lambda: drained(listening))
    assert [row["body"] for row in await quarantined(registry)] == [b"no event"]
    await listening.running.stop()


async def test_the_gate_holds_a_version_that_came_too_early(bus: Bus, registry: ServiceUnderTest) -> None:
    notes, site = Notes(), site_closed()
    listening = await listen(bus, registry, notes, in_order=True)
    for version in (3, 1, 2, 2):
        await bus.publish(site, version=version)

    await until(lambda: drained(listening))
    assert notes.versions == [1, 2, 3]
    await listening.running.stop()


async def test_rivals_that_begin_an_aggregate_at_once_apply_it_once(bus: Bus, registry: ServiceUnderTest) -> None:
    async def leave_a_trace(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
        for _ in events:
            await tx.execute("INSERT INTO timer (kind, key, due_at) VALUES ('trace', gen_random_uuid(), 'infinity')")

    listening = await listen(bus, registry, leave_a_trace, in_order=True)
    await listening.running.stop()
    event = sealed(site_closed())

    rivals = [listening.consumer.apply([event]) for _ in range(4)]
    outcomes = await asyncio.gather(*rivals, return_exceptions=True)
    again = await listening.consumer.apply([event])

    assert again == []
    assert all(outcome == [] or isinstance(outcome, CLASHES) for outcome in outcomes)
    assert await registry.pool.fetchval("SELECT count(*) FROM timer WHERE kind = 'trace'") == 1


async def test_a_consumer_that_was_deleted_and_made_again_is_heard_again(bus: Bus, registry: ServiceUnderTest) -> None:
    notes = Notes()
    listening = await listen(bus, registry, notes)
    await bus.publish(site_closed())
    await until(lambda: _has(notes, 1))
    config = (await bus.jetstream.consumer_info("EVT_REGISTRY", listening.durable)).config
    await bus.jetstream.delete_consumer("EVT_REGISTRY", listening.durable)
    await asyncio.sleep(0.5)

    await bus.jetstream.add_consumer("EVT_REGISTRY", config)
    await bus.publish(site_closed())

    await until(lambda: _has(notes, 2), seconds=12)
    await listening.running.stop()


async def test_a_stop_hands_back_what_was_not_begun(bus: Bus, registry: ServiceUnderTest) -> None:
    started = asyncio.Event()

    async def slow(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
        started.set()
        await asyncio.sleep(0.5)

    listening = await listen(bus, registry, slow)
    await bus.publish(site_closed())
    await started.wait()
    for _ in range(20):
        await bus.publish(site_closed())
    await listening.running.stop()
    await listening.consumer.hand_back()
    await bus.nats.flush()

    notes = Notes()
    hearing = listening.consumer._hearing
    from dataclasses import replace

    from services.chassis.consumers import Consumer
    from services.chassis.running import Running

    successor = Running(listening.running.service, registry.running.settings, registry.pool, bus.nats, registry.clock)
    consumer = Consumer(replace(hearing, react=notes), successor)
    successor.start("successor", consumer.run)

    await until(lambda: _has(notes, 20), seconds=3)
    await successor.stop()
