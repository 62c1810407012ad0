"""The secrets by which pushes are signed: sealed with notify's own key, which no database holds."""

import base64
from pathlib import Path
from typing import Final
from uuid import UUID

from services.chassis.cipher import seal, unseal

FILE: Final = "webhook.key"


class Strongbox:
    """Seals a secret for its endpoint. Each method raises OSError or ValueError where the file holds no key."""

    def __init__(self) -> None:
        self._file = Path(FILE)

    def at(self, file: Path) -> None:
        """Where the key is: 32 bytes as base64."""
        self._file = file

    def sealed(self, endpoint_id: UUID, secret: str) -> bytes:
        return seal(self._key(), secret.encode("ascii"), endpoint_id.bytes)

    def opened(self, endpoint_id: UUID, sealed: bytes) -> str:
        """Raises Unreadable for what was sealed for another endpoint or with another key."""
        return unseal(self._key(), sealed, endpoint_id.bytes).decode("ascii")

    def _key(self) -> bytes:
        return base64.b64decode(self._file.read_text("ascii"))


strongbox: Final = Strongbox()
