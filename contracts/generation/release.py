"""Freezes what is declared now as a released version, for the gate to hold on to."""

import re
import shutil
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from . import files
from .gates import problems
from .inventory import inventory

NUMBER: Final = re.compile(r"\d+\.\d+\.\d+")


class NotReleasable(Exception):
    """What stands in the way of a release, and what to do."""


def release(version: str, home: Path = files.HOME, gate: Callable[[], Iterable[str]] = problems) -> Path:
    """Copies schemas, samples and the inventory to `released/<version>/` and returns it. Raises NotReleasable."""
    target = home / "released" / version
    reasons = _reasons(version, home, target) or list(gate())
    if reasons:
        raise NotReleasable("\n".join(reasons))
    for name in ("schemas", "samples"):
        shutil.copytree(home / name, target / name)
    (target / "inventory.json").write_text(files.as_text(inventory()), "utf-8")
    return target


def _reasons(version: str, home: Path, target: Path) -> list[str]:
    if not NUMBER.fullmatch(version):
        return [f"a version reads like 1.2.0, not {version!r}"]
    if target.exists():
        return [f"{version} is released already; a released version never changes"]
    found = []
    declared = tomllib.loads((home / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    if declared != version:
        found.append(f"contracts/pyproject.toml says {declared}: set its version to {version}")
    if f"## [{version}]" not in (home / "CHANGELOG.md").read_text("utf-8"):
        found.append(f"contracts/CHANGELOG.md has no section `## [{version}]`: say what changed")
    return found
