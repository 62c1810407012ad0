"""What a full disk or a power cut leaves behind stops nobody from stopping or starting."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.local import stack as module
from deploy.local.claim import Claim, is_claimed
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.stack import Stack


def test_a_stack_whose_disk_is_full_still_ends_its_programs_cleanly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []
    keeper: Any = SimpleNamespace(program=None, stop=lambda: stopped.append("nats"))

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "record_of", lambda *_, **__: None)
    monkeypatch.setattr(module, "write_record", full)
    stack = Stack(tmp_path, services=())
    stack._claim, stack._keepers["nats"] = Claim(tmp_path), keeper

    stack.stop()

    assert stopped == ["nats"]
    assert not is_claimed(tmp_path)


@pytest.mark.parametrize("left", ["", "4711"])
def test_a_lock_file_that_a_power_cut_emptied_keeps_no_server_from_starting(tmp_path: Path, left: str) -> None:
    server = EmbeddedPostgres(tmp_path)
    server.data.mkdir()
    lock = server.data / "postmaster.pid"
    lock.write_text(left)

    server._settle_lock_file()

    assert not lock.exists()
