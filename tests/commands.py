"""Commands of `./linli` run in the process of the tests: a process of their own would cost each a second.

For commands that only read or speak to a running house; those that set up a service are run as a person does.
"""

from dataclasses import dataclass

from typer.testing import CliRunner

from deploy.local.cli import app
from deploy.local.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Done:
    """What a person would have seen."""

    returncode: int
    stdout: str
    stderr: str


def linli(*words: str, language: str = "en") -> Done:
    """Runs a command to its end; it blocks and runs a loop of its own, so from an async test in a thread."""
    ended = CliRunner().invoke(app, words, prog_name="./linli", env={"LINLI_LANG": language})
    if isinstance(ended.exception, Trouble):
        return Done(1, ended.stdout, f"{ended.stderr}linli: {ended.exception}\n")
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Done(ended.exit_code, ended.stdout, ended.stderr)
