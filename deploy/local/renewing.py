"""Keys are changed by one person at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.local.trouble import Trouble
from deploy.local.words import say

FILE: Final = "renewing.lock"


@contextmanager
def renewing(secrets_dir: Path) -> Iterator[None]:
    """Holds the directory's keys; the system lets go of them when the process ends in any way. Trouble when another
    process holds them: each would take for old what the other has just made."""
    with os.fdopen(os.open(secrets_dir / FILE, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise Trouble(
                say(
                    "另一个人正在更换密钥，未作改动。请等它结束后再试。",
                    "Somebody else is changing keys; nothing was changed. Wait for that to end, then try again.",
                )
            ) from held
        yield
