"""Days are those of Asia/Shanghai, moments are UTC."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The date on a calendar in China at this moment."""
    return moment.astimezone(SHANGHAI).date()
