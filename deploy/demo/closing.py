"""The end: a short table that the services compute, each by its public queries."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import time
from typing import Final

from contracts.activities.v1 import CountActivities
from contracts.notify.v1 import CountNotices, StatusCount
from contracts.region import NOWHERE
from contracts.volunteers.v1 import SumMinutes
from deploy.local.words import say

from .quiet import settle
from .story import Story

FIRST_DAY: Final = -2
DAY_AFTER_LAST: Final = 14


@dataclass(frozen=True, slots=True)
class Closing:
    """场次, 人次, 人数, credited minutes, notices by state, and events by the service that said them."""

    sessions_held: int
    person_times: int
    persons: int
    minutes: int
    notices: dict[str, int]
    events: dict[str, int]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


async def count(story: Story) -> Closing:
    """Asks when all is quiet; shows the table and returns it."""
    said = await settle(story)
    desk = story.desk("auditor")
    since, until = story.day.at(time(), FIRST_DAY), story.day.at(time(), DAY_AFTER_LAST)
    held = await desk.ask(CountActivities(region=NOWHERE, since=since, until=until))
    served = await desk.ask(SumMinutes(region=NOWHERE, since=since.date(), until=until.date()))
    notices = await desk.ask(CountNotices(region=NOWHERE))
    closing = Closing(
        sessions_held=held.sessions_held,
        person_times=held.person_times,
        persons=held.persons,
        minutes=served.minutes,
        notices=_by_state(notices.counts),
        events={service: sum(types.values()) for service, types in sorted(said.items())},
    )
    _show(story, closing, notices.counts)
    return closing


def _by_state(counts: tuple[StatusCount, ...]) -> dict[str, int]:
    states: Counter[str] = Counter()
    for each in counts:
        states[each.status.value] += each.count
    return {state: count for state, count in sorted(states.items()) if count}


def _show(story: Story, closing: Closing, counts: tuple[StatusCount, ...]) -> None:
    rows: list[tuple[str, int]] = [
        (say("场次", "sessions held"), closing.sessions_held),
        (say("人次", "person-times"), closing.person_times),
        (say("人数", "persons"), closing.persons),
        (say("志愿服务分钟", "minutes of service"), closing.minutes),
    ]
    rows += [
        (say(f"消息 {each.channel.value} {each.status.value}", f"notices {each.channel.value} {each.status.value}"),
         each.count)
        for each in sorted(counts, key=lambda each: (each.channel.value, each.status.value))
        if each.count
    ]  # fmt: skip
    rows += [(say(f"事件 {service}", f"events {service}"), number) for service, number in closing.events.items()]
    story.screen.table(
        say("这个下午的总数", "The afternoon in numbers"), [say("项目", "what"), say("数", "count")], rows
    )
