"""Promise 6: services stopped and started again one after the other under load; callers see at most a retryable 503."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import pytest

from contracts.refusals import reason_of
from tests.promises.conftest import House
from tests.system.conftest import until
from tests.system.load import Load

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("promises")]
HAND_OVER_SECONDS: Final = 2.0
STOPPED_SECONDS: Final = 20.0
BACK_SECONDS: Final = 10.0
EVERYBODY: Final = (
    "registry-1",
    "registry-2",
    "activities-1",
    "volunteers-1",
    "notify-1",
    "gateway-1",
    "gateway-2",
)


async def roll(house: House, names: Sequence[str]) -> list[float]:
    """Each instance in turn: asked to end, and its successor ready before the next; how long each took to end."""
    took: list[float] = []
    for name in names:
        began = time.monotonic()
        await asyncio.to_thread(house.stack.stop_process, name)
        took.append(time.monotonic() - began)
        await asyncio.to_thread(house.stack.start_process, name)
        await asyncio.to_thread(house.stack.wait_ready, [name], STOPPED_SECONDS)
    return took


@pytest.mark.parametrize(
    "rolls",
    [
        pytest.param((("registry-1",), ("gateway-1",)), id="one of two"),
        pytest.param((EVERYBODY,), id="all"),
    ],
)
async def test_instances_restarted_in_turn_under_load_are_noticed_by_nobody(
    house: House, rolls: Sequence[Sequence[str]]
) -> None:
    restarts = {name: house.stack.processes[name].restarts for name in house.service_names}
    by_nats, by_http = Load(house.over_nats, workers=2, at_once=10), Load(house.over_http, workers=2, at_once=10)
    loads = (by_nats, by_http)
    await asyncio.sleep(0.5)

    took = [each for some in await asyncio.gather(*(roll(house, names) for names in rolls)) for each in some]
    await asyncio.gather(*(load.end() for load in loads))
    people = [person for load in loads for person in load.people]

    async def arrived() -> bool:
        heard = [await house.heard_of(service, people) for service in ("activities", "volunteers")]
        return heard == [len(people)] * 2

    drained = await until(arrived, BACK_SECONDS)
    codes = {code for load in loads for code in load.codes}
    gaps = [round(load.longest_gap, 2) for load in loads]
    print({"seed": house.seed, "people": len(people), "codes": codes, "gaps": gaps, "took": took, "drained": drained})
    assert max(took) < STOPPED_SECONDS
    assert all(reason_of(code).status == 503 and reason_of(code).retryable for code in codes), codes
    assert max(gaps) < HAND_OVER_SECONDS
    assert drained < HAND_OVER_SECONDS
    assert {name: house.stack.processes[name].restarts for name in house.service_names} == restarts
    said = await house.fetch(
        "registry", "SELECT count(*), count(DISTINCT aggregate_id) AS people FROM outbox "
        "WHERE aggregate_id = ANY ($1::uuid[])", people,
    )  # fmt: skip
    assert tuple(said[0]) == (len(people), len(people)), "somebody was registered twice, or not at all"
