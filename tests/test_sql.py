"""Every SQL constant is prepared against the migrated schema: a typo or a dropped column fails in milliseconds."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest

import services.chassis
from contracts.catalogue import SERVICES
from tests.under_test import Servers, ServiceUnderTest

WORDS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "LOCK")
TEMPORARY = "pg_temp"


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith((".app", "__main__")):
            yield importlib.import_module(found.name)


def statements(package: ModuleType) -> dict[str, str]:
    return {
        f"{module.__name__}.{name}": value
        for module in modules(package)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and value.lstrip().startswith(WORDS)
    }


@pytest.mark.parametrize("service", SERVICES)
async def test_every_statement_fits_the_schema(service: str, servers: Servers) -> None:
    own = statements(importlib.import_module(f"services.{service}"))
    shared = {name: sql for name, sql in statements(services.chassis).items() if "migrate" not in name}
    failures: list[str] = []
    async with ServiceUnderTest.started(service, servers) as place:
        for name, sql in (own | shared).items():
            try:
                async with place.pool.acquire() as connection:
                    await connection.prepare(sql)
            except Exception as error:
                if TEMPORARY not in sql:
                    failures.append(f"{name}: {error}")

    assert own
    assert failures == []
