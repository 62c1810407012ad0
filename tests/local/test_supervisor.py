"""How a program that keeps ending is started again."""

import sys
from pathlib import Path
from typing import Self

import pytest

from deploy.local import supervisor
from deploy.local.child import Child
from deploy.local.program import Program
from deploy.local.supervisor import Keeper
from deploy.local.trouble import Trouble
from tests.local.conftest import wait_until


class Brief(Program):
    """A program that ends at once, with status 3."""

    def start(self) -> Self:
        """Starts it."""
        self._spawn(Child([sys.executable, "-S", "-c", "raise SystemExit(3)"], log=self.log))
        return self


class Lasting(Program):
    """A program that ignores every polite request."""

    stop_seconds = 0.5

    def start(self) -> Self:
        """Starts it; ready when its log says so."""
        deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
        self._spawn(Child([sys.executable, "-S", "-c", deaf], log=self.log))
        wait_until(lambda: "deaf" in self.log.read_text())
        return self


def test_it_waits_longer_after_each_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_DELAY_SECONDS", 0.01)
    monkeypatch.setattr(supervisor, "LAST_DELAY_SECONDS", 0.04)
    notes: list[str] = []
    keeper = Keeper(Brief("brief", tmp_path / "log"), note=notes.append, changed=lambda: None)

    keeper.start()
    wait_until(lambda: len(notes) >= 4)
    keeper.stop()

    assert [note.rpartition("in ")[2] for note in notes[:4]] == ["0.01 s.", "0.02 s.", "0.04 s.", "0.04 s."]
    assert "ended with status 3" in notes[0]
    assert keeper.state == "stopped"


def test_a_long_healthy_run_makes_the_wait_short_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_DELAY_SECONDS", 0.01)
    monkeypatch.setattr(supervisor, "HEALTHY_SECONDS", 0.0)
    notes: list[str] = []
    keeper = Keeper(Brief("brief", tmp_path / "log"), note=notes.append, changed=lambda: None)

    keeper.start()
    wait_until(lambda: len(notes) >= 3)
    keeper.stop()

    assert {note.rpartition("in ")[2] for note in notes} == {"0.01 s."}


class Moody(Lasting):
    """A program that cannot be started while it is not willing."""

    willing = True

    def start(self) -> Self:
        """Starts it, or does not."""
        if not self.willing:
            raise Trouble("not now")
        return super().start()


def test_what_does_not_start_again_is_tried_like_after_a_crash(tmp_path: Path) -> None:
    keeper = Keeper(moody := Moody("moody", tmp_path / "log"), note=lambda _: None, changed=lambda: None)
    keeper.start()
    moody.willing = False

    with pytest.raises(Trouble, match="not now"):
        keeper.restart()
    moody.willing = True
    wait_until(lambda: keeper.state == "running")
    keeper.kill()
    keeper.stop()

    assert keeper.state == "stopped"


def test_a_program_that_ignores_the_request_to_end_is_killed(tmp_path: Path) -> None:
    notes: list[str] = []
    keeper = Keeper(Lasting("lasting", tmp_path / "log"), note=notes.append, changed=lambda: None)
    keeper.start()

    keeper.stop()

    assert (keeper.program.running, keeper.program.exit_code, notes) == (False, -9, [])
