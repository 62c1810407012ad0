"""Commands of askers from different regions in one batch: each is decided in the scope of its own asker."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts import wire
from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import PersonState, RegisterPerson
from tests.under_test import ServiceUnderTest

HERE, THERE = "350503001001", "360102003004"


def resident(region: str) -> RegisterPerson:
    return RegisterPerson(person_id=uuid4(), region=region, name="演示居民", age_band=AgeBand.MIDDLE)


async def send(registry: ServiceUnderTest, *asked: tuple[str, RegisterPerson, UUID]) -> list[Any]:
    """One batch of (asker's region, command, command id)."""
    sendings = [wire.Sending(id, command, registry.token(region=region)) for region, command, id in asked]
    body, headers = wire.batch_body(sendings), {wire.BATCH: str(len(sendings))}
    return await registry.send_raw(RegisterPerson, body, headers)


def code(outcome: Any) -> str:
    return outcome.code if isinstance(outcome, Refusal) else "done"


async def test_a_batch_of_two_regions_is_decided_in_two_scopes(registry: ServiceUnderTest) -> None:
    mine, theirs, meddling = resident(HERE), resident(THERE), resident(HERE)

    outcomes = await send(
        registry, (HERE, mine, uuid4()), (THERE, theirs, uuid4()), (THERE, meddling, uuid4()), (HERE, mine, uuid4())
    )

    assert [code(outcome) for outcome in outcomes] == ["done", "done", "not-permitted", "person-exists"]
    assert await registry.count("person") == 2


async def test_an_id_used_in_two_scopes_of_a_batch_is_used_once(registry: ServiceUnderTest) -> None:
    id = uuid4()

    first, second = await send(registry, (HERE, resident(HERE), id), (THERE, resident(THERE), id))

    assert isinstance(first, PersonState)
    assert second == Refusal("command-id-reused")
    assert await registry.count("person") == 1


@pytest.mark.parametrize("region", ["", "3505", "35050300100a"])
async def test_a_token_of_no_region_adds_nothing(registry: ServiceUnderTest, region: str) -> None:
    [outcome] = await send(registry, (region, resident(HERE), uuid4()))

    assert code(outcome) == "not-permitted"
    assert await registry.count("person") == 0
