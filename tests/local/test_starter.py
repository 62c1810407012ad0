"""`./linli` on a machine with nothing but Python."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local.service import CHECKOUT

COMMAND_THAT_TELLS_WHERE_IT_RUNS = """
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "python": sys.executable, "cwd": os.getcwd(), "path": sys.path[:2]}))
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone whose lock asks for nothing (no network is needed) and whose only command tells of itself."""
    copy = tmp_path_factory.mktemp("checkout") / "邻里 linli"
    (copy / "deploy" / "local").mkdir(parents=True)
    shutil.copy(CHECKOUT / "linli", copy)
    shutil.copy(CHECKOUT / "deploy" / "local" / "words.py", copy / "deploy" / "local")
    (copy / "deploy" / "local" / "cli.py").write_text(COMMAND_THAT_TELLS_WHERE_IT_RUNS)
    (copy / "requirements.lock").write_text("# nothing\n")
    (copy / "requirements-test.lock").write_text("# nothing for tests\n")
    return copy


def plain_python() -> str:
    """The Python that made the house's own environment: what a newcomer has."""
    return str(Path(sys.base_prefix) / "bin" / "python3")


def start(checkout: Path, *arguments: str, env: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    """Starts `./linli ARGUMENTS` from somewhere else, with an almost empty environment."""
    return subprocess.Popen(
        [plain_python(), str(checkout / "linli"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LINLI_LANG": "en", **(env or {})},
    )


def run(checkout: Path, *arguments: str, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """The status, the output and the messages of one run."""
    process = start(checkout, *arguments, env=env)
    output, messages = process.communicate(timeout=120)
    return process.returncode, output, messages


@pytest.mark.soak
def test_two_first_starts_at_once_make_one_environment_and_both_run(checkout: Path) -> None:
    both = [start(checkout, "status", "--json"), start(checkout, "status", "--json")]
    ends = [process.communicate(timeout=120) for process in both]

    assert [process.returncode for process in both] == [0, 0], ends
    assert sum("Making .venv" in messages for _, messages in ends) == 1
    assert sum("waiting" in messages for _, messages in ends) == 1
    told = json.loads(ends[0][0])
    assert told["arguments"] == ["status", "--json"]
    assert told["python"] == str(checkout / ".venv" / "bin" / "python")
    assert (told["cwd"], told["path"][0]) == ("/", str(checkout))


@pytest.mark.soak
def test_a_second_start_installs_nothing(checkout: Path) -> None:
    run(checkout, "status")
    began = time.monotonic()

    status, _, messages = run(checkout, "status")

    assert (status, messages) == (0, "")
    assert time.monotonic() - began < 2


@pytest.mark.soak
def test_a_changed_lock_is_installed_and_one_that_cannot_be_is_explained(checkout: Path) -> None:
    run(checkout, "status")
    lock = checkout / "requirements.lock"
    lock.write_text(f"no-such-package-of-linli==1.0 --hash=sha256:{'0' * 64}\n")
    no_network = {"PIP_NO_INDEX": "1"}

    status, output, messages = run(checkout, "status", env=no_network)
    again, _, _ = run(checkout, "status", env=no_network)

    assert (status, again, output) == (1, 1, "")
    assert "Check the network" in messages
    lock.write_text("# nothing again\n")
    assert run(checkout, "status")[0] == 0


@pytest.mark.soak
def test_developer_commands_install_the_test_lock_too(checkout: Path) -> None:
    run(checkout, "status")
    stamp = checkout / ".venv" / "linli-requirements-test.lock.sha256"
    assert not stamp.exists()

    assert run(checkout, "test")[0] == 0

    assert stamp.exists()


def test_a_python_without_venv_is_told_what_to_install(checkout: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(checkout, copy, ignore=shutil.ignore_patterns(".venv"))
    hidden = (copy / "linli").read_text().replace('find_spec("ensurepip") is None', "True")
    (copy / "linli").write_text(hidden)

    status, _, messages = run(copy, "up")

    assert status == 1
    assert "apt install python3" in messages
    assert not (copy / ".venv").exists()


def test_an_old_python_is_told_which_one_is_needed_in_the_readers_language(checkout: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(checkout, copy, ignore=shutil.ignore_patterns(".venv"))
    (copy / "linli").write_text((copy / "linli").read_text().replace("NEEDED = (3, 11)", "NEEDED = (4, 0)"))

    status, _, messages = run(copy, "up", env={"LINLI_LANG": "", "LANG": "zh_CN.UTF-8"})

    assert status == 1
    assert "需要 Python" in messages
