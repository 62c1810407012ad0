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

from .desk import NoAnswer
from .story import Story, until

REMINDED_AHEAD: Final = timedelta(hours=24)
CHANNELS_OF_A_REMINDER: Final = 2
USUAL_SECONDS: Final = 4.0
GOES_ON: Final = timedelta(seconds=30)

Said = dict[str, dict[str, int]]


async def settle(story: Story) -> Said:
    """Returns the number of events said, by service and type, once all is quiet. Raises NoAnswer with what is not.

    Two looks in a row must find the same, because the services are asked one after the other; only then the notices
    are counted, so that none is missed that an event of the first look brought about.
    """
    before: Said | None = None
    restless: list[str] = []
    began = time.monotonic()

    async def look() -> Said | None:
        nonlocal before, restless
        now, restless = _said_and_restless(story)
        same, before = not restless and now == before, None if restless else now
        if not same:
            return None
        planned, to_come = await _count_planned(story), await _count_reminders_to_come(story)
        if planned == to_come:
            return now
        restless = [f"{planned} notices planned, {to_come} of them reminders"]
        if time.monotonic() - began > USUAL_SECONDS:
            await story.clock.move_to(story.clock.now() + GOES_ON)
        return None

    try:
        return await until(look, "")
    except NoAnswer as tired:
        raise NoAnswer(f"still on its way: {'; '.join(restless) or 'events'}: see ./linli status") from tired


def _said_and_restless(story: Story) -> tuple[Said, list[str]]:
    """What each service said until now, and what each still has to do, if only to answer."""
    said: Said = {}
    restless: list[str] = []
    for instance in story.record().instances:
        if instance.service and instance.service != "gateway" and instance.service not in said:
            status = ask_status(instance.url)
            said[instance.service] = status.get("events_said", {})
            restless += [f"{instance.service}: {what}" for what in _to_do(status)]
    return said, restless


def _to_do(status: dict[str, Any]) -> list[str]:
    """What an instance has not done yet, by its own status; nothing where all is quiet."""
    if not status.get("ready"):
        return ["not ready"]
    unpublished, due = status["outbox"]["unpublished"], status["timers"]["due"]
    found = [f"{unpublished} events unpublished"] if unpublished else []
    found += [f"{due} timers due"] if due else []
    for each in status.get("consumers") or []:
        pending, unacknowledged = each.get("pending"), each.get("ack_pending")
        if pending != 0 or unacknowledged != 0:
            found.append(f"{each.get('durable')}: {pending} events pending, {unacknowledged} unacknowledged")
    return found


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
