"""Waits until nothing is on its way any more: every event heard, every timer fired, every message that is due sent.

A message that could not be delivered is tried again some minutes later, by the story's clock: so that clock goes on
while the story waits, as it would if the people in it waited.
"""

import time
from datetime import timedelta
from typing import Any, Final

from contracts.activities.v1 import EnrolmentStatus, GetRoster, SessionStatus
from contracts.notify.v1 import CountNotices, NoticeStatus
from contracts.region import NOWHERE
from deploy.local.health import ask_status

from .story import Story, until

REMINDED_AHEAD: Final = timedelta(hours=24)
CHANNELS_OF_A_REMINDER: Final = 2
USUAL_SECONDS: Final = 4.0
GOES_ON: Final = timedelta(seconds=30)

Said = dict[str, dict[str, int]]


async def settle(story: Story) -> Said:
    """Returns the number of events said, by service and type, once all is quiet. Raises NoAnswer.

    Two looks in a row must find the same, because the services are asked one after the other; only then the notices
    are counted, so that none is missed that an event of the first look brought about.
    """
    before: Said | None = None
    began = time.monotonic()

    async def look() -> Said | None:
        nonlocal before
        now = _said_when_quiet(story)
        same, before = now is not None and now == before, now
        if same and await _count_planned(story) == await _count_reminders_to_come(story):
            return now
        if same and time.monotonic() - began > USUAL_SECONDS:
            await story.clock.move_to(story.clock.now() + GOES_ON)
        return None

    return await until(look, "something is still on its way: see ./linli status")


def _said_when_quiet(story: Story) -> Said | None:
    """What each service said until now; None while one of them has something to do, or does not answer."""
    said: Said = {}
    for instance in story.record().instances:
        if instance.service and instance.service != "gateway" and instance.service not in said:
            status = ask_status(instance.url)
            if not _is_quiet(status):
                return None
            said[instance.service] = status["events_said"]
    return said


def _is_quiet(status: dict[str, Any]) -> bool:
    consumers = status.get("consumers") or []
    return bool(
        status.get("ready")
        and status["outbox"]["unpublished"] == 0
        and status["timers"]["due"] == 0
        and all(each.get("pending") == 0 and each.get("ack_pending") == 0 for each in consumers)
    )


async def _count_planned(story: Story) -> int:
    counted = await story.desk("auditor").ask(CountNotices(region=NOWHERE))
    return sum(each.count for each in counted.counts if each.status == NoticeStatus.PLANNED)


async def _count_reminders_to_come(story: Story) -> int:
    """Reminders of sessions that are further away than a day: they wait for their time."""
    families = 0
    for session in story.sessions.values():
        if session.starts_at - REMINDED_AHEAD > story.clock.now() and session.status == SessionStatus.PUBLISHED:
            roster = await story.desk("auditor").ask(GetRoster(session_id=session.session_id))
            families += sum(entry.status == EnrolmentStatus.CONFIRMED for entry in roster.entries)
    return families * CHANNELS_OF_A_REMINDER
