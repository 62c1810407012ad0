"""Places and organisations the registry's tests stand on.

divisions.csv: 95 real divisions, state 2023-06-30, from the package china-division 2.7.0 (WTFPL / MIT).
"""

import csv
from collections.abc import AsyncIterator
from datetime import date, time
from pathlib import Path
from uuid import uuid4

import pytest

from contracts.data import AgeBand
from contracts.registry.v1 import (
    DivisionLevel,
    DivisionRow,
    ImportDivisions,
    ImportSummary,
    OpeningHours,
    PersonState,
    RegisterPerson,
    RegisterUnit,
    UnitKind,
    UnitLevel,
    UnitState,
    lines_of,
)
from tests.under_test import Servers, ServiceUnderTest

FENGJIE = "500236000000"
XIAMEN = "350200000000"
ROWS = [
    DivisionRow(row["code"], row["name"], DivisionLevel(row["level"]), row["parent_code"])
    for row in csv.DictReader((Path(__file__).parent / "divisions.csv").read_text("utf-8").splitlines())
]
DAILY = tuple(OpeningHours(weekday=day, opens=time(8, 30), closes=time(20)) for day in range(1, 8))


def division_list(rows: list[DivisionRow], source: str = "national statistics 2023") -> ImportDivisions:
    return ImportDivisions(source=source, valid_from=date(2023, 6, 30), rows=lines_of(rows))


def person(**given: object) -> RegisterPerson:
    """An adult of 奉节县, unless said otherwise."""
    plain = {"person_id": uuid4(), "region": FENGJIE, "name": "王芳", "age_band": AgeBand.YOUNG}
    return RegisterPerson.model_validate(plain | given)


async def registered(registry: ServiceUnderTest, **given: object) -> RegisterPerson:
    """A person who is registered."""
    asked = person(**given)
    assert isinstance(await registry.ask(asked), PersonState)
    return asked


@pytest.fixture(scope="module")
async def registry_of_module(servers: Servers) -> AsyncIterator[ServiceUnderTest]:
    """One registry with the divisions for a whole module, whose tests read only, or only of people of their own."""
    async with ServiceUnderTest.started("registry", servers) as service:
        await service.ask(division_list(ROWS))
        yield service


@pytest.fixture
async def divisions(registry: ServiceUnderTest) -> ImportSummary:
    summary = await registry.ask(division_list(ROWS))
    assert isinstance(summary, ImportSummary)
    return summary


@pytest.fixture
async def federation(registry: ServiceUnderTest, divisions: ImportSummary) -> UnitState:
    return await founded(registry)


@pytest.fixture(scope="module")
async def federation_of_module(registry_of_module: ServiceUnderTest) -> UnitState:
    return await founded(registry_of_module)


async def founded(registry: ServiceUnderTest) -> UnitState:
    """奉节县妇女联合会."""
    state = await registry.ask(
        RegisterUnit(
            unit_id=uuid4(),
            name="奉节县妇女联合会",
            kind=UnitKind.FEDERATION,
            level=UnitLevel.DISTRICT,
            region=FENGJIE,
        )
    )
    assert isinstance(state, UnitState)
    return state
