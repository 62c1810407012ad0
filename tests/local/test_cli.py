"""The manual."""

import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from asyncpg import CannotConnectNowError

from deploy.local import cli
from deploy.local.commands.status import cells, needs_a_look, restore_lines, state_of
from deploy.local.commands.up import parse_scale
from deploy.local.health import Health
from deploy.local.table import Entry, available
from deploy.local.trouble import Trouble
from deploy.local.words import say
from tests.commands import linli
from tests.local.conftest import PYTHON_OF_THE_HOUSE


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_LANG", "en")


def as_a_process(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command line as the starter does."""
    return subprocess.run(
        [sys.executable, "-m", "deploy.local.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=os.environ | PYTHON_OF_THE_HOUSE | {"LINLI_LANG": "en"},
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_manual_names_every_command_of_this_checkout_in_the_readers_language(language: str) -> None:
    shown = linli("--help", language=language).stdout

    for entry in available():
        assert entry.name in shown
        assert (entry.zh if language == "zh" else entry.en)[:12] in shown


def test_a_command_whose_module_is_missing_is_not_in_the_manual() -> None:
    assert not Entry("x", "deploy.nowhere.at_all:x", "", "").available
    assert Entry("x", "deploy.local.commands.up:up", "", "").available


def test_trouble_is_a_sentence_and_a_failed_status(tmp_path_factory: pytest.TempPathFactory) -> None:
    failed = as_a_process("up", "--scale", "activities=many", "--data", str(tmp_path_factory.mktemp("data")))

    assert (failed.returncode, failed.stdout) == (1, "")
    assert "write activities=3" in failed.stderr
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError(111, "refused"), TimeoutError(), CannotConnectNowError("soon")]
)
def test_a_server_that_is_away_is_a_sentence_and_a_failed_status(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def away(**_: object) -> None:
        raise error

    monkeypatch.setattr(cli, "app", away)
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 1
    assert "./linli status" in capsys.readouterr().err


def test_a_fault_of_ours_is_no_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise LookupError("ours")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(LookupError):
        cli.main()


def test_status_of_nothing_is_one_json_object_and_a_failed_status(tmp_path_factory: pytest.TempPathFactory) -> None:
    shown = linli("status", "--json", "--data", str(tmp_path_factory.mktemp("data")))

    assert shown.returncode == 1
    assert '"state": "stopped"' in shown.stdout


def test_scales_are_read() -> None:
    assert parse_scale(["activities=3", "notify=2"]) == {"activities": 3, "notify": 2}
    with pytest.raises(Trouble):
        parse_scale(["activities"])


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "中"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LINLI_LANG": "en"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LINLI_LANG": "zh"}, "中"),
        ({}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale_unless_chosen(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LINLI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert say("中", "en") == expected


def health(**changes: Any) -> Health:
    """A service in good health."""
    good = Health(
        "notify-1", "running", 7, 0, 3725.0, 50 << 20, True, 12, 4, 2.6, 0, False, False, [], {}, "http://x", "log"
    )
    return replace(good, **changes)


def test_the_table_of_status_shows_lag_outbox_age_and_quarantine() -> None:
    assert cells(health()) == ("notify-1", "ready", "0", "1 h 2 m", "50 MB", "12", "4 (3 s)", "0")


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"ready": False}, "not ready"), ({"state": "waiting"}, "crashed"), ({"state": "stopped"}, "stopped")],
)
def test_what_does_not_work_stands_out(changes: dict[str, Any], word: str) -> None:
    assert state_of(health(**changes)) == word
    assert needs_a_look(health(**changes))
    assert needs_a_look(health(quarantine=1))
    assert needs_a_look(health(gone_back=True))
    assert needs_a_look(health(audit_altered=True))
    assert not needs_a_look(health())


def test_status_says_what_a_restore_left_to_be_done() -> None:
    back, stale = restore_lines([health(gone_back=True), health(rebuild=["notify-sessions"]), health()])

    assert "./linli restored notify" in back
    assert "rebuild read models (notify-sessions)" in stale
    assert restore_lines([health()]) == []


def test_status_says_that_an_audit_log_was_altered() -> None:
    [line] = restore_lines([health(audit_altered=True), health()])

    assert "./linli audit verify --service notify" in line
