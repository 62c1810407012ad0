"""The compose stack's secrets and its NATS configuration, on a running server: TLS both ways, then the key."""

import os
import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nats
import pytest
import yaml
from cryptography import x509
from cryptography.x509.oid import NameOID

from deploy.compose import make_secrets
from deploy.compose.certificates import ensure_certificates
from deploy.compose.make_secrets import make
from deploy.keys import renew_in
from deploy.local.binaries import nats_server
from deploy.local.child import Child
from deploy.local.ports import free_port
from deploy.nats.rights import DOORKEEPER, kept
from services.chassis.bus import tls_of
from services.chassis.settings import Settings
from tests.nats_access.conftest import until

COMPOSE = Path(__file__).parents[2] / "deploy" / "compose"


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of secrets and a server that runs on them."""

    folder: Path
    port: int

    def settings(self, name: str) -> Settings:
        """What a process of the stack is started with."""
        own = self.folder / name
        return Settings(
            nats_url=f"nats://localhost:{self.port}", nats_seed_file=own / "bus.seed", tls_dir=own, secrets_dir=own
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, port = tmp_path_factory.mktemp("compose"), free_port()
    make(folder)
    here = {
        "0.0.0.0:4222": f"127.0.0.1:{port}",
        "0.0.0.0:8222": f"127.0.0.1:{free_port()}",
        "0.0.0.0:8443": f"127.0.0.1:{free_port()}",
        "/data": str(folder / "data"),
        "/run/tls": str(folder / "tls"),
        "./access.conf": "./nats/access.conf",
    }
    text = (COMPOSE / "nats.conf").read_text("utf-8")
    for theirs, ours in here.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    (folder / "nats.conf").write_text(text, "utf-8")
    child = Child([str(nats_server()), "--config", str(folder / "nats.conf")], log=folder / "log", cwd=folder).start()
    yield Place(folder, port)
    child.kill()


async def test_a_process_comes_in_with_its_certificate_and_its_key(place: Place) -> None:
    await until(lambda: "Server is ready" in (place.folder / "log").read_text())
    settings = place.settings("registry")

    connection = await nats.connect(
        settings.nats_url, nkeys_seed=str(settings.nats_seed_file), tls=tls_of(settings), allow_reconnect=False
    )

    assert connection.is_connected
    await connection.close()


async def test_without_a_certificate_of_the_authority_nobody_gets_as_far_as_the_key(place: Place) -> None:
    await until(lambda: "Server is ready" in (place.folder / "log").read_text())
    bare = ssl.create_default_context(cafile=str(place.folder / "tls" / "authority.pem"))

    with pytest.raises((OSError, nats.errors.Error)):
        await nats.connect(
            f"nats://localhost:{place.port}",
            nkeys_seed=str(place.folder / "registry" / "bus.seed"),
            tls=bare,
            allow_reconnect=False,
            connect_timeout=2,
        )


async def test_a_certificate_without_a_key_opens_nothing(place: Place) -> None:
    await until(lambda: "Server is ready" in (place.folder / "log").read_text())
    settings = place.settings("operator")

    with pytest.raises((nats.errors.Error, TimeoutError)):  # nobody is at the door here, whom the server asks
        await nats.connect(settings.nats_url, tls=tls_of(settings), allow_reconnect=False, connect_timeout=1)


def test_certificates_bear_the_names_of_roles_and_one_of_an_earlier_release_is_made_anew(tmp_path: Path) -> None:
    make(tmp_path)
    names = {file.stem: name_in(file) for file in (tmp_path / "tls").glob("*.pem")}
    assert {name: names[name] for name in ("registry", "keyring", "gateway", "migrator")} == {
        "registry": "linli_registry", "keyring": "linli_keyring", "gateway": "gateway", "migrator": "migrator",
    }  # fmt: skip
    before = (tmp_path / "registry" / "client.pem").read_bytes()
    ensure_certificates(tmp_path / "tls", {"registry": "registry"})
    env = tmp_path / "compose.env"
    env.write_text(env.read_text().replace("/keyring.", "/client."))

    make(tmp_path)

    after = (tmp_path / "registry" / "client.pem").read_bytes()
    assert (name_in(tmp_path / "registry" / "client.pem"), after == before) == ("linli_registry", False)
    [keyring] = [line for line in env.read_text().splitlines() if line.startswith("KEYRING_DSN=")]
    assert "sslcert=/run/linli/keyring.pem&sslkey=/run/linli/keyring.key" in keyring


def name_in(certificate: Path) -> str:
    subject = x509.load_pem_x509_certificate(certificate.read_bytes()).subject
    return str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def test_each_process_is_given_its_own_secrets_and_no_others(place: Place) -> None:
    seeds = {name: (place.folder / name / "bus.seed").read_text() for name in kept()}

    assert len(set(seeds.values())) == len(seeds)
    assert {name for name in kept() if (place.folder / name / "issuer.seed").exists()} == {DOORKEEPER}
    for name in kept():
        folder = place.folder / name
        held = "".join(file.read_text() for file in folder.iterdir())
        assert [other for other in seeds if other != name and seeds[other] in held] == []
        assert [file for file in folder.iterdir() if file.stat().st_mode & 0o077] == []


def test_making_the_secrets_again_keeps_them(place: Place) -> None:
    before = {file: file.read_bytes() for file in place.folder.rglob("*.seed")} | {
        file: file.read_bytes() for file in (place.folder / "tls").iterdir()
    }

    make(place.folder)

    assert {file: file.read_bytes() for file in before} == before


def test_every_process_of_the_compose_file_mounts_its_own_folder_only() -> None:
    services = yaml.safe_load((COMPOSE / "compose.yaml").read_text("utf-8"))["services"]
    folders = {name: each["volumes"] for name, each in services.items() if name not in ("nats", "postgres")}

    assert folders == {
        name: [f"./secrets/{'migrator' if name == 'migrate' else name}:/run/linli:ro"] for name in folders
    }
    assert {"migrator" if name == "migrate" else name for name in folders} == {*kept()} - {"operator"}


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files to another user")
def test_while_keys_of_tokens_are_renewed_the_containers_can_read_them(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    def look(_: float) -> None:
        files = (file for name in kept() for file in (place.folder / name).iterdir())
        closed.extend(str(file) for file in files if file.stat().st_uid != make_secrets.CONTAINER_UID)

    monkeypatch.setattr(make_secrets, "FOLDER", place.folder)
    monkeypatch.setattr(make_secrets, "renew_in", partial(renew_in, wait=look))
    monkeypatch.setattr(sys, "argv", ["make_secrets", "--renew-keys"])

    make_secrets.main()

    assert closed == []
