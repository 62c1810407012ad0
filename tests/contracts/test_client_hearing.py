"""Hearing events through a real JetStream: order, region, positions, and every way to lose the server."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from nats.aio.client import Client as Connection

from contracts import envelope
from contracts.activities.v1 import ProgrammeCreated, SessionCancelled
from contracts.client import Client, reader
from contracts.client.hearing import Heard, PositionLost, RawEvent, UnreadableEvent
from contracts.message import Event
from contracts.registry.v1 import CentreOpened
from deploy.local.nats import EmbeddedNats
from tests.contracts.conftest import add_empty_stream

T = TypeVar("T")
CITY, STREET = "350500000000", "350503001000"


def programme(number: int) -> ProgrammeCreated:
    return ProgrammeCreated(programme_id=UUID(int=number), name=f"蓝色成长课堂 {number}", unit_id=uuid4())


def centre(number: int) -> CentreOpened:
    return CentreOpened(centre_id=UUID(int=number), name="邻里中心", unit_id=uuid4())


def cancelled(number: int) -> SessionCancelled:
    now = datetime.now(UTC)
    return SessionCancelled(
        session_id=UUID(int=number), unit_id=uuid4(), title="四点半课堂", starts_at=now, reason="台风"
    )


async def say(bus: Connection, *facts: Event, region: str = CITY) -> None:
    jetstream = bus.jetstream(timeout=10)
    for fact in facts:
        body = envelope.seal(
            fact,
            id=uuid4(),
            time=datetime.now(UTC),
            region=region,
            version=1,
            actor="system",
            correlation=uuid4(),
            causation=uuid4(),
        )
        await jetstream.publish(envelope.subject_of(type(fact), region), body.encode())


async def take(events: AsyncIterator[T], count: int, seconds: float = 10) -> list[T]:
    async with asyncio.timeout(seconds):
        return [await anext(events) for _ in range(count)]


def numbers(heard: list[Heard[ProgrammeCreated]]) -> list[int]:
    return [each.event.data.programme_id.int for each in heard]


async def began(events: AsyncGenerator[T, None]) -> asyncio.Task[T]:
    """Begins to hear what comes from now on."""
    first = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0.3)
    return first


async def test_all_events_are_heard_in_order_from_the_beginning(client: Client, bus: Connection) -> None:
    await say(bus, *(programme(number) for number in range(1, 1201)))

    async with aclosing(client.hear(ProgrammeCreated, since="all")) as events:
        heard = await take(events, 1200)

    assert numbers(heard) == list(range(1, 1201))
    assert heard[0].event.data.name == "蓝色成长课堂 1"
    assert heard[-1].position == "activities:1200"


async def test_new_events_alone_are_heard_by_default(client: Client, bus: Connection) -> None:
    await say(bus, programme(1))

    async with aclosing(client.hear(ProgrammeCreated)) as events:
        first = await began(events)
        await say(bus, programme(2))

        assert (await asyncio.wait_for(first, 5)).event.data.programme_id.int == 2


async def test_a_position_goes_on_with_the_next_event(client: Client, bus: Connection) -> None:
    await say(bus, *(programme(number) for number in range(1, 6)))
    async with aclosing(client.hear(ProgrammeCreated, since="all")) as events:
        third = (await take(events, 3))[-1]

    async with aclosing(client.hear(ProgrammeCreated, since=third.position)) as events:
        assert numbers(await take(events, 2)) == [4, 5]


async def test_a_region_hears_its_subtree_alone(client: Client, bus: Connection) -> None:
    await say(bus, programme(1), region=STREET)
    await say(bus, programme(2), region="350504001000")
    await say(bus, programme(3), region="350503001007")

    async with aclosing(client.hear(ProgrammeCreated, region="350503001", since="all")) as events:
        assert numbers(await take(events, 2)) == [1, 3]


async def test_events_of_several_services_are_merged(client: Client, bus: Connection) -> None:
    await say(bus, programme(1), centre(2), cancelled(3), centre(4))

    kinds: tuple[type[Event], ...] = (ProgrammeCreated, CentreOpened, SessionCancelled)
    async with aclosing(client.hear(*kinds, since="all")) as events:
        heard = await take(events, 4)

    assert {each.event.type.split(".")[1] for each in heard} == {"activities", "registry"}
    assert heard[-1].position == "activities:2,registry:2"


async def test_a_restart_of_the_server_neither_repeats_nor_skips(
    client: Client, bus: Connection, server: EmbeddedNats
) -> None:
    async with aclosing(client.hear(ProgrammeCreated, since="all")) as events:
        await say(bus, *(programme(number) for number in range(1, 4)))
        heard = await take(events, 3)
        waiting = asyncio.ensure_future(take(events, 3, seconds=25))

        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        await say(bus, *(programme(number) for number in range(4, 7)))
        heard += await waiting

    assert numbers(heard) == [1, 2, 3, 4, 5, 6]


async def test_a_consumer_that_is_deleted_is_made_anew(client: Client, bus: Connection) -> None:
    jetstream = bus.jetstream()
    async with aclosing(client.hear(ProgrammeCreated, since="all")) as events:
        await say(bus, programme(1))
        heard = await take(events, 1)
        second = asyncio.ensure_future(take(events, 1))
        await asyncio.sleep(0.2)
        [consumer] = await jetstream.consumers_info("EVT_ACTIVITIES")
        await jetstream.delete_consumer("EVT_ACTIVITIES", consumer.name)
        await say(bus, programme(2))
        heard += await second

    assert numbers(heard) == [1, 2]


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that end soon, short patience, and a server that forgets soon."""
    monkeypatch.setattr(reader, "PULL_SECONDS", 0.6)
    monkeypatch.setattr(reader, "HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr(reader, "SILENCE_SECONDS", 1.0)
    monkeypatch.setattr(reader, "FORGET_SECONDS", 1.0)


async def test_silence_of_any_length_is_waited_through(client: Client, bus: Connection, brief: None) -> None:
    async with aclosing(client.hear(ProgrammeCreated, since="all")) as events:
        first = await began(events)
        await asyncio.sleep(1.5)
        await say(bus, programme(1))

        assert (await asyncio.wait_for(first, 5)).event.data.programme_id.int == 1
        assert len(await bus.jetstream().consumers_info("EVT_ACTIVITIES")) == 1


async def test_a_listener_that_rests_goes_on_where_it_was(client: Client, bus: Connection, brief: None) -> None:
    await say(bus, programme(1))
    async with aclosing(client.hear(ProgrammeCreated, since="all")) as events:
        heard = await take(events, 1)
        async with asyncio.timeout(10):
            while await bus.jetstream().consumers_info("EVT_ACTIVITIES"):
                await asyncio.sleep(0.2)
        await say(bus, programme(2), programme(3))

        assert numbers(heard + await take(events, 2)) == [1, 2, 3]


async def test_a_listener_of_rare_events_does_not_lose_its_position_to_age(
    client: Client, bus: Connection, brief: None
) -> None:
    jetstream = bus.jetstream()
    await say(bus, cancelled(1))
    async with aclosing(client.hear(SessionCancelled, since="all")) as events:
        await take(events, 1)
        next_one = asyncio.ensure_future(take(events, 1))
        await say(bus, *(programme(number) for number in range(10)))
        await asyncio.sleep(0.8)
        await jetstream.purge_stream("EVT_ACTIVITIES")
        for consumer in await jetstream.consumers_info("EVT_ACTIVITIES"):
            await jetstream.delete_consumer("EVT_ACTIVITIES", consumer.name)
        await say(bus, cancelled(2))

        [heard] = await next_one
        assert heard.event.data.session_id.int == 2


async def test_nor_does_whoever_comes_back_by_a_position_of_another_service(
    client: Client, bus: Connection, brief: None
) -> None:
    """Registry says nothing that she hears, and all that it says meanwhile is kept no longer when she comes back."""
    kinds: tuple[type[Event], ...] = (ProgrammeCreated, CentreOpened)
    await say(bus, centre(0))
    async with aclosing(client.hear(*kinds, region=STREET)) as events:
        first = await began(events)
        await say(bus, *(centre(number) for number in range(1, 20)))
        await asyncio.sleep(0.6)
        await say(bus, programme(1), region=STREET)
        position = (await asyncio.wait_for(first, 5)).position
    await bus.jetstream().purge_stream("EVT_REGISTRY")
    await say(bus, centre(20), programme(2), region=STREET)

    async with aclosing(client.hear(*kinds, region=STREET, since=position)) as events:
        heard = await take(events, 2)

    assert {each.event.type for each in heard} == {kind.contract.type for kind in kinds}


async def test_a_frozen_server_is_left_and_found_again(
    client: Client, bus: Connection, server: EmbeddedNats, brief: None
) -> None:
    await say(bus, programme(1))
    async with aclosing(client.hear(ProgrammeCreated, since="all")) as events:
        heard = await take(events, 1)
        second = asyncio.ensure_future(take(events, 1, seconds=25))
        os.kill(server.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(reader.SILENCE_SECONDS + 1)
        finally:
            os.kill(server.pid, signal.SIGCONT)
        await say(bus, programme(2))

        assert numbers(heard + await second) == [1, 2]


async def test_a_reader_that_stops_leaves_no_consumer(client: Client, bus: Connection) -> None:
    await say(bus, programme(1))
    async with aclosing(client.hear(ProgrammeCreated, since="all")) as events:
        await take(events, 1)
    await client.connection.flush()

    async with asyncio.timeout(5):
        while await bus.jetstream().consumers_info("EVT_ACTIVITIES"):
            await asyncio.sleep(0.05)


async def test_a_stream_that_was_set_up_anew_is_noticed(client: Client, bus: Connection) -> None:
    jetstream = bus.jetstream()
    async with aclosing(client.hear(ProgrammeCreated, since="all")) as events:
        await say(bus, programme(1), programme(2))
        await take(events, 2)
        third = asyncio.ensure_future(take(events, 1))
        await asyncio.sleep(0.2)
        await jetstream.delete_stream("EVT_ACTIVITIES")
        await add_empty_stream(jetstream, "EVT_ACTIVITIES", "evt.activities.>")

        with pytest.raises(PositionLost, match="position 2"):
            await third


async def test_events_that_were_removed_before_they_were_heard_are_noticed(client: Client, bus: Connection) -> None:
    await say(bus, *(programme(number) for number in range(1, 6)))
    await bus.jetstream().purge_stream("EVT_ACTIVITIES", seq=5)

    with pytest.raises(PositionLost):
        await take(client.hear(ProgrammeCreated, since="activities:2"), 1)
    assert numbers(await take(client.hear(ProgrammeCreated, since="activities:4"), 1)) == [5]


async def test_a_stream_that_comes_later_is_heard_from_its_first_event(client: Client, bus: Connection) -> None:
    await bus.jetstream().delete_stream("EVT_ACTIVITIES")
    async with aclosing(client.hear(ProgrammeCreated)) as events:
        first = await began(events)
        await add_empty_stream(bus.jetstream(), "EVT_ACTIVITIES", "evt.activities.>")
        await say(bus, programme(1))

        assert (await asyncio.wait_for(first, 5)).event.data.programme_id.int == 1


async def test_an_event_that_breaks_its_contract_names_the_position_after_it(client: Client, bus: Connection) -> None:
    await say(bus, programme(1))
    await bus.jetstream().publish(envelope.subject_of(ProgrammeCreated, CITY), b'{"specversion":"1.0"}')
    await say(bus, programme(3))

    async with aclosing(client.hear(ProgrammeCreated, since="all")) as events:
        await take(events, 1)
        with pytest.raises(UnreadableEvent) as unreadable:
            await take(events, 1)

    assert unreadable.value.position == "activities:2"
    assert numbers(await take(client.hear(ProgrammeCreated, since=unreadable.value.position), 1)) == [3]


async def test_a_gateway_hears_everything_of_a_region_unopened(client: Client, bus: Connection) -> None:
    await say(bus, programme(1), centre(2), cancelled(3), region=STREET)
    newer = "evt.activities.pass.lent.v1.3505.03.001.000"
    await bus.jetstream().publish(newer, b"{}")

    async with aclosing(client.hear_all(region="3505", since="activities:0")) as events:
        heard: list[RawEvent] = await take(events, 4)

    assert sorted(each.type for each in heard) == [
        "linli.activities.pass.lent.v1",
        "linli.activities.programme.created.v1",
        "linli.activities.session.cancelled.v1",
        "linli.registry.centre.opened.v1",
    ]
    assert next(each.body for each in heard if each.subject == newer) == b"{}"


async def test_a_gateway_hears_chosen_types(client: Client, bus: Connection) -> None:
    await say(bus, programme(1), centre(2), cancelled(3))

    types = ["linli.activities.session.", "linli.registry.centre.opened.v1"]
    async with aclosing(client.hear_all(types=types, since="all")) as events:
        heard = await take(events, 2)

    assert {each.type for each in heard} == {"linli.activities.session.cancelled.v1", "linli.registry.centre.opened.v1"}
    assert sorted(heard[-1].position.split(",")) == ["activities:2", "registry:1"]


@pytest.mark.parametrize("since", ["", "activities", "activities:x", "activities:-1", "newest"])
async def test_a_malformed_position_is_refused(client: Client, since: str) -> None:
    with pytest.raises(ValueError, match="since is"):
        await anext(client.hear(ProgrammeCreated, since=since))


async def test_a_province_and_an_unknown_type_cannot_be_heard(client: Client) -> None:
    with pytest.raises(ValueError, match="province"):
        client.hear(ProgrammeCreated, region="35")
    with pytest.raises(ValueError, match="nothing to hear"):
        client.hear_all(types=["linli.weather."])
    with pytest.raises(ValueError, match="nothing to hear"):
        client.hear()
