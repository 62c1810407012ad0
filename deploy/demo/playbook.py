"""The scenes of the story in order: when, what the audience reads, and what is done."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import time
from functools import partial
from typing import Final

from deploy.local.words import say

from . import classes, families, helpers, notices, people, places
from .closing import Closing, count
from .quiet import settle
from .story import Story

Acts = Callable[[Story], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene; `day` counts from the Wednesday, `clock` is Shanghai's. `settles` waits until everybody is told,
    so that what comes next (a withdrawal, the next day) cannot overtake a message."""

    day: int
    clock: time
    zh: str
    en: str
    acts: tuple[Acts, ...]
    settles: bool = False


def _come(*keys: str) -> tuple[Acts, ...]:
    return tuple(partial(classes.come, key=key) for key in keys)


def _go(*keys: str) -> tuple[Acts, ...]:
    return tuple(partial(classes.go, key=key) for key in keys)


SCENES: Final = (
    Scene(-2, time(9), "导入行政区划", "Divisions are imported", (places.import_divisions,)),
    Scene(-2, time(9, 10), "登记妇联组织、邻里中心", "Federations and a centre", (places.register_federations,)),
    Scene(-2, time(9, 20), "按名单开放阵地", "Sites are opened from lists", (places.import_sites,)),
    Scene(-2, time(9, 30), "人员与同意", "People, consents, office", (people.register_people, people.appoint_officers)),
    Scene(-2, time(9, 40), "邻里中心系统接入", "A centre's own system connects", (notices.connect_centre,)),
    Scene(-2, time(9, 50), "发布场次", "Sessions are planned", (classes.plan,)),
    Scene(-2, time(10), "志愿服务队", "A team of volunteers", (helpers.gather_team,)),
    Scene(-2, time(10, 10), "家庭报名", "Families enrol", (families.enrol,), settles=True),
    Scene(-2, time(12), "退出与候补", "One withdraws, the next that fits is offered", (families.pass_seats_on,), True),
    Scene(-2, time(17), "提醒明天的四点半课堂", "Reminders for tomorrow", (), settles=True),
    Scene(-1, time(16, 30), "周二：孩子们来了", "Tuesday: children come", _come("tuesday")),
    Scene(
        -1, time(18, 35), "周二：结算；提醒明天的场次", "Tuesday is counted; reminders", _go("tuesday"), settles=True
    ),
    Scene(0, time(14, 30), "周三：蓝色成长课堂", "Wednesday: 蓝色成长课堂", _come("blue")),
    Scene(0, time(15, 35), "蓝色成长课堂结算", "蓝色成长课堂 is counted", _go("blue")),
    Scene(0, time(16, 21), "志愿者到岗", "Volunteers arrive", (helpers.check_in,)),
    Scene(0, time(16, 30), "周三：孩子们来了", "Wednesday: children come", _come("wednesday")),
    Scene(0, time(18, 35), "孩子们离开，场次结算", "Children leave, it counts", (*_go("wednesday"), helpers.check_out)),
    Scene(0, time(19), "审核时长，出具证明", "Minutes and a certificate", (helpers.approve, helpers.certify)),
    Scene(0, time(19, 30), "下周的一场取消", "Next week's session is cancelled", (classes.call_off,), settles=True),
    Scene(0, time(19, 40), "谁被告知", "Who was told", (notices.read_inbox,)),
)


async def play(story: Story) -> Closing:
    """Plays all scenes and returns the closing table; played again, it asks the same and gets the same."""
    for scene in SCENES:
        moment = story.day.at(scene.clock, scene.day)
        await story.clock.move_to(moment)
        story.screen.chapter(moment.strftime("%m-%d %H:%M"), say(scene.zh, scene.en))
        for act in scene.acts:
            await act(story)
        if scene.settles:
            await settle(story)
    story.screen.chapter("", say("结束", "The end"))
    return await count(story)
