"""Servers go away and come back, services are killed and stopped under load: nothing is lost, nothing happens twice."""

import asyncio
import statistics
import time
from signal import SIGCONT, SIGSTOP
from uuid import UUID, uuid4

import pytest

from contracts.catalogue import SERVICES
from contracts.refusals import reason_of
from deploy.local.living import Living
from tests.system.conftest import House, adult, away, until
from tests.system.load import Load

BACK_SECONDS = 10.0
REFUSED_WITHIN_SECONDS = 2.0
STOPPED_WITHIN_SECONDS = 20.0
GAP_SECONDS = 2.0


@pytest.mark.parametrize("server", ["nats", "postgres"])
async def test_without_a_server_commands_are_put_off_at_once_and_all_works_within_ten_seconds_of_its_return(
    house: House, server: str
) -> None:
    before = [await house.register() for _ in range(20)]
    waits: list[float] = []
    async with away(house.stack, server):
        for _ in range(3):
            asked_at = time.monotonic()
            answer = await house.post(adult(uuid4()), "/v1/people")
            waits.append(time.monotonic() - asked_at)
            assert (answer.status_code, answer.headers.get("retry-after")) == (503, "1"), answer.text
            assert answer.json()["code"] == "unavailable"
    returned_at = time.monotonic()

    late = await house.register()
    await house.enrol(late)

    assert time.monotonic() - returned_at < BACK_SECONDS
    assert statistics.median(waits) < REFUSED_WITHIN_SECONDS
    await until(lambda: all_known(house, [*before, late]), BACK_SECONDS)
    await asyncio.to_thread(house.stack.wait_ready, seconds=BACK_SECONDS)


async def all_known(house: House, people: list[UUID]) -> bool:
    return all([await house.known_to(name, people) == len(people) for name in ("activities", "volunteers")])


@pytest.mark.soak
@pytest.mark.parametrize("service", ["registry", "activities"])
async def test_a_service_stopped_under_load_hands_over_within_two_seconds_with_nothing_but_retryable_refusals(
    house: House, service: str
) -> None:
    [way] = house.desk.ways
    load = Load(way)
    await asyncio.sleep(1)

    asked_at = time.monotonic()
    await asyncio.to_thread(house.stack.stop_process, f"{service}-1")
    took = time.monotonic() - asked_at
    await asyncio.sleep(1)
    await load.end()
    drained = await until(lambda: all_known(house, load.people), STOPPED_WITHIN_SECONDS)
    await asyncio.to_thread(house.stack.start_process, f"{service}-1")
    await asyncio.to_thread(house.stack.wait_ready, seconds=STOPPED_WITHIN_SECONDS)

    assert house.stack.processes[f"{service}-1"].restarts == 0
    assert took < STOPPED_WITHIN_SECONDS
    assert all(reason_of(code).retryable for code in load.codes), load.codes
    assert load.longest_gap < GAP_SECONDS
    assert drained < GAP_SECONDS
    said = await house.fetch(
        "registry", "SELECT count(*) FROM outbox WHERE aggregate_id = ANY ($1::uuid[])", load.people
    )
    assert said[0]["count"] == len(load.people), "somebody was registered twice, or not at all"


@pytest.mark.soak
async def test_a_consumer_stopped_before_its_backlog_hands_it_over_within_two_seconds(house: House) -> None:
    people = [uuid4() for _ in range(3000)]
    consumers = [Living.find(house.stack.processes[f"activities-{number}"].program.pid) for number in (1, 2)]
    for process in consumers:
        assert process is not None
        process.send(SIGSTOP)
    for start in range(0, len(people), 500):
        await house.desk.send_all([adult(person) for person in people[start : start + 500]])
    await until(lambda: all_published(house), 20)
    assert await house.known_to("activities", people) == 0, "there is no backlog to hand over"
    for process in consumers:
        assert process is not None
        process.send(SIGCONT)

    await asyncio.to_thread(house.stack.stop_process, "activities-1")
    drained = await until(lambda: known_to_activities(house, people), STOPPED_WITHIN_SECONDS)
    await asyncio.to_thread(house.stack.start_process, "activities-1")
    await asyncio.to_thread(house.stack.wait_ready, seconds=STOPPED_WITHIN_SECONDS)

    assert drained < GAP_SECONDS


async def known_to_activities(house: House, people: list[UUID]) -> bool:
    return await house.known_to("activities", people) == len(people)


async def all_published(house: House) -> bool:
    [row] = await house.fetch("registry", "SELECT count(*) FROM outbox WHERE stream_seq IS NULL")
    return bool(row["count"] == 0)


async def test_events_of_a_killed_consumer_come_again_and_each_is_applied_once(house: House) -> None:
    people = [uuid4() for _ in range(1500)]
    sending = asyncio.create_task(house.desk.send_all([adult(person) for person in people[:500]]))
    killed = 0
    for start in (500, 1000, 1500):
        await sending
        for number in (1, 2):
            await asyncio.to_thread(house.stack.kill, f"activities-{number}")
            killed += 1
        if start < 1500:
            sending = asyncio.create_task(
                house.desk.send_all([adult(person) for person in people[start : start + 500]])
            )
    await asyncio.to_thread(house.stack.wait_ready, seconds=20)

    await until(lambda: all_known(house, people), 20)

    assert killed == 6
    steps = await house.fetch(
        "activities",
        "SELECT version FROM order_gate WHERE consumer = 'activities-people' AND aggregate_id = ANY ($1::uuid[])",
        people,
    )
    assert [row["version"] for row in steps] == [1] * len(people)


async def test_a_service_without_nats_still_stops_within_twenty_seconds(house: House) -> None:
    async with away(house.stack, "nats"):
        await asyncio.sleep(1)
        asked_at = time.monotonic()
        await asyncio.to_thread(house.stack.stop_process, "volunteers-1")
        took = time.monotonic() - asked_at
    await asyncio.to_thread(house.stack.start_process, "volunteers-1")
    await asyncio.to_thread(house.stack.wait_ready, seconds=20)

    assert took < STOPPED_WITHIN_SECONDS


@pytest.mark.soak
async def test_a_service_frozen_for_twelve_seconds_goes_on_as_the_same_process(house: House) -> None:
    keeper = house.stack.processes["volunteers-1"]
    process = Living.find(keeper.program.pid)
    assert process is not None
    process.send(SIGSTOP)
    late = await house.register()
    await asyncio.sleep(12)
    assert await house.known_to("volunteers", [late]) == 0, "it was not frozen at all"

    process.send(SIGCONT)

    await until(lambda: all_known(house, [late]), BACK_SECONDS)
    assert (keeper.program.pid, keeper.restarts) == (process.pid, 0)


async def test_versions_of_every_aggregate_are_contiguous_after_all_this(house: House) -> None:
    for _ in range(12):
        await house.register()
    for service in SERVICES:
        gaps = await house.fetch(
            service,
            "SELECT aggregate, aggregate_id FROM outbox GROUP BY 1, 2 "
            "HAVING count(*) <> max(version) OR min(version) <> 1",
        )
        assert gaps == [], f"{service} skipped a version"
    [row] = await house.fetch("registry", "SELECT count(*) FROM outbox")
    assert row["count"] > 12
