"""`./linli contracts` and `python -m contracts.generation`."""

import pytest
from typer.testing import CliRunner

from contracts.generation import __main__, cli, files


def test_check_tells_what_is_wrong_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "problems", lambda: iter(["this is stale"]))

    result = CliRunner().invoke(cli.app, ["check"])

    assert result.exit_code == 1
    assert result.output == "this is stale\n"


def test_check_passes_when_nothing_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "problems", lambda: iter([]))
    monkeypatch.setenv("LINLI_LANG", "zh")

    result = CliRunner().invoke(cli.app, ["check"])

    assert (result.exit_code, result.output) == (0, "契约无误。\n")


def test_release_says_why_not() -> None:
    result = CliRunner().invoke(cli.app, ["release", "soon"])

    assert result.exit_code == 1
    assert "a version reads like 1.2.0" in result.output


def test_map_shows_every_service() -> None:
    result = CliRunner().invoke(cli.app, ["map"])

    assert result.output.startswith("| service | home of | is asked | says | hears, by consumers |")
    assert "| [**notify**](services/notify/README.md) |" in result.output


def test_generate_names_the_files_it_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "write", lambda: [files.DOCUMENTS / "openapi.json"])
    monkeypatch.setenv("LINLI_LANG", "en")

    result = CliRunner().invoke(cli.app, ["generate"])

    assert result.output == "contracts/documents/openapi.json\n1 files written.\n"


def test_the_module_exits_by_what_it_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(__main__, "problems", lambda: iter(["this is stale"]))

    assert __main__.main(["--check"]) == 1
    assert capsys.readouterr().out == "this is stale\n"
    assert __main__.main(["--what"]) == 2
