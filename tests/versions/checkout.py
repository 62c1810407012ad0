"""Another release of the house: a copy of the checkout that may be changed and run."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Self

from deploy.local.service import CHECKOUT, child_environment

PARTS = ("contracts", "services", "deploy", "README.md", "README.zh-CN.md")


class Checkout:
    """A copy in a directory of its own; what is changed is named by file and class or function."""

    def __init__(self, home: Path) -> None:
        self.home = home

    @classmethod
    def copied_to(cls, home: Path, source: Path = CHECKOUT) -> Self:
        home.mkdir(parents=True)
        for part in (source / name for name in PARTS):
            if part.is_dir():
                shutil.copytree(part, home / part.name)
            elif part.exists():
                shutil.copy(part, home / part.name)
        return cls(home)

    @property
    def environment(self) -> dict[str, str]:
        """What a process that runs this release needs in its environment."""
        return child_environment() | {"PYTHONPATH": str(self.home)}

    def linli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`./linli …` of this release, in English."""
        return subprocess.run(
            [sys.executable, "-m", "deploy.local.cli", *arguments], cwd=self.home, capture_output=True, text=True,
            env=self.environment | {"LINLI_LANG": "en"}, check=False, timeout=120,
        )  # fmt: skip

    def write(self, file: str, text: str) -> None:
        """Adds text at the end of a file."""
        with (self.home / file).open("a", encoding="utf-8") as stream:
            stream.write(f"\n\n{text}\n")

    def change(self, file: str, name: str, old: str, new: str) -> None:
        """Puts `new` for the one `old` inside the class or function `name`."""
        before, inside, after = self._part(file, name)
        assert inside.count(old) == 1, f"{old!r} stands {inside.count(old)} times in {name} of {file}: mend this test"
        (self.home / file).write_text(before + inside.replace(old, new) + after, "utf-8")

    def add(self, file: str, name: str, line: str) -> None:
        """Adds a line at the end of the class `name`."""
        before, inside, after = self._part(file, name)
        (self.home / file).write_text(f"{before}{inside.rstrip()}\n    {line}\n\n\n{after}", "utf-8")

    def _part(self, file: str, name: str) -> tuple[str, str, str]:
        text = (self.home / file).read_text("utf-8")
        found = re.search(rf"^(?:class|(?:async )?def) {name}\b.*?(?=^[^\s)#]|\Z)", text, re.MULTILINE | re.DOTALL)
        assert found, f"{file} has no {name} any more: mend this test"
        return text[: found.start()], found.group(), text[found.end() :]

    def release(self) -> str:
        """Freezes the contracts under the version that pyproject.toml declares, as a maintainer does."""
        version: str = tomllib.loads((self.home / "contracts/pyproject.toml").read_text("utf-8"))["project"]["version"]
        self.write("contracts/CHANGELOG.md", f"## [{version}]")
        done = self.linli("contracts", "release", version)
        assert done.returncode == 0, done.stdout + done.stderr
        return version
