"""When the story happens: its Wednesday, and the demo clock that moves from one scene to the next."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Final

from services.chassis.clock import read_offset, write_offset

SHANGHAI: Final = timezone(timedelta(hours=8))
MONDAY: Final = 0
DAYS_BEFORE: Final = 2
NOTICED_SECONDS: Final = 0.12
"""Services look at the clock's file again after a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Day:
    """The Wednesday of the story; everything else is counted from it."""

    wednesday: date

    @classmethod
    def after(cls, now: datetime) -> "Day":
        """The first Wednesday whose Monday morning is still to come."""
        monday = now.astimezone(SHANGHAI).date()
        while monday.weekday() != MONDAY or datetime.combine(monday, time(9), SHANGHAI) <= now:
            monday += timedelta(days=1)
        return cls(monday + timedelta(days=DAYS_BEFORE))

    def date(self, days: int = 0) -> date:
        """So many days after the Wednesday."""
        return self.wednesday + timedelta(days=days)

    def at(self, clock: time, days: int = 0) -> datetime:
        """A moment of the story by Shanghai's clock."""
        return datetime.combine(self.date(days), clock, SHANGHAI)


class DemoClock:
    """The clock that every service of a demo stack reads: real time and an offset, which only grows."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """What the services take for the time."""
        return datetime.now(UTC) + timedelta(seconds=read_offset(self._file))

    async def move_to(self, moment: datetime) -> None:
        """Moves on to a moment, and returns when every service goes by it; a moment that has passed is left alone."""
        offset = (moment - datetime.now(UTC)).total_seconds()
        if offset > read_offset(self._file):
            write_offset(self._file, offset)
            await asyncio.sleep(NOTICED_SECONDS)
