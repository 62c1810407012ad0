"""Two people who scale at once."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.local.commands import scale as module
from deploy.local.scaling import REQUEST_FILE
from deploy.local.trouble import Trouble


def test_whoever_was_not_heard_because_another_scaled_at_once_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = [SimpleNamespace(service="activities", name="activities-1")]
    supervisor = SimpleNamespace(send=lambda _: (tmp_path / REQUEST_FILE).unlink(), alive=True)
    record: Any = SimpleNamespace(supervisor=supervisor, instances=running)
    monkeypatch.setattr(module, "require_running", lambda _: record)

    with pytest.raises(Trouble, match="activities"):
        module.scale(["activities=3"], data=tmp_path)
    module.scale(["activities=1"], data=tmp_path)
