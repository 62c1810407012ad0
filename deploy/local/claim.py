"""A directory belongs to one stack at a time."""

import fcntl
import os
from pathlib import Path

from deploy.local.trouble import Trouble
from deploy.local.words import say

FILE = "stack.lock"


class Claim:
    """The hold of this process on a directory; the system lets go of it when the process ends in any way."""

    def __init__(self, directory: Path) -> None:
        """Takes the directory; Trouble when another process holds it."""
        self._file = (directory / FILE).open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            self._file.close()
            raise Trouble(
                say(
                    f"{directory} 中的系统正在运行、启动或停止。请看 ./linli status,或先运行 ./linli down。",
                    f"A system in {directory} is running, starting or stopping. "
                    "See ./linli status, or run ./linli down first.",
                )
            ) from held

    def release(self) -> None:
        """Lets go. The file stays: removing it would let two processes hold two different files."""
        self._file.close()


def is_claimed(directory: Path) -> bool:
    """Whether some process holds the directory now."""
    try:
        handle = os.open(directory / FILE, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
