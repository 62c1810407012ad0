"""What a running stack writes down about itself, for `status`, `down` and every other command (`.linli/stack.json`)."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from deploy.local.living import Living
from deploy.local.private import write_private

FILE = "stack.json"


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """One program of the stack; `service` is empty for servers and helpers, `url` for those without HTTP."""

    name: str
    service: str
    state: str
    pid: int
    restarts: int
    exit_code: int | None
    url: str
    log: str


@dataclass(frozen=True, slots=True)
class Record:
    """A stack at one moment. Its DSN and URL hold passwords: the file is for our user alone.

    `state` is `starting`, `ready` or `stopping`. `gateway_url` is empty in a stack without a gateway.
    """

    state: str
    supervisor: Living
    directory: str
    gateway_url: str
    nats_url: str
    nats_monitor_url: str
    postgres_dsn: str
    instances: list[InstanceRecord] = field(default_factory=list)
    nats_websocket_url: str = ""

    @property
    def secrets_dir(self) -> Path:
        """Where the stack keeps its passwords and keys."""
        return Path(self.directory) / "secrets"

    def for_people(self) -> dict[str, object]:
        """What a command may print: the same without passwords."""
        return {
            "state": self.state,
            "directory": self.directory,
            "supervisor": self.supervisor.pid,
            **addresses(self.gateway_url),
            "nats": without_password(self.nats_url),
            "nats_websocket": self.nats_websocket_url,
            "nats_monitor": self.nats_monitor_url,
            "postgres": without_password(self.postgres_dsn),
            "secrets": str(self.secrets_dir),
            "instances": [asdict(instance) for instance in self.instances],
        }


def addresses(gateway_url: str) -> dict[str, str]:
    """The addresses to look at, by name; none in a stack without a gateway."""
    if not gateway_url:
        return {}
    return {"gateway": gateway_url, "docs": f"{gateway_url}/docs", "events": f"{gateway_url}/v1/events"}


def without_password(url: str) -> str:
    """The address without the login in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def write_record(record: Record) -> None:
    """Replaces the record of the stack's directory."""
    write_private(Path(record.directory) / FILE, json.dumps(asdict(record), indent=1))


def remove_record(directory: Path) -> None:
    """Forgets the stack of the directory."""
    (directory / FILE).unlink(missing_ok=True)


def find_running(directory: Path) -> Record | None:
    """The stack that runs in the directory; None when there is none. What a crashed one left behind counts as none."""
    try:
        stored = json.loads((directory / FILE).read_text(encoding="utf-8"))
        supervisor = Living(**stored.pop("supervisor"))
        instances = [InstanceRecord(**instance) for instance in stored.pop("instances")]
        record = Record(supervisor=supervisor, instances=instances, **stored)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None
    return record if record.supervisor.alive else None
