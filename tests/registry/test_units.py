"""Organisations of the tree."""

from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from contracts.refusals import Refusal
from contracts.registry.v1 import ListUnits, RegisterUnit, UnitKind, UnitLevel, UnitList, UnitRegistered, UnitState
from tests.under_test import ServiceUnderTest

QUANZHOU = "350500000000"
FENGZE = "350503000000"


def federation(region: str, level: UnitLevel, parent: UnitState | None = None) -> RegisterUnit:
    return RegisterUnit(
        unit_id=uuid4(),
        name="泉州市妇女联合会",
        kind=UnitKind.FEDERATION,
        level=level,
        region=region,
        parent_id=parent.unit_id if parent else None,
    )


@pytest.fixture
async def city(registry: ServiceUnderTest) -> UnitState:
    await registry.pool.execute(
        "INSERT INTO division VALUES ('350000000000', '福建省', 'province', NULL, '2023-06-30', 'test'),"
        "('350500000000', '泉州市', 'city', '350000000000', '2023-06-30', 'test'),"
        "('350503000000', '丰泽区', 'district', '350500000000', '2023-06-30', 'test')"
    )
    state = await registry.ask(federation(QUANZHOU, UnitLevel.CITY))
    assert isinstance(state, UnitState)
    return state


async def test_a_unit_stands_below_its_parent(registry: ServiceUnderTest, city: UnitState) -> None:
    district = await registry.ask(federation(FENGZE, UnitLevel.DISTRICT, city))

    assert isinstance(district, UnitState)
    assert [event.unit_id for event in await registry.said(UnitRegistered)] == [city.unit_id, district.unit_id]


async def test_a_unit_cannot_stand_above_its_parent(registry: ServiceUnderTest, city: UnitState) -> None:
    district = await registry.ask(federation(FENGZE, UnitLevel.DISTRICT, city))
    assert isinstance(district, UnitState)

    assert await registry.ask(federation(QUANZHOU, UnitLevel.CITY, district)) == Refusal("level-mismatch", level="city")


async def test_the_same_command_twice_is_done_once(registry: ServiceUnderTest, city: UnitState) -> None:
    command, id = federation(FENGZE, UnitLevel.DISTRICT, city), uuid7()

    assert await registry.ask(command, id=id) == await registry.ask(command, id=id)
    assert len(await registry.said(UnitRegistered)) == 2


async def test_the_same_id_with_other_content_is_refused(registry: ServiceUnderTest, city: UnitState) -> None:
    id = uuid7()
    await registry.ask(federation(FENGZE, UnitLevel.DISTRICT, city), id=id)

    refusal = await registry.ask(federation(FENGZE, UnitLevel.DISTRICT, city), id=id)

    assert refusal == Refusal("command-id-reused")


async def test_rivals_with_one_id_get_one_unit(registry: ServiceUnderTest, city: UnitState) -> None:
    command = federation(FENGZE, UnitLevel.DISTRICT, city)

    answers = await registry.ask_at_once([command] * 8)

    assert sum(isinstance(answer, UnitState) for answer in answers) == 1
    assert await registry.count("unit") == 2


async def test_nobody_registers_outside_the_own_subtree(registry: ServiceUnderTest, city: UnitState) -> None:
    refusal = await registry.ask(federation(FENGZE, UnitLevel.DISTRICT, city), region="350502000000")

    assert isinstance(refusal, Refusal)
    assert refusal.code == "not-permitted"
    assert await registry.count("unit") == 1


async def test_pages_of_units_follow_each_other(registry: ServiceUnderTest, city: UnitState) -> None:
    for _ in range(3):
        await registry.ask(federation(FENGZE, UnitLevel.DISTRICT, city))

    first = await registry.query(ListUnits(region=QUANZHOU, limit=2))
    assert isinstance(first, UnitList)
    second = await registry.query(ListUnits(region=QUANZHOU, limit=2, after=first.units[-1].unit_id))
    assert isinstance(second, UnitList)

    assert len({unit.unit_id for unit in first.units + second.units}) == 4


async def test_a_unit_needs_a_division_of_its_level_and_a_known_parent(
    registry: ServiceUnderTest, city: UnitState
) -> None:
    nowhere = federation("350599000000", UnitLevel.DISTRICT, city)
    orphan = federation(FENGZE, UnitLevel.DISTRICT).model_copy(update={"parent_id": nowhere.unit_id})

    assert await registry.ask(nowhere) == Refusal("division-code-unknown", code="350599000000")
    assert await registry.ask(orphan) == Refusal("unknown-unit", unit_id=str(nowhere.unit_id))
    assert await registry.ask(federation(FENGZE, UnitLevel.STREET, city)) == Refusal("level-mismatch", level="street")
    assert await registry.count("unit") == 1
