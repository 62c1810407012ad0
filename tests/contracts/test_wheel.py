"""The wheel of the contracts, built, installed in a clean venv and used as its README says."""

import re
import subprocess
import sys
import zipfile
from email.parser import Parser
from importlib.util import find_spec
from pathlib import Path

import pytest

from contracts.catalogue import MESSAGES, REQUESTS

HOME = Path(__file__).parents[2] / "contracts"
NEEDED = ("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection")
"""Pydantic and what it needs itself."""
SNIPPET = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def run(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", out, HOME)
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def clean_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv with the wheel, and of everything else only what pydantic is."""
    venv = tmp_path_factory.mktemp("integrator") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", venv)
    python = venv / "bin" / "python"
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    for name in NEEDED:
        origin = Path(str(find_spec(name).origin))  # type: ignore[union-attr]
        found = origin.parent if origin.name == "__init__.py" else origin
        (packages / found.name).symlink_to(found)
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", "-q", wheel)
    return python


def test_the_wheel_needs_pydantic_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [metadata] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        about = Parser().parsestr(archive.read(metadata).decode())

    needed = about.get_all("Requires-Dist") or []
    assert [each for each in needed if "extra" not in each] == [each for each in needed if each.startswith("pydantic<")]
    assert [each for each in needed if "extra" in each] == ["nats-py[nkeys]<3,>=2.16; extra == 'client'"]


def test_the_wheel_holds_classes_schemas_and_samples_but_no_tools(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    for kind in MESSAGES:
        assert f"linli_contracts/schemas/{kind.contract.type}.json" in names
        assert f"linli_contracts/samples/{kind.contract.type}.json" in names
    assert len([name for name in names if name.endswith(".reply.json")]) == 2 * len(REQUESTS)
    assert {"linli_contracts/py.typed", "linli_contracts/LICENSE", "linli_contracts/client/__init__.py"} <= names
    assert not [name for name in names if re.search(r"generation|released|documents|\.toml$", name)]


def test_the_readme_of_the_wheel_works_in_a_clean_venv(clean_python: Path) -> None:
    snippets = SNIPPET.findall((HOME / "README.md").read_text("utf-8"))
    assert len(snippets) == 2

    printed = run(clean_python, "-c", "\n".join(snippets))

    assert "cmd.activities.enrol\n" in printed
    assert "409 报名已截止。请选其他场次。\n" in printed
    assert "linli.notify.notice.sent.v1 evt.notify.notice.sent.v1.3505.03.>" in printed
    assert printed.rstrip().endswith(" 2")


def test_an_integrator_can_say_and_read_an_event(clean_python: Path) -> None:
    script = """
from datetime import UTC, datetime
from uuid import UUID
from linli_contracts import catalogue, envelope
from linli_contracts.activities.v1 import SessionClosed

one = UUID(int=1)
fact = SessionClosed(session_id=one, unit_id=one, person_times=3, persons=2, held=True, rule="attendance-count-1")
text = envelope.seal(fact, id=one, time=datetime.now(UTC), region="350503001000", version=4, actor="x",
                     correlation=one, causation=one)
event = envelope.read(SessionClosed, text)
assert event.data == fact, event
print(event.nats_subject, len(catalogue.MESSAGES))
"""

    printed = run(clean_python, "-c", script)

    assert printed == f"evt.activities.session.closed.v1.3505.03.001.000 {len(MESSAGES)}\n"


def test_nothing_but_the_client_needs_nats(clean_python: Path) -> None:
    script = """
import importlib.util, pkgutil, linli_contracts
assert importlib.util.find_spec("nats") is None
for found in pkgutil.walk_packages(linli_contracts.__path__, "linli_contracts."):
    if not found.name.startswith("linli_contracts.client"):
        importlib.import_module(found.name)
try:
    importlib.import_module("linli_contracts.client")
except ModuleNotFoundError as missing:
    print(missing.name)
"""

    assert run(clean_python, "-c", script) == "nats\n"
