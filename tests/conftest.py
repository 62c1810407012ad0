"""Real PostgreSQL and real nats-server, once a run; a fresh database a test; services spoken to as users do."""

import asyncio
import fcntl
import gc
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from contracts.catalogue import SERVICES
from deploy.local.nats import EmbeddedNats
from deploy.local.person_keys import FILE, ensure_person_keys
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.token_keys import ensure_token_keys
from deploy.local.webhook_key import FILE as WEBHOOK_FILE
from deploy.local.webhook_key import ensure_webhook_key
from deploy.migrate import migrate_keyring, migrate_service
from deploy.postgres import provision as provisioning
from deploy.postgres.logins import ensure_logins, owner_dsn, runtime_dsn
from deploy.postgres.provision import KEYRING, provision
from services.chassis.settings import Settings
from services.keyring.vault import vault
from services.notify.webhooks.sealing import strongbox
from tests.lent_databases import Lender
from tests.shared_stack import Shared, running
from tests.under_test import Servers, ServiceUnderTest

hypothesis.settings.register_profile("linli", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("linli")  # a busy machine is no finding

SOAK_SECONDS = 1800
"""After which a long test is given up; the others after `timeout` of pyproject.toml."""
STACKS = ("tests/journeys", "tests/system", "tests/promises")
"""Folders whose tests share one running stack."""
ONE_HOUSE = ("tests/journeys", "tests/system")
"""They share the same, in this order: the afternoon's numbers are those of a fresh stack."""
LONG = (*STACKS, "tests/versions/test_migration_locks.py", "tests/local/test_stack.py")
"""What takes longest, mostly by waiting: begun last, it would be waited for by idle workers."""


class ByStack(LoadScopeScheduling):
    """Gives the tests of one stack to one worker, all others file by file."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.rpartition("/")[0]
        if folder in ONE_HOUSE:
            return "the house"
        return folder if folder in STACKS else file


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
    """The long ones first, in the order of their list."""
    items.sort(key=lambda item: [not item.nodeid.startswith(place) for place in LONG])
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.timeout(SOAK_SECONDS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """After the last test in the house its stack is stopped: it would only cost while others run."""
    yield
    if nextitem is None or not nextitem.nodeid.startswith(ONE_HOUSE):
        for shared in SHARED:
            shared.stack.stop()
        SHARED.clear()


SHARED: list[Shared] = []


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """The stack of the house, as the afternoon and after it the tests of the system have it."""
    with running(tmp_path_factory.mktemp("house")) as found:
        SHARED.append(found)
        yield found


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Keys and a stopped PostgreSQL with all databases migrated: made by the first worker, copied by every one."""
    place = tmp_path_factory.getbasetemp()
    place = place if worker_id == "master" else place.parent
    with (place / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "prepared").exists():
            draft = place / "prepared.new"
            draft.mkdir()
            with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
                runner.run(prepare(draft))
            draft.rename(place / "prepared")
    return place / "prepared"


async def prepare(folder: Path) -> None:
    """Makes what `prepared` says."""
    secrets = folder / "secrets"
    make_keys(secrets)
    logins = ensure_logins(secrets)
    with pytest.MonkeyPatch.context() as patch, EmbeddedPostgres(folder / "postgres", durable=False) as server:
        patch.setattr(provisioning, "SCRAM_ROUNDS", 1)  # the tests log in thousands of times
        await stay_unswept(server.dsn())
        await provision(server.dsn(), logins)
        for name in SERVICES:
            await migrate_service(name, owner_dsn(server.dsn(), name, logins))
        await migrate_keyring(owner_dsn(server.dsn(), KEYRING, logins))
    ensure_person_keys(secrets)
    ensure_webhook_key(secrets)


async def stay_unswept(dsn: str) -> None:
    """Nobody goes through the many databases of short-lived tests again and again: each round is a new process."""
    admin = await asyncpg.connect(dsn)
    await admin.execute("ALTER SYSTEM SET autovacuum = off")
    await admin.close()


def make_keys(folder: Path) -> None:
    """Keys as `./linli up` makes them on first start."""
    folder.mkdir()
    ensure_token_keys(folder)


def copied(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder once more, with its owners and rights."""
    target = tmp_path_factory.mktemp(source.name)
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)
    return target


@pytest.fixture(scope="session")
def secrets(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(prepared / "secrets", tmp_path_factory)


@pytest.fixture(scope="session")
def postgres(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(copied(prepared / "postgres", tmp_path_factory), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    with EmbeddedNats(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture(scope="session")
async def servers(postgres: EmbeddedPostgres, nats_server: EmbeddedNats, secrets: Path) -> AsyncIterator[Servers]:
    """Migrated databases (templates for clones) on a running PostgreSQL, and a running NATS."""
    strongbox.at(secrets / WEBHOOK_FILE)
    vault.at(
        runtime_dsn(postgres.dsn(), KEYRING, ensure_logins(secrets)), secrets / FILE, Settings(allow_undurable=True)
    )
    lender = Lender(postgres.dsn(), secrets)
    yield Servers(postgres.dsn(), nats_server.url, secrets, lender)
    await lender.close()
    await vault.close()


@pytest.fixture
async def registry(servers: Servers) -> AsyncIterator[ServiceUnderTest]:
    async with ServiceUnderTest.started("registry", servers) as service:
        yield service
