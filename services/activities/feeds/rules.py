"""What feeds show. No I/O, no clock."""

from datetime import timedelta
from typing import Final

from contracts.activities.v1 import CalendarKind, SessionStatus

SHOWN_FOR: Final = timedelta(days=60)
"""How long a calendar keeps a session that is over."""
NAMES: Final = {CalendarKind.PERSON: "我的活动", CalendarKind.UNIT: "本单位活动"}
OPEN: Final = (SessionStatus.PUBLISHED, SessionStatus.CANCELLED)


def is_open(status: SessionStatus) -> bool:
    """Whether the open feed shows a session: one called off stays, so that nobody comes; one that is over goes."""
    return status in OPEN
