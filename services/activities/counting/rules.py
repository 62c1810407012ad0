"""How activities are counted and how a count is put into words. No I/O, no clock."""

from datetime import datetime
from typing import Final

from contracts.activities.v1 import SessionStatus
from contracts.refusals import Refusal
from services.activities.sessions.rules import Session

RULE: Final = "count-1"
"""场次: a closed session to which anybody came. 人次: one for each person in each session, however often scanned,
reverted scans left out. 人数: distinct persons (A24)."""

_WAN: Final = 10_000
_YI: Final = 100_000_000


def may_close(session: Session, now: datetime) -> Refusal | None:
    """A session is counted from its start on. Refusals: session-cancelled, session-not-started."""
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    return Refusal("session-not-started") if now < session.starts_at else None


def phrase(person_times: int) -> str:
    """The official wording: 41 -> `41人次`, 40,000 -> `4万人次`, 41,236 -> `4万多人次`; below 10,000 always exact."""
    unit, name = (_YI, "亿") if person_times >= _YI else (_WAN, "万")
    if person_times < _WAN:
        return f"{person_times}人次"
    return f"{person_times // unit}{name}{'多' if person_times % unit else ''}人次"
