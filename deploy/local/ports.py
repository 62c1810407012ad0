"""TCP ports of this machine's loopback."""

import socket
from dataclasses import dataclass
from typing import Self

LOOPBACK = "127.0.0.1"


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
    """A port that nobody listens on now; another program may take it before it is used, so starters try again."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
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
