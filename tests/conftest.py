"""Real PostgreSQL and real nats-server, once a run; a fresh database a test; services spoken to as users do."""

import gc
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from joserfc.jwk import OKPKey
from xdist.scheduler import LoadScopeScheduling

from contracts.catalogue import SERVICES
from deploy.local.nats import EmbeddedNats
from deploy.local.person_keys import FILE, ensure_person_keys
from deploy.local.postgres import EmbeddedPostgres
from deploy.migrate import migrate_keyring, migrate_service
from deploy.postgres import provision as provisioning
from deploy.postgres.logins import ensure_logins, owner_dsn, runtime_dsn
from deploy.postgres.provision import KEYRING, provision
from services.chassis.settings import Settings
from services.keyring.vault import vault
from tests.lent_databases import Lender
from tests.under_test import Servers, ServiceUnderTest

hypothesis.settings.register_profile("linli", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("linli")  # a busy machine is no finding

SOAK_SECONDS = 1800
"""After which a long test is given up; the others after `timeout` of pyproject.toml."""
STACKS = ("tests/system", "tests/journeys", "tests/promises")
"""Folders whose tests share one running stack."""


class ByStack(LoadScopeScheduling):
    """Gives the tests of one stack to one worker, all others file by file."""

    def _split_scope(self, nodeid: str) -> str:
        folder = nodeid.rpartition("::")[0].rpartition("/")[0]
        return folder if folder in STACKS else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByStack:
    """Spreads `-n 2` over the cores."""
    return ByStack(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported now stays: the collector of garbage need not look at it, neither meanwhile nor in any test."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stacks first: what takes longest must not be left for the end, when the other worker has nothing to do."""
    items.sort(key=lambda item: not item.nodeid.startswith(STACKS))
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.timeout(SOAK_SECONDS))


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys as `./linli up` makes them on first start."""
    folder = tmp_path_factory.mktemp("secrets")
    key = OKPKey.generate_key("Ed25519", {"kid": "test", "alg": "Ed25519", "use": "sig"})
    (folder / "token-signing.jwk").write_text(json.dumps(key.as_dict(private=True)))
    (folder / "token-keys.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    return folder


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    with EmbeddedNats(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture(scope="session")
async def servers(postgres: EmbeddedPostgres, nats_server: EmbeddedNats, secrets: Path) -> AsyncIterator[Servers]:
    """Migrated databases (templates for clones) on a running PostgreSQL, and a running NATS."""
    provisioning.SCRAM_ROUNDS = 1  # the tests log in thousands of times
    logins = ensure_logins(secrets)
    await provision(postgres.dsn(), logins)
    for name in SERVICES:
        await migrate_service(name, owner_dsn(postgres.dsn(), name, logins))
    await migrate_keyring(owner_dsn(postgres.dsn(), KEYRING, logins))
    ensure_person_keys(secrets)
    vault.at(runtime_dsn(postgres.dsn(), KEYRING, logins), secrets / FILE, Settings(allow_undurable=True))
    lender = Lender(postgres.dsn(), secrets)
    yield Servers(postgres.dsn(), nats_server.url, secrets, lender)
    await lender.close()
    await vault.close()


@pytest.fixture
async def registry(servers: Servers) -> AsyncIterator[ServiceUnderTest]:
    async with ServiceUnderTest.started("registry", servers) as service:
        yield service
