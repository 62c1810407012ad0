"""The embedded NATS server."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import nats
import pytest

from deploy.local import nats as module
from deploy.local.nats import EmbeddedNats
from deploy.local.probe import get
from deploy.local.trouble import Trouble


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    """A server of this module's own."""
    with EmbeddedNats(tmp_path_factory.mktemp("nats")) as running:
        yield running


async def test_acknowledged_messages_survive_a_kill_and_the_port_stays(server: EmbeddedNats) -> None:
    client = await nats.connect(server.url)
    await client.jetstream().add_stream(name="KEPT", subjects=["kept"])
    acknowledged = await client.jetstream().publish("kept", "邻里".encode())
    await client.close()
    port = server.port

    server.kill()
    server.start()

    assert server.port == port
    client = await nats.connect(server.url)
    message = await client.jetstream().get_msg("KEPT", acknowledged.seq)
    await client.close()
    assert message.data == "邻里".encode()


def test_a_stranger_without_the_password_is_refused(server: EmbeddedNats) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as stranger:
        stranger.recv(4096)
        stranger.sendall(b"CONNECT {}\r\nPING\r\n")

        assert b"Authorization Violation" in stranger.recv(4096)


def test_it_writes_through_to_the_disk_takes_one_megabyte_and_stays_on_loopback(server: EmbeddedNats) -> None:
    about = json.loads(get(f"{server.monitor_url}/varz").body)

    assert about["jetstream"]["config"]["sync_always"] is True
    assert about["max_payload"] == 1_048_576
    assert (about["host"], about["http_host"]) == ("127.0.0.1", "127.0.0.1")


def test_its_passwords_are_closed_to_other_users(server: EmbeddedNats) -> None:
    for file in (server.config, server.directory / "secrets" / "nats-password"):
        assert file.stat().st_mode & 0o077 == 0


def test_a_second_server_on_the_same_directory_is_refused_with_advice(
    server: EmbeddedNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ORPHAN_SECONDS", 0.3)

    with pytest.raises(Trouble, match=rf"{server.pid}.*linli down"):
        EmbeddedNats(server.directory).start()


def test_a_taken_port_is_named_with_advice(server: EmbeddedNats, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=rf"{server.port}.*--ports"):
        EmbeddedNats(tmp_path, port=server.port).start()
