"""A real nats-server of our own on loopback, with JetStream that writes through to the disk."""

import json
import os
import secrets
import signal
import time
from pathlib import Path
from string import Template
from typing import Self

from deploy.local.binaries import nats_server
from deploy.local.child import Child, rotate
from deploy.local.living import was_given
from deploy.local.ports import LOOPBACK, free_port, is_taken
from deploy.local.private import private_directory, write_private
from deploy.local.probe import get
from deploy.local.program import Program
from deploy.local.trouble import Trouble, did_not_start, last_lines, port_taken, require_space
from deploy.local.words import say
from deploy.nats.keys import ensure_seeds, seed_file
from deploy.nats.rights import OPERATOR, server_block

TEMPLATE = Path(__file__).parent.parent / "nats" / "nats.conf.template"
PASSWORD_FILE = "nats-password"
MAX_PAYLOAD_BYTES = 1_048_576
START_SECONDS = 30.0
ORPHAN_SECONDS = 15.0
PORT_TRIES = 5


class EmbeddedNats(Program):
    """One server with its streams, log and configuration in `directory` (keys in `secrets_dir` where given).

    Without `port` it takes a free one and keeps it over restarts; the ports for monitoring and WebSocket are always
    free ones of loopback. `sync_always=False` leaves acknowledged messages in the page cache: only to show what that
    loses. `operator_login` lets the operator in by a password too, so that `url` is all a test or benchmark needs.
    All methods block; `start` raises Trouble with what to do.
    """

    def __init__(
        self,
        directory: Path,
        port: int | None = None,
        sync_always: bool = True,
        secrets_dir: Path | None = None,
        operator_login: bool = True,
    ) -> None:
        super().__init__("nats", directory.absolute() / "nats.log")
        self.directory = directory.absolute()
        self.config = self.directory / "nats.conf"
        self.port = port or free_port()
        self._take_other_ports()
        self._port_is_any = port is None
        self._sync_always = sync_always
        self.secrets_dir = (secrets_dir or self.directory / "secrets").absolute()
        self._operator_login = operator_login

    def start(self) -> Self:
        """Starts the server; returns when JetStream is ready."""
        private_directory(self.directory)
        require_space(self.directory)
        self._settle_orphan()
        may_move = self._port_is_any and not self.started
        for _ in range(PORT_TRIES):
            if self._launch():
                return self
            if "address already in use" not in last_lines(self.log):
                break
            self._take_other_ports()
            if may_move:
                self.port = free_port()
        raise port_taken(self.port) if is_taken(self.port) else did_not_start("nats-server", self.log)

    def reload(self) -> None:
        """Writes the configuration anew and has the running server take it; who lost its key loses its connection."""
        self._write_config()
        os.kill(self.pid, signal.SIGHUP)

    @property
    def password(self) -> str:
        """The operator's, where she may log in by one; generated at the first start."""
        file = self.secrets_dir / PASSWORD_FILE
        if not file.exists():
            write_private(file, secrets.token_hex(24))
        return file.read_text(encoding="ascii")

    @property
    def url(self) -> str:
        """Where clients connect; with the operator's login in it where she has one."""
        return f"nats://{OPERATOR}:{self.password}@{LOOPBACK}:{self.port}" if self._operator_login else self.address

    @property
    def address(self) -> str:
        """Where clients with a key connect."""
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def websocket_url(self) -> str:
        """Where browsers connect."""
        return f"ws://{LOOPBACK}:{self.websocket_port}"

    def seed_file(self, name: str) -> Path:
        """The key of a credential (deploy/nats/access.md names them)."""
        return seed_file(self.secrets_dir, name)

    @property
    def monitor_url(self) -> str:
        """The monitoring address (`/varz`, `/jsz`, `/healthz`)."""
        return f"http://{LOOPBACK}:{self.monitor_port}"

    def _take_other_ports(self) -> None:
        self.monitor_port, self.websocket_port = free_port(), free_port()

    def _settle_orphan(self) -> None:
        """Waits for a server that outlived a killed supervisor and is stopping; refuses one that stays."""
        deadline = time.monotonic() + ORPHAN_SECONDS
        while (pid := self._other_server()) is not None:
            if time.monotonic() > deadline:
                raise Trouble(
                    say(
                        f"另一个 nats-server(进程 {pid})正在使用 {self.directory}。"
                        "请先运行 ./linli down,或结束该进程。",
                        f"Another nats-server (process {pid}) uses {self.directory}. "
                        "Run ./linli down, or end that process.",
                    )
                )
            time.sleep(0.1)

    def _other_server(self) -> int | None:
        """The living process that the pid file names, if it really serves this directory."""
        try:
            pid = int(self._pid_file.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None
        return pid if was_given(pid, str(self.config)) else None

    @property
    def _pid_file(self) -> Path:
        return self.directory / "nats.pid"

    def _launch(self) -> bool:
        """Starts the process; False when it ended before it was ready, its log then says why."""
        self._write_config()
        rotate(self.log)
        argv = [str(nats_server()), "--config", str(self.config)]
        child = self._spawn(Child(argv, log=self.log, cwd=self.directory, orphan_signal=self.stop_signal))
        deadline = time.monotonic() + START_SECONDS
        while not self._healthy():
            if child.wait(0.01):
                return False
            if time.monotonic() > deadline:
                child.kill()
                return False
        return True

    def _write_config(self) -> None:
        text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
            port=self.port,
            monitor_port=self.monitor_port,
            websocket_port=self.websocket_port,
            pid_file=self._pid_file,
            max_payload=MAX_PAYLOAD_BYTES,
            store_dir=self.directory / "streams",
            sync_interval="always" if self._sync_always else '"2m"',
            access=server_block(
                ensure_seeds(self.secrets_dir),
                self.password if self._operator_login else None,
                shared_inbox="shared-inbox" in os.environ.get("LINLI_SABOTAGE", "").split(","),
            ),
        )
        write_private(self.config, text)

    def _healthy(self) -> bool:
        """Checks the client port too: another server may have taken the monitoring port."""
        health, about = get(f"{self.monitor_url}/healthz"), get(f"{self.monitor_url}/varz")
        return health.status == 200 and about.status == 200 and json.loads(about.body).get("port") == self.port
