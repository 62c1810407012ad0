"""Files that only we may read."""

import os
import tempfile
from pathlib import Path


def private_directory(path: Path) -> Path:
    """Makes the directory, closed to other users, where it does not exist yet."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_private(path: Path, text: str) -> None:
    """Writes the file whole or not at all; mode 0600, its directory made where needed.

    It is on the disk when this returns: databases keep what only the keys in such a file open, and survive a power cut.
    """
    private_directory(path.parent)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mkstemp files are 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
