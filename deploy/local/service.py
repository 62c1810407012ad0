"""The services of the house as programs: what each is started with."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.local.child import Child, rotate
from deploy.local.ports import LOOPBACK, free_port, is_taken
from deploy.local.probe import get
from deploy.local.program import Program
from deploy.local.trouble import Trouble
from deploy.local.words import say
from deploy.postgres.provision import KEYRING_SERVER
from deploy.postgres.provision import SERVICES as WITH_DATABASE

CHECKOUT = Path(__file__).resolve().parents[2]
GATEWAY = "gateway"
REGISTRY = "registry"
HOUSE = (*WITH_DATABASE, GATEWAY)
"""The services of `./linli up`, in start order."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service's name, the command that runs one instance, and whether it has a database of its own."""

    name: str
    argv: tuple[str, ...]
    database: bool

    @classmethod
    def of_the_house(cls, name: str) -> Self:
        """`python -m services.<name>.app`; Trouble when there is no such service."""
        if not (CHECKOUT / "services" / name / "app.py").exists():
            raise Trouble(
                say(
                    f"没有名为 {name} 的服务：services/{name}/app.py 不存在。",
                    f"There is no service {name}: services/{name}/app.py is missing.",
                )
            )
        return cls(name, (sys.executable, "-m", f"services.{name}.app"), name in WITH_DATABASE)


class Process(Program):
    """One process of ours that serves HTTP on loopback, or nothing at all where it has no port.

    `fixed_port` is the one it must have (Trouble when taken); otherwise it gets a free one.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        service: str = "",
        fixed_port: int | None = None,
    ) -> None:
        super().__init__(name, log)
        self.service = service
        self.port = fixed_port
        self._argv, self._env = argv, dict(env)
        self._fixed = fixed_port is not None
        rotate(log)

    def start(self) -> Self:
        """Starts the process; does not wait until it is ready."""
        env = dict(self._env)
        if self.service:
            self._find_port()
            env |= {"LINLI_HTTP_HOST": LOOPBACK, "LINLI_HTTP_PORT": str(self.port)}
        try:
            self._spawn(Child(self._argv, log=self.log, env=env, cwd=CHECKOUT))
        except OSError as failure:
            raise Trouble(
                say(f"无法启动 {self.name}:{failure}。", f"{self.name} cannot be started: {failure}.")
            ) from failure
        return self

    def _find_port(self) -> None:
        if not self._fixed and (self.port is None or is_taken(self.port)):
            self.port = free_port()

    @property
    def url(self) -> str:
        """Where it serves HTTP, without a slash at the end; empty where it does not."""
        return f"http://{LOOPBACK}:{self.port}" if self.port else ""

    @property
    def ready(self) -> bool:
        """Whether it runs and says at `/ready` that it can work. A process without HTTP is ready when it runs."""
        return self.running and (not self.service or get(f"{self.url}/ready").status == 200)


def child_environment() -> dict[str, str]:
    """What every child inherits: our environment, without the administrator's ways into databases and bus."""
    ours = ("LINLI_POSTGRES_DSN", "LINLI_KEYRING_DSN", KEYRING_SERVER, "LINLI_NATS_URL", "LINLI_NATS_SEED_FILE")
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    return inherited | {"PYTHONPATH": str(CHECKOUT), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}


def checked_scale(scale: Mapping[str, int], services: Sequence[Service]) -> dict[str, int]:
    """How many instances of each service: one where `scale` does not say; Trouble for a name that does not run."""
    names = [service.name for service in services]
    for name, count in scale.items():
        if name not in names or count < 1:
            raise Trouble(
                say(
                    f"无法设置 {name}={count}：可选服务为 {'、'.join(names)}，数量至少为 1。",
                    f"Cannot scale {name}={count}: choose among {', '.join(names)}, and at least 1.",
                )
            )
    return {name: scale.get(name, 1) for name in names}


def is_service(program: Program) -> bool:
    """Whether it is an instance of a service, and not a server or a helper."""
    return isinstance(program, Process) and bool(program.service)
