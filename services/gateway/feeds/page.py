"""The public page of a session: Chinese first, readable by machines, nothing loaded from elsewhere. No I/O."""

import json
from datetime import datetime, timedelta, timezone
from html import escape
from typing import Final

from starlette.responses import Response

from contracts.activities.v1 import PublicSession, SessionMode, SessionStatus
from services.gateway import html
from services.gateway.feeds import openactive

SHANGHAI: Final = timezone(timedelta(hours=8))
WEEKDAYS: Final = "一二三四五六日"
STATES: Final = {
    SessionStatus.PUBLISHED: ("可以报名", "Open for enrolment"),
    SessionStatus.CANCELLED: ("已取消", "Cancelled"),
    SessionStatus.CLOSED: ("已结束", "Over"),
}
FULL: Final = ("名额已满", "Full")
BEGUN: Final = ("已开始", "Under way")
DATA: Final = '  <script type="application/ld+json">{data}</script>\n'
MAIN: Final = """  <h1>{title}</h1>
  <p role="status"><strong class="badge {kind}">{state}</strong> <span class="en" lang="en">{state_en}</span></p>
  <dl class="facts">
    <dt>时间 <span class="en" lang="en">Time</span></dt>
    <dd><time datetime="{starts}">{when}</time></dd>
    <dt>地点 <span class="en" lang="en">Place</span></dt>
    <dd>{place}</dd>
    <dt>项目 <span class="en" lang="en">Programme</span></dt>
    <dd>{programme}</dd>
    <dt>适合年龄 <span class="en" lang="en">Ages</span></dt>
    <dd>{ages}</dd>
{seats}    <dt>费用 <span class="en" lang="en">Fee</span></dt>
    <dd>免费 <span class="en" lang="en">Free of charge</span></dd>
  </dl>
"""
SEATS: Final = """    <dt>名额 <span class="en" lang="en">Seats</span></dt>
    <dd>共{capacity}个，余{free}个 <span class="en" lang="en">{free} of {capacity} left</span></dd>
"""


def show(session: PublicSession, base: str, now: datetime) -> Response:
    """The page; every text of others is escaped, in the data as well. What has begun or is called off has no seats."""
    data = json.dumps(openactive.event(session, base), ensure_ascii=False)
    is_open = session.status is SessionStatus.PUBLISHED and now < session.starts_at
    full = is_open and session.seats_free <= 0
    state, state_en = FULL if full else _state(session, now)
    main = MAIN.format(
        title=escape(session.title),
        kind="open" if is_open and not full else "ended",
        state=state,
        state_en=state_en,
        starts=session.starts_at.astimezone(SHANGHAI).isoformat(),
        when=_when(session.starts_at, session.ends_at),
        place=escape(_where(session)),
        programme=escape(session.programme),
        ages=f"{openactive.ages(session.audience)} 岁" if session.audience else "不限",
        seats=SEATS.format(capacity=session.capacity, free=max(session.seats_free, 0)) if is_open else "",
    )
    head = DATA.format(data=data.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
    return html.page(f"{session.title} · 邻里", main, head=head, headers={"cache-control": "no-cache"})


def _state(session: PublicSession, now: datetime) -> tuple[str, str]:
    """A session stays published until somebody closes it, long after it began."""
    if session.status is SessionStatus.PUBLISHED and session.starts_at <= now:
        return BEGUN if now < session.ends_at else STATES[SessionStatus.CLOSED]
    return STATES.get(session.status, STATES[SessionStatus.CLOSED])


def _where(session: PublicSession) -> str:
    """Online there is no place to go to; the way in is told with the enrolment (A32)."""
    if session.mode is SessionMode.ONLINE:
        return f"{openactive.WAY_IN}（主办：{session.place}）"
    return f"{session.place}；也可{openactive.WAY_IN}" if session.mode is SessionMode.MIXED else session.place


def _when(starts_at: datetime, ends_at: datetime) -> str:
    """`2026年6月3日（星期三）15:00—17:00`."""
    starts, ends = starts_at.astimezone(SHANGHAI), ends_at.astimezone(SHANGHAI)
    day = f"{starts.year}年{starts.month}月{starts.day}日（星期{WEEKDAYS[starts.weekday()]}）"
    return f"{day}{starts:%H:%M}—{ends:%H:%M}"
