"""Without the keyring nobody is registered, nothing half-done is left, and the service says what it waits for."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.refusals import Refusal
from contracts.registry.v1 import PersonState
from deploy.local.ports import free_port
from services.chassis.running import Running
from services.keyring.master import FILE
from services.keyring.vault import vault
from services.registry import registry as service
from tests.registry.conftest import person
from tests.under_test import Servers, ServiceUnderTest


@pytest.fixture
def away(servers: Servers) -> Iterator[None]:
    """The keyring at an address where nothing listens."""
    before = vault._dsn, vault._file, vault._settings, vault._pool
    vault.at(f"postgresql://linli_keyring@127.0.0.1:{free_port()}/linli_keyring", before[1], before[2])
    yield
    vault.at(*before[:3])
    vault._pool = before[3]


@pytest.fixture
def damaged(servers: Servers, tmp_path: Path) -> Iterator[None]:
    """The database is there, the file of master keys is not what it was."""
    before = vault._file, vault._masters, vault._modified
    vault._file, vault._masters = tmp_path / FILE, None
    vault._file.write_text("{}")
    yield
    vault._file, vault._masters, vault._modified = before


async def waits_for(running: Running) -> list[str]:
    """What it waits for after one look at the keyring."""
    [asks] = service.leans.values()
    look = asyncio.create_task(running.look_at("keyring", asks))
    await asyncio.wait({look}, timeout=0.3)
    look.cancel()
    await asyncio.gather(look, return_exceptions=True)
    return running.not_answering()


async def test_a_person_is_not_registered_while_the_keyring_is_away(registry: ServiceUnderTest, away: None) -> None:
    asked = person()

    assert await registry.ask(asked) == Refusal("unavailable", service="registry")
    assert await waits_for(registry.running) == ["keyring"]


async def test_and_is_once_it_is_back(registry: ServiceUnderTest) -> None:
    assert isinstance(await registry.ask(person()), PersonState)
    assert await waits_for(registry.running) == []


async def test_a_damaged_file_of_master_keys_is_no_keyring(registry: ServiceUnderTest, damaged: None) -> None:
    outcome = await registry.ask(person())

    assert isinstance(outcome, Refusal)
    assert await waits_for(registry.running) == ["keyring"]
