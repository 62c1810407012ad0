"""What went wrong on this machine, in words that say what to do next."""

import errno
import shutil
from pathlib import Path

from deploy.local.words import say

NEEDED_BYTES = 300 * 1024 * 1024


class Trouble(Exception):
    """A fault that a person can mend. Its text names the fault and the next step; it is shown without a traceback."""


def disk_full(directory: Path) -> Trouble:
    """The disk that holds `directory` has no room left."""
    return Trouble(
        say(
            f"磁盘空间不足：{directory} 所在的磁盘至少需要 300 MB 空闲。请清理，或用 --data 换一个目录。",
            f"The disk of {directory} is full: at least 300 MB must be free. "
            "Make room, or choose another directory with --data.",
        )
    )


def require_space(directory: Path) -> None:
    """Refuses (Trouble) when the disk under an existing `directory` is nearly full."""
    if shutil.disk_usage(directory).free < NEEDED_BYTES:
        raise disk_full(directory)


def port_taken(port: int) -> Trouble:
    """Somebody else listens on `port`."""
    return Trouble(
        say(
            f"端口 {port} 已被占用。请停止占用它的程序，或用 --ports 换一个起始端口。",
            f"Port {port} is taken. Stop the program that uses it, or choose other ports with --ports.",
        )
    )


def did_not_start(name: str, log: Path) -> Trouble:
    """The server or service `name` ended before it was ready; the end of its log is shown."""
    return with_log(say(f"{name} 没有启动。", f"{name} did not start."), log)


def did_not_migrate(log: Path) -> Trouble:
    """The migrations failed; the end of their log is shown."""
    return with_log(say("数据库或消息流的更新失败。", "Databases or streams could not be migrated."), log)


def not_ready(name: str, seconds: float, log: Path) -> Trouble:
    """The service runs but did not become ready in time."""
    return with_log(
        say(f"{name} 在 {seconds:g} 秒内没有就绪。", f"{name} was not ready within {seconds:g} s."),
        log,
    )


def with_log(sentence: str, log: Path) -> Trouble:
    """The sentence and the end of the log; a full disk is recognised and said instead."""
    tail = last_lines(log)
    if "No space left on device" in tail or f"[Errno {errno.ENOSPC}]" in tail:
        return disk_full(log.parent)
    return Trouble(f"{sentence} {say('日志末尾', 'The end of its log')} {log}:\n{tail}")


def last_lines(log: Path, count: int = 15) -> str:
    """The last lines of a log, or an empty text where there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
