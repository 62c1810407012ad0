"""What time it is: the machine's clock, or on a demo stack a clock that the story may move forward."""

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


class Clock:
    """`now()` is UTC. With an offset file (seconds as text, demo stacks only) the offset is added to real time."""

    def __init__(self, offset_file: Path | None = None) -> None:
        self._file = offset_file
        self._offset = timedelta()
        self._read_at = 0.0

    def now(self) -> datetime:
        if self._file is not None and time.monotonic() - self._read_at > 0.1:
            self._read_at = time.monotonic()
            self._offset = timedelta(seconds=read_offset(self._file))
        return datetime.now(UTC) + self._offset

    @property
    def offset_seconds(self) -> float:
        return read_offset(self._file) if self._file is not None else 0.0


def read_offset(file: Path) -> float:
    """Seconds in the offset file; 0 when there is none yet."""
    try:
        return float(file.read_text())
    except FileNotFoundError:
        return 0.0


def write_offset(file: Path, seconds: float) -> None:
    """Moves the demo clock; it never goes back."""
    if seconds < read_offset(file):
        raise ValueError("the demo clock never goes back")
    beside = file.with_suffix(".new")
    beside.write_text(str(seconds))
    beside.replace(file)


def day_of(moment: datetime) -> date:
    """The date on a calendar in China at this moment: days are those of Asia/Shanghai, moments are UTC."""
    return moment.astimezone(SHANGHAI).date()
