"""Ports for servers of our own."""

import socket
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.ports import LOOPBACK, free_port

GIVEN_TO_CALLERS = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_a_port_is_none_that_an_outgoing_connection_could_take_while_its_server_is_down() -> None:
    first = int(GIVEN_TO_CALLERS.read_text("ascii").split()[0]) if GIVEN_TO_CALLERS.exists() else 49_152

    assert all(free_port() < first for _ in range(20))


def test_where_all_of_these_are_in_use_there_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((LOOPBACK, free_port())) as rival:
        taken = rival.getsockname()[1]
        monkeypatch.setattr(ports, "FIRST", taken)
        monkeypatch.setattr(ports, "LAST", taken)

        assert free_port() != taken
