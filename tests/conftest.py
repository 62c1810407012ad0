"""Real PostgreSQL and real nats-server, once a run; a fresh database a test; services spoken to as users do."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey

from contracts.catalogue import SERVICES
from deploy.local.nats import EmbeddedNats
from deploy.local.postgres import EmbeddedPostgres
from deploy.migrate import migrate_service
from deploy.postgres import provision as provisioning
from deploy.postgres.logins import ensure_logins, owner_dsn
from deploy.postgres.provision import provision
from tests.lent_databases import Lender
from tests.under_test import Servers, ServiceUnderTest


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
    lender = Lender(postgres.dsn(), secrets)
    yield Servers(postgres.dsn(), nats_server.url, secrets, lender)
    await lender.close()


@pytest.fixture
async def registry(servers: Servers) -> AsyncIterator[ServiceUnderTest]:
    async with ServiceUnderTest.started("registry", servers) as service:
        yield service
