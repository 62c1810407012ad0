"""`./linli up`, `status` and `down` as people use them, in a checkout whose services are dummies."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.living import Living, descendants
from deploy.local.ports import free_port, is_taken
from deploy.local.service import CHECKOUT, HOUSE
from tests.local.conftest import all_gone, wait_until

IDLE = "import signal; signal.pause()"
MIGRATOR = "import os; print('migrated', sorted(os.listdir(os.environ['LINLI_SECRETS_DIR'])))"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real starter and servers; services that only answer; a migrator that leaves a mark."""
    copy = tmp_path_factory.mktemp("checkout")
    for folder in ("deploy/local", "deploy/nats", "deploy/postgres"):
        shutil.copytree(CHECKOUT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for service in HOUSE:
        (copy / "services" / service).mkdir(parents=True)
        shutil.copy(CHECKOUT / "tests" / "local" / "dummy_service.py", copy / "services" / service / "app.py")
    (copy / "services" / "doorkeeper").mkdir()
    (copy / "services" / "doorkeeper" / "app.py").write_text(IDLE)
    (copy / "deploy" / "migrate.py").write_text(MIGRATOR)
    return copy


def three_free_ports() -> int:
    """The first of three that follow each other."""
    base = free_port()
    while is_taken(base + 1) or is_taken(base + 2):
        base = free_port()
    return base


class Terminal:
    """Somebody who types commands into a checkout, with a data directory and ports of their own."""

    def __init__(self, checkout: Path, data: Path) -> None:
        self.data, self.port = data, three_free_ports()
        self._env = os.environ | {"PYTHONPATH": str(checkout), "PYTHONSAFEPATH": "1", "LINLI_LANG": "en"}

    def type(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Runs `./linli WORDS --data ...` to its end."""
        argv = [sys.executable, "-m", "deploy.local.cli", *words, "--data", str(self.data)]
        return subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/", env=self._env, timeout=120)

    def type_json(self, *words: str) -> dict[str, Any]:
        """The one object that a command prints with `--json`."""
        done = self.type(*words, "--json")
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


@pytest.fixture
def terminal(checkout: Path, tmp_path: Path) -> Iterator[Terminal]:
    """Whatever a test leaves running is stopped."""
    person = Terminal(checkout, tmp_path / "data")
    yield person
    person.type("down")


def test_up_in_the_background_status_up_again_and_down(terminal: Terminal) -> None:
    up = terminal.type_json("up", "--detach", "--ports", str(terminal.port), "--scale", "activities=2")
    assert up["gateway"] == f"http://127.0.0.1:{terminal.port}"
    assert (
        "migrated ['audit-keys.json', 'bus.seed', 'postgres-roles.json', 'token-keys.json']"
        in (terminal.data / "logs" / "migrate.log").read_text()
    )

    status = terminal.type_json("status")
    services = [it["name"] for it in status["instances"] if it["ready"]]
    assert services == ["gateway-1", "registry-1", "activities-1", "activities-2", "volunteers-1", "notify-1"]

    again = terminal.type_json("up")
    assert again["supervisor"] == up["supervisor"]

    family = descendants(up["supervisor"])
    assert terminal.type_json("down") == {"stopped": True, "directory": str(terminal.data)}
    assert all_gone(family)
    assert Living.find(up["supervisor"]) is None


@pytest.mark.soak
def test_up_twice_at_once_starts_one_system(terminal: Terminal) -> None:
    ends: list[subprocess.CompletedProcess[str]] = []
    words = ("up", "--detach", "--ports", str(terminal.port))
    rivals = [threading.Thread(target=lambda: ends.append(terminal.type(*words))) for _ in range(2)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()

    assert sorted(end.returncode for end in ends) == [0, 0], [end.stderr for end in ends]
    names = [instance["name"] for instance in terminal.type_json("status")["instances"]]
    assert len(names) == len(set(names))
    assert [name for name in names if name.endswith("-2")] == []


@pytest.mark.soak
def test_migrate_alone_leaves_nothing_running(terminal: Terminal) -> None:
    assert terminal.type_json("migrate")["migrated"] is True

    assert terminal.type("status").returncode == 1
    assert "migrated" in (terminal.data / "logs" / "migrate.log").read_text()


@pytest.mark.soak
def test_a_failed_start_in_the_background_says_why(terminal: Terminal, checkout: Path) -> None:
    app = checkout / "services" / "notify" / "app.py"
    working = app.read_text()
    app.write_text("raise SystemExit('no template')")
    try:
        failed = terminal.type("up", "--detach", "--ports", str(terminal.port))
    finally:
        app.write_text(working)

    assert failed.returncode == 1
    assert "no template" in failed.stderr
    assert "Traceback" not in failed.stderr
    wait_until(lambda: terminal.type("status").returncode == 1)
