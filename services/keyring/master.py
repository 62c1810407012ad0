"""The master keys, in a file that no database and no backup of one holds. Made by `./linli up` (deploy/keyring)."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.chassis.cipher import Unreadable

FILE: Final = "person-keys.json"


@dataclass(frozen=True, slots=True)
class Masters:
    """Master keys by their names; `newest` wraps, the others still unwrap. `lookup` is that of pseudonyms."""

    newest: str
    keys: dict[str, bytes]
    lookup: bytes

    def named(self, name: str) -> bytes:
        """Raises Unreadable for a key that was thrown away."""
        if name not in self.keys:
            raise Unreadable
        return self.keys[name]


def read(file: Path) -> Masters:
    """Raises FileNotFoundError, and ValueError or KeyError for a file that is damaged."""
    stored = json.loads(file.read_text("utf-8"))
    keys = {name: base64.b64decode(key) for name, key in stored["keys"].items()}
    return Masters(list(keys)[-1], keys, base64.b64decode(stored["lookup"]))
