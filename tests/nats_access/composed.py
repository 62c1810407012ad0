"""The compose file carried out without containers: its commands, environments and secrets, on servers of the wheels."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

import deploy.local.postgres as embedded
from deploy.compose.make_secrets import make
from deploy.local.binaries import guise_for, nats_server
from deploy.local.child import Child
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.service import CHECKOUT, child_environment
from deploy.postgres.provision import dsn_as

FOLDER = CHECKOUT / "deploy" / "compose"
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def compose_file() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
    return found


def interpolated(text: str, env: Mapping[str, str]) -> str:
    """As compose fills in `${NAME:-other}` and `${NAME:?complaint}`. Raises KeyError with the complaint."""

    def value(found: re.Match[str]) -> str:
        name, kind, other = found.groups()
        if env.get(name):
            return env[name]
        if kind == "?":
            raise KeyError(other)
        return other or ""

    return VARIABLE.sub(value, text).replace("$$", "$")


def environment_of(service: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, str]:
    return {name: interpolated(str(value), env) for name, value in service.get("environment", {}).items()}


def settings_of_postgres() -> dict[str, str]:
    """What `-c name=value` of the command sets."""
    words = compose_file()["services"]["postgres"]["command"]
    return dict(word.split("=", 1) for flag, word in pairwise(words) if flag == "-c")


@dataclass(slots=True)
class Composed:
    """The folder of secrets and where the servers are; `run` is a process of the compose file."""

    folder: Path
    postgres_port: int
    nats_port: int
    monitor_port: int
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """compose.env, as `--env-file` reads it."""
        lines = (self.folder / "compose.env").read_text("ascii").splitlines()
        return dict(line.partition("=")[::2] for line in lines)

    def here(self, text: str, name: str) -> str:
        """The addresses and folders of the containers as they are on this machine."""
        own = self.folder / ("migrator" if name == "migrate" else name)
        for theirs, ours in {
            "/run/linli": str(own),
            "@postgres:5432": f"@localhost:{self.postgres_port}",
            "//nats:4222": f"//localhost:{self.nats_port}",
            "//nats:8222": f"//{LOOPBACK}:{self.monitor_port}",
        }.items():
            text = text.replace(theirs, ours)
        return text

    def environment(self, name: str) -> dict[str, str]:
        service = compose_file()["services"][name]
        told = {key: self.here(value, name) for key, value in environment_of(service, self.env).items()}
        self.ports[name] = free_port()
        return child_environment() | told | {"LINLI_HTTP_PORT": str(self.ports[name]), "LINLI_HTTP_HOST": LOOPBACK}

    def dsn(self, name: str, of: str) -> str:
        """The DSN of a database with the certificate of a process."""
        return self.here(self.env[f"{of.upper()}_DSN"], name)

    def without(self, dsn: str) -> str:
        """The same DSN without a certificate of its own."""
        return re.sub("&ssl(cert|key)=[^&]*", "", dsn)

    def with_password(self, dsn: str, password: str) -> str:
        return dsn_as(dsn, "linli_registry", password, "linli_registry")

    def start(self, name: str) -> Child:
        """The process of a service, with the command that compose gives its container."""
        argv = [sys.executable, *compose_file()["services"][name]["command"][1:]]
        return Child(argv, log=self.folder / f"{name}.log", env=self.environment(name), cwd=CHECKOUT).start()


@contextmanager
def composed(folder: Path) -> Iterator[Composed]:
    """Secrets as `make_secrets` makes them, and both servers with the settings of the deploy files."""
    place = Composed(folder / "secrets", free_port(), free_port(), free_port())
    make(place.folder)
    before = embedded.SETTINGS
    with ExitStack() as stack:
        stack.callback(lambda: vars(embedded).update(SETTINGS=before))
        postgres = EmbeddedPostgres(folder / "postgres", place.postgres_port)
        postgres.start()  # as initdb does inside the image: made first, then started with the command's settings
        stack.callback(postgres.stop)
        put_copies(place.folder / "tls", folder / "postgres" / "tls", guise_for(folder / "postgres").owner)
        copies = str(folder / "postgres" / "tls")
        settings = {name: value.replace("/tmp", copies) for name, value in settings_of_postgres().items()}
        vars(embedded)["SETTINGS"] = (
            before | settings | {"hba_file": str(FOLDER / "pg_hba.conf"), "ident_file": str(FOLDER / "pg_ident.conf")}
        )
        set_password(postgres, place.env["POSTGRES_PASSWORD"])
        postgres.restart()
        stack.enter_context(nats_of(place))
        yield place


def set_password(postgres: EmbeddedPostgres, password: str) -> None:
    """The image sets the superuser's password from its environment."""
    import asyncio

    import asyncpg

    async def change() -> None:
        database = await asyncpg.connect(postgres.dsn())
        await database.execute(f"ALTER ROLE postgres PASSWORD '{password}'")
        await database.close()

    asyncio.run(change())


def put_copies(tls: Path, copies: Path, owner: int) -> None:
    """What the entry point does: the very words of the compose file, with the folders and the user of this machine."""
    script: str = compose_file()["services"]["postgres"]["entrypoint"][2]
    mounted = [line.split(":")[0] for line in compose_file()["services"]["postgres"]["volumes"] if "/run/tls/" in line]
    shown = copies.with_name("mounted")
    for each in (shown, copies):
        each.mkdir()
    copies.chmod(0o755)
    for line in mounted:
        (shown / Path(line).name).write_bytes((tls / Path(line).name).read_bytes())
        (shown / Path(line).name).chmod(0o600)
    first, _, then = script.partition(" && ")
    assert then.startswith("exec docker-entrypoint.sh")
    words = first.replace("-o postgres", f"-o {owner}").replace(" /tmp", f" {copies}").replace("/run/tls", str(shown))
    subprocess.run(["sh", "-c", words], check=True)


@contextmanager
def nats_of(place: Composed) -> Iterator[None]:
    here = {
        "0.0.0.0:4222": f"{LOOPBACK}:{place.nats_port}",
        "0.0.0.0:8222": f"{LOOPBACK}:{place.monitor_port}",
        "0.0.0.0:8443": f"{LOOPBACK}:{free_port()}",
        "/data": str(place.folder / "data"),
        "/run/tls": str(place.folder / "tls"),
        "./access.conf": "./nats/access.conf",
    }
    text = (FOLDER / "nats.conf").read_text("utf-8")
    for theirs, ours in here.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    (place.folder / "nats.conf").write_text(text, "utf-8")
    argv = [str(nats_server()), "--config", str(place.folder / "nats.conf")]
    child = Child(argv, log=place.folder / "nats.log", cwd=place.folder).start()
    try:
        yield
    finally:
        child.kill()
