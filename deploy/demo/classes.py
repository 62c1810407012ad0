"""Third chapter: programmes and sessions are planned, children come and go, sessions are counted or called off."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from contracts.activities.v1 import (
    AttendanceMark,
    AttendanceMethod,
    CancelSession,
    CloseSession,
    CreateProgramme,
    GetSession,
    RecordAttendance,
    RevertAttendance,
    ScheduleSeries,
    ScheduleSession,
    SessionState,
)
from deploy.local.words import say

from .day import SHANGHAI
from .script import ClassLine
from .story import Story

AHEAD: Final = timedelta(minutes=5)
BETWEEN_SCANS: Final = timedelta(seconds=10)


async def plan(story: Story) -> None:
    """Programmes, the weekly series, and the session that stands alone."""
    for programme in story.script.programmes:
        unit = next(unit for unit in story.script.federations if unit.key == programme.unit)
        await story.desk(programme.staff).send(
            CreateProgramme(
                programme_id=story.id("programme", programme.key),
                name=programme.name,
                unit_id=story.id("unit", programme.unit),
                region=unit.region,
                parent_id=story.id("programme", programme.parent) if programme.parent else None,
                theme=programme.theme,
            )
        )
    await _plan_series(story)
    for key, planned in story.script.classes.items():
        if planned.of_series is None:
            story.sessions[key] = await story.desk(planned.staff).send(_alone(story, key, planned))
    headings = say("场次,时间,名额", "session,when,seats").split(",")
    rows = [
        (state.title, state.starts_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M"), state.capacity)
        for state in sorted(story.sessions.values(), key=lambda state: state.starts_at)
    ]
    story.screen.table(say("已发布的场次", "Sessions open for enrolment"), headings, rows)


async def _plan_series(story: Story) -> None:
    series = story.script.series
    site = story.sites[series.site]
    command = ScheduleSeries(
        series_id=story.id("series", series.key),
        title=series.title,
        programme_id=story.id("programme", series.programme),
        site_id=site.site_id,
        room_id=site.rooms[0].room_id,
        first_day=story.day.date(series.first_day),
        last_day=story.day.date(series.last_day),
        weekdays=series.weekdays,
        begins=series.begins,
        ends=series.ends,
        capacity=series.capacity,
        audience=series.audience,
    )
    planned = await story.desk(series.staff).send(command)
    by_day = {state.starts_at.astimezone(SHANGHAI).date(): state for state in planned.sessions}
    for key, line in story.script.classes.items():
        if line.of_series is not None:
            story.sessions[key] = by_day[story.day.date(line.of_series)]


def _alone(story: Story, key: str, planned: ClassLine) -> ScheduleSession:
    site = story.sites[planned.site]
    return ScheduleSession(
        session_id=story.id("session", key),
        title=planned.title,
        programme_id=story.id("programme", planned.programme),
        site_id=site.site_id,
        room_id=site.rooms[0].room_id,
        starts_at=story.day.at(planned.begins, planned.day),
        ends_at=story.day.at(planned.ends, planned.day),
        capacity=planned.capacity,
        audience=planned.audience,
    )


def door(planned: ClassLine) -> str:
    """Who of the staff stands at the door of a session."""
    return planned.staff or "desk"


async def come(story: Story, key: str) -> None:
    """Those who come are checked in; a mistaken mark is taken back, and leaves its trace."""
    planned, session = story.script.classes[key], story.sessions[key]
    desk = story.desk(door(planned))
    marks = _marks(story, session, AttendanceMark.CHECK_IN, planned.comes, session.starts_at - AHEAD)
    await desk.send_all(marks)
    story.screen.line(say(f"{session.title}：签到 {len(marks)} 人。", f"{session.title}: {len(marks)} checked in."))
    if planned.by_mistake:
        [mark] = _marks(story, session, AttendanceMark.CHECK_IN, [planned.by_mistake], session.starts_at)
        mistaken = await desk.send(mark)
        await desk.send(RevertAttendance(attendance_id=mistaken.attendance_id))
        story.screen.line(
            say("误签到 1 人，已撤销并留痕。", "One check-in was a mistake: taken back, and the trace stays.")
        )


async def go(story: Story, key: str) -> None:
    """Some are checked out at the end; then the session is closed, and its count certified."""
    planned, session = story.script.classes[key], story.sessions[key]
    desk = story.desk(door(planned))
    out = _marks(story, session, AttendanceMark.CHECK_OUT, planned.leaves_early, session.ends_at - AHEAD)
    await desk.send_all(out)
    await desk.send(CloseSession(session_id=session.session_id))
    story.sessions[key] = await story.public().ask(GetSession(session_id=session.session_id))
    story.screen.line(
        say(
            f"{session.title}：签退 {len(out)} 人，已结算（{story.sessions[key].status.value}）。",
            f"{session.title}: {len(out)} checked out, counted ({story.sessions[key].status.value}).",
        )
    )


def _marks(
    story: Story, session: SessionState, mark: AttendanceMark, names: Iterable[str], first: datetime
) -> Sequence[RecordAttendance]:
    """One scan after the other at the door; each has an id that its device gave."""
    return [
        RecordAttendance(
            session_id=session.session_id,
            person_id=story.person(name),
            mark=mark,
            method=AttendanceMethod.QR,
            client_id=story.id("scan", f"{session.session_id} {mark.value} {name}"),
            occurred_at=first + place * BETWEEN_SCANS,
        )
        for place, name in enumerate(names)
    ]


async def call_off(story: Story) -> None:
    """Sessions that the script cancels: everybody enrolled is told, what was pending is withdrawn."""
    for key, planned in story.script.classes.items():
        if planned.cancelled:
            session = story.sessions[key]
            command = CancelSession(session_id=session.session_id, reason=planned.cancelled)
            await story.desk("quanzhou").send(command)
            day = session.starts_at.astimezone(SHANGHAI).strftime("%m-%d")
            story.screen.line(
                say(
                    f"{session.title} {day} 取消：{planned.cancelled}。",
                    f"{session.title} of {day} is cancelled: {planned.cancelled}.",
                )
            )
