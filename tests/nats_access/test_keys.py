"""Keys of the bus: none, no entry; the server knows public halves only; a key changes without an outage."""

import json
import os
import subprocess
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from nkeys import KeyPair

from deploy.local.binaries import nats_server
from deploy.local.nats import EmbeddedNats
from deploy.local.probe import get
from deploy.nats.cli import nats_config
from deploy.nats.keys import ensure_seeds, pair_of, seed_file
from deploy.nats.rights import ISSUER, kept
from tests.nats_access.conftest import at_the_door, connect_as, until


def test_seeds_are_made_once_for_every_credential_and_closed_to_other_users(tmp_path: Path) -> None:
    first, second = ensure_seeds(tmp_path), ensure_seeds(tmp_path)

    assert first == second
    assert set(first) == {*kept(), ISSUER}
    assert len({key for [key] in first.values()}) == len(first)
    for path in (tmp_path / "nats").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


def test_the_servers_file_holds_public_keys_only(tmp_path: Path) -> None:
    with EmbeddedNats(tmp_path, operator_login=False) as server:
        written = server.config.read_text("utf-8")

    for name in (*kept(), ISSUER):
        assert seed_file(server.secrets_dir, name).read_text("ascii") not in written
    assert '"password":' not in written
    assert "@" not in server.url


def test_what_nats_config_prints_is_taken_by_a_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nats_config(tmp_path)
    (tmp_path / "server.conf").write_text(f"jetstream {{ store_dir: {tmp_path}/js }}\ninclude ./access.conf\n", "utf-8")
    (tmp_path / "access.conf").write_text(capsys.readouterr().out, "utf-8")

    checked = subprocess.run(
        [nats_server(), "-t", "-c", tmp_path / "server.conf"], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stderr


async def test_a_strangers_key_is_refused(server: EmbeddedNats, tmp_path: Path) -> None:
    ensure_seeds(tmp_path)
    stranger, registry = pair_of(seed_file(tmp_path, "registry")), pair_of(server.seed_file("registry"))

    def signed(by: KeyPair, name: KeyPair) -> Callable[[str], dict[str, str]]:
        return lambda nonce: {"nkey": name.public_key.decode(), "sig": b64encode(by.sign(nonce.encode())).decode()}

    assert "Authorization Violation" in await at_the_door(server, signed(stranger, stranger))
    assert "Authorization Violation" in await at_the_door(server, signed(stranger, registry))
    assert "PONG" in await at_the_door(server, signed(registry, registry))


async def test_a_key_changes_without_an_outage_and_the_old_one_is_dropped(tmp_path: Path) -> None:
    with EmbeddedNats(tmp_path) as server:
        seed = server.seed_file("registry")
        old_seed = seed.with_suffix(".old.seed")
        before, bystander = (
            await connect_as(server, "registry", allow_reconnect=False),
            await connect_as(server, "notify"),
        )

        seed.rename(old_seed)
        await reload(server)
        after = await connect_as(server, "registry")
        assert pair_of(seed).public_key != pair_of(old_seed).public_key
        assert before.is_connected
        await before.flush()

        old_seed.unlink()
        await reload(server)
        await until(lambda: before.is_closed)
        await after.flush()
        await bystander.flush()
        assert (after.stats["reconnects"], bystander.stats["reconnects"]) == (0, 0)
        await after.close()
        await bystander.close()


async def reload(server: EmbeddedNats) -> None:
    """Has the server read its file again, and waits until it has."""
    loaded = load_time(server)
    server.reload()
    await until(lambda: load_time(server) != loaded)


def load_time(server: EmbeddedNats) -> str:
    return str(json.loads(get(f"{server.monitor_url}/varz").body)["config_load_time"])


def test_a_process_is_told_its_own_key_and_no_login(tmp_path: Path) -> None:
    from deploy.local.stack import Stack

    stack = Stack(tmp_path, services=[])

    folder = stack.secrets_dir / "notify"
    own = {"LINLI_SECRETS_DIR": os.fspath(folder), "LINLI_NATS_SEED_FILE": os.fspath(folder / "bus.seed")}
    assert stack.own_secrets("notify") == own
