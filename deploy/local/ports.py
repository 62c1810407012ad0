"""TCP ports of this machine's loopback."""

import secrets
import socket
from dataclasses import dataclass
from typing import Self

LOOPBACK = "127.0.0.1"
FIRST, LAST = 20_000, 32_767
"""Linux gives outgoing connections the ports from 32768 on, other systems those from 49152."""
TRIES = 100


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports that must be these; None means any free one."""

    gateway: int | None = None
    postgres: int | None = None
    nats: int | None = None

    @classmethod
    def counting_from(cls, base: int) -> Self:
        """The gateway at `base`, PostgreSQL and NATS at the next two."""
        return cls(base, base + 1, base + 2)


def free_port() -> int:
    """A port that nobody uses now; another program may take it before it is used, so starters try again.

    A server that is down for a moment finds it free again: the system gives it to no outgoing connection.
    """
    for _ in range(TRIES):
        port = FIRST + secrets.randbelow(LAST - FIRST + 1)
        if _bound(port) is not None:
            return port
    found = _bound(0)
    assert found is not None, "the system has no port left"
    return found


def _bound(port: int) -> int | None:
    """The port when it can be bound now, any for 0; None when it is in use."""
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return None
        return int(probe.getsockname()[1])


def is_taken(port: int) -> bool:
    """Whether a server could not listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
        return False
