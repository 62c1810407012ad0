"""The whole system on one machine: servers, migrations and services, started in order and kept running."""

import sys
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.claim import Claim
from deploy.local.handing_out import BUS_SEED, ensure_secrets
from deploy.local.migrator import migrate
from deploy.local.nats import EmbeddedNats
from deploy.local.ports import LOOPBACK, Ports, is_taken
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.private import private_directory
from deploy.local.program import Program
from deploy.local.progress import Silent, Teller
from deploy.local.record import remove_record, without_password, write_record
from deploy.local.recording import record_of
from deploy.local.service import (
    GATEWAY,
    HOUSE,
    REGISTRY,
    Process,
    Service,
    checked_scale,
    child_environment,
    is_service,
)
from deploy.local.supervisor import Keeper, stop_together
from deploy.local.trouble import did_not_start, not_ready, port_taken, require_space
from deploy.local.words import say
from deploy.nats.rights import kept
from deploy.postgres.logins import ensure_logins, runtime_dsn
from deploy.postgres.provision import KEYRING, keyring_server

READY_SECONDS = 90.0
CRASHES_BEFORE_READY = 3


class Stack:
    """Servers and services of one directory. `start` returns when every service is ready; `stop` leaves no process.

    As a library: `with Stack(directory, scale={"activities": 2}) as stack: ...`. `services` are names of the house's
    services or `Service`s of your own; `environment` is added to every child's environment. Given `postgres_dsn` (an
    admin's) or `nats_url`, that server is used instead of an own one. `durable=False` turns PostgreSQL's fsync off:
    tests only. `operator_login=False` makes `nats_url` an address without a login: who comes needs a key.
    `migrates=False` skips migrations. Failures are Trouble with what to do; then nothing is left running.
    """

    def __init__(
        self,
        directory: Path,
        *,
        services: Sequence[str | Service] = HOUSE,
        scale: Mapping[str, int] | None = None,
        ports: Ports | None = None,
        postgres_dsn: str | None = None,
        nats_url: str | None = None,
        environment: Mapping[str, str] | None = None,
        durable: bool = True,
        operator_login: bool = True,
        migrates: bool = True,
        teller: Teller | None = None,
    ) -> None:
        self.directory = directory.absolute()
        self.secrets_dir = self.directory / "secrets"
        undurable = {} if durable else {"LINLI_ALLOW_UNDURABLE": "true"}
        self.environment = undurable | dict(environment or {})
        self._services = [Service.of_the_house(it) if isinstance(it, str) else it for it in services]
        self._scale = checked_scale(scale or {}, self._services)
        self._ports = ports or Ports()
        self.admin_dsn, self.nats_url = postgres_dsn or "", nats_url or ""
        self._durable, self._operator_login, self._migrates = durable, operator_login, migrates
        self._teller: Teller = teller or Silent()
        self._keepers: dict[str, Keeper] = {}
        self._helpers: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {}
        self._claim: Claim | None = None
        self._state, self._record_lock = "new", threading.Lock()

    def start(self) -> Self:
        """Starts servers, migrates, starts helpers and services, and returns when every service is ready."""
        self.directory.mkdir(parents=True, exist_ok=True)
        require_space(self.directory)
        self._claim = Claim(self.directory)
        try:
            if self._ports.gateway is not None and is_taken(self._ports.gateway):
                raise port_taken(self._ports.gateway)
            steps = sum(self._scale.values()) + 2 + self._migrates
            self._teller.begin(say("正在启动邻里", "Starting Linli"), steps)
            self._start_servers()
            ensure_secrets(self.secrets_dir)
            self._start_instances(with_database=False)  # while databases are made
            if self._migrates:
                migrate(self.admin_dsn, self.nats_url, self.secrets_dir, self._log("migrate"))
                self._teller.step(say("数据库与消息流已就绪", "databases and streams migrated"))
            self._start_processes()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        self._become("ready")
        return self

    def stop(self) -> None:
        """Ends the services together, then helpers, NATS and PostgreSQL, each cleanly or by force."""
        if self._claim is None:
            return
        self._state = "stopping"
        self._note_change()
        services = [keeper for keeper in self._keepers.values() if is_service(keeper.program)]
        stop_together(services)
        for keeper in reversed([other for other in self._keepers.values() if other not in services]):
            keeper.stop()
        self._state = "stopped"
        remove_record(self.directory)
        self._claim.release()
        self._claim = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def processes(self) -> Mapping[str, Keeper]:
        """Everything that is kept running, by name: `postgres`, `nats`, `activities-1`, ..."""
        return self._keepers

    @property
    def gateway_url(self) -> str:
        """Where the public HTTP interface is; empty in a stack without a gateway."""
        gateway = self._keepers.get(f"{GATEWAY}-1")
        return gateway.program.url if gateway is not None and isinstance(gateway.program, Process) else ""

    def database_dsn(self, service: str) -> str:
        """The service's database for its runtime role."""
        return runtime_dsn(self.admin_dsn, service, ensure_logins(self.secrets_dir))

    def add_process(self, name: str, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Keeps one more process running, such as a mail sink: from now on, or from the start of a stack to come."""
        self._helpers[name] = (argv, env or {})
        if self._state in ("starting", "ready"):
            self._keep_helper(name)

    def scale(self, counts: Mapping[str, int]) -> None:
        """Starts or ends instances until so many of each service named run, at least one of each.

        Returns when the new ones are ready and the others gone. Trouble where one does not start: all new ones go.
        """
        checked_scale(counts, self._services)
        wanted = self._instances(counts)
        running = {
            name for name, keeper in self._keepers.items()
            if isinstance(keeper.program, Process) and keeper.program.service in counts
        }  # fmt: skip
        new = wanted.keys() - running
        try:
            for name in sorted(new):
                self._keep(self._instance(*wanted[name]))
            if new:
                self.wait_ready(new)
        except BaseException:
            self._drop(new)
            raise
        self._drop(running - wanted.keys())

    def _drop(self, names: Collection[str]) -> None:
        """Ends programs for good."""
        stop_together([self._keepers[name] for name in names if name in self._keepers])
        for name in names:
            self._keepers.pop(name, None)
        self._note_change()

    def kill(self, name: str) -> None:
        """SIGKILL to one of `processes`; it is started again like after any crash."""
        self._keepers[name].kill()

    def restart(self, name: str) -> None:
        """Ends one of `processes` cleanly and starts it again at once."""
        self._keepers[name].restart()

    def stop_process(self, name: str) -> None:
        """Ends one of `processes` cleanly and leaves it down until `start_process`."""
        self._keepers[name].stop()

    def start_process(self, name: str) -> None:
        """Starts one of `processes` that was left down."""
        self._keepers[name].start()

    def wait_ready(self, names: Collection[str] = (), seconds: float = READY_SECONDS) -> None:
        """Waits until the named services (all where none is named) are ready; Trouble with the log's end if not."""
        waiting = {name: keeper for name, keeper in self._keepers.items() if not names or name in names}
        deadline = time.monotonic() + seconds
        crashes = {name: keeper.restarts for name, keeper in waiting.items()}
        while waiting := {name: keeper for name, keeper in waiting.items() if not self._seen_ready(keeper)}:
            for name, keeper in waiting.items():
                if keeper.restarts - crashes[name] >= CRASHES_BEFORE_READY:
                    raise did_not_start(name, self._log(name))
                if time.monotonic() > deadline:
                    raise not_ready(name, seconds, self._log(name))
            time.sleep(0.1)

    def _seen_ready(self, keeper: Keeper) -> bool:
        program = keeper.program
        if not isinstance(program, Process):
            return program.running
        ready = program.ready
        if ready and self._state == "starting" and is_service(program):
            self._teller.step(f"{program.name}  {program.url}")
        return ready

    def _start_servers(self) -> None:
        self._become("starting")
        if not self.admin_dsn:
            directory = self.directory / "postgres"
            postgres = EmbeddedPostgres(directory, self._ports.postgres, self._durable, self.secrets_dir)
            self._keep(postgres)
            self.admin_dsn = postgres.dsn()
        self._teller.step("PostgreSQL")
        if not self.nats_url:
            nats = EmbeddedNats(
                self.directory / "nats",
                self._ports.nats,
                secrets_dir=self.secrets_dir,
                operator_login=self._operator_login,
            )
            self._keep(nats)
            self.nats_url = nats.url
        self._teller.step("NATS")

    def _start_processes(self) -> None:
        for name in self._helpers:
            self._keep_helper(name)
        if self._migrates and self._services:
            name, argv = "topology", (sys.executable, "-m", "deploy.nats.standing")
            self._keep(Process(name, argv, env=self._child_environment() | self.own_secrets(name), log=self._log(name)))
        self._start_instances(with_database=True)

    def _start_instances(self, *, with_database: bool) -> None:
        for service, number in self._instances(self._scale).values():
            if service.database == with_database:
                self._keep(self._instance(service, number))

    def _instances(self, counts: Mapping[str, int]) -> dict[str, tuple[Service, int]]:
        """The names of so many instances, each with its service and number."""
        return {
            f"{service.name}-{number}": (service, number)
            for service in self._services
            for number in range(1, counts.get(service.name, 0) + 1)
        }

    def _keep_helper(self, name: str) -> None:
        argv, env = self._helpers[name]
        self._keep(Process(name, argv, env={**self._child_environment(), **env}, log=self._log(name)))

    def _instance(self, service: Service, number: int) -> Process:
        name = f"{service.name}-{number}"
        env = self._child_environment() | {
            "LINLI_INSTANCE": name,
            "LINLI_TRACE_FILE": str(private_directory(self.directory / "traces") / f"{name}.jsonl"),
        }
        env |= self.own_secrets(service.name)
        if service.database:
            env["LINLI_DATABASE_DSN"] = self.database_dsn(service.name)
        if service.name == REGISTRY:
            logins = ensure_logins(self.secrets_dir)
            env["LINLI_KEYRING_DSN"] = runtime_dsn(keyring_server(self.admin_dsn), KEYRING, logins)
        public_port = self._ports.gateway if (service.name, number) == (GATEWAY, 1) else None
        return Process(name, service.argv, env=env, log=self._log(name), service=service.name, fixed_port=public_port)

    def own_secrets(self, name: str) -> dict[str, str]:
        """The environment that shows a process the folder of `name`; nothing for a name that has no rights."""
        folder = self.secrets_dir / name
        own = {"LINLI_SECRETS_DIR": str(folder), "LINLI_NATS_SEED_FILE": str(folder / BUS_SEED)}
        return own if name in kept() else {}

    def _child_environment(self) -> dict[str, str]:
        addresses = {"LINLI_NATS_URL": without_password(self.nats_url)}
        if self._nats_monitor_url:  # of a server that is not ours the operator's own environment tells
            addresses["LINLI_NATS_MONITOR_URL"] = self._nats_monitor_url
        if self._ports.gateway is not None:
            addresses["LINLI_PUBLIC_URL"] = f"http://{LOOPBACK}:{self._ports.gateway}"
        return child_environment() | addresses | self.environment

    @property
    def _nats_monitor_url(self) -> str:
        programs = [keeper.program for keeper in self._keepers.values()]
        return next((it.monitor_url for it in programs if isinstance(it, EmbeddedNats)), "")

    def _log(self, name: str) -> Path:
        return private_directory(self.directory / "logs") / f"{name}.log"

    def _keep(self, program: Program) -> None:
        """Known before it is started, so that `stop` finds it whatever interrupts us."""
        keeper = Keeper(program, note=self._teller.note, changed=self._note_change)
        self._keepers[program.name] = keeper
        keeper.start()

    def _become(self, state: str) -> None:
        self._state = state
        self._write_record()

    def _note_change(self) -> None:
        """Of the keepers' threads, and of the end: both must go on even when the disk is full."""
        with suppress(OSError):
            self._write_record()

    def _write_record(self) -> None:
        with self._record_lock:
            if self._state not in ("starting", "ready", "stopping"):
                return
            record = record_of(
                list(self._keepers.values()),  # other threads write the record while `scale` changes who is there
                state=self._state,
                directory=self.directory,
                gateway_url=self.gateway_url,
                nats_url=self.nats_url,
                postgres_dsn=self.admin_dsn,
            )
            write_record(record)
