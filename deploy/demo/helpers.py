"""Fifth chapter: volunteers serve at the session; somebody else approves their minutes; a certificate is checked."""

from datetime import timedelta

from contracts.refusals import Refused
from contracts.volunteers.v1 import (
    ApproveHours,
    CheckInVolunteer,
    CheckOutVolunteer,
    GetHours,
    IssueCertificate,
    LegalForm,
    OpenShift,
    RegisterTeam,
    RegisterVolunteer,
    StintState,
    TakeShift,
    VerifyCertificate,
)
from deploy.local.words import say

from .script import Helper, StintLine
from .story import Story


async def gather_team(story: Story) -> None:
    """A team at the station, its volunteers, and a shift for the session that two of them take."""
    line, shift, desk = story.script.service.team, story.script.service.shift, story.desk("quanzhou")
    team = RegisterTeam(
        team_id=story.id("team", line.key),
        name=line.name,
        site_id=story.sites[line.site].site_id,
        legal_form=LegalForm.UNREGISTERED_GROUP,
        consent_unit_id=story.id("unit", line.unit),
    )
    await desk.send(team)
    for helper in story.script.volunteers:
        await desk.send(_registration(story, helper))
    await desk.send(
        OpenShift(
            shift_id=story.id("shift", shift.key),
            team_id=team.team_id,
            title=shift.title,
            session_id=story.sessions[shift.session].session_id,
            starts_at=story.day.at(shift.begins),
            ends_at=story.day.at(shift.ends),
            needed=shift.needed,
            risk_notice=shift.risk_notice,
        )
    )
    for stint in story.script.service.stints:
        await story.desk("desk").send(_assignment(story, stint))
    story.screen.line(
        say(
            f"{line.name}：{len(story.script.volunteers)} 名志愿者，{shift.needed} 人接下“{shift.title}”。",
            f"{line.name}: {len(story.script.volunteers)} volunteers, {shift.needed} took the shift {shift.title}.",
        )
    )


def _registration(story: Story, helper: Helper) -> RegisterVolunteer:
    return RegisterVolunteer(
        volunteer_id=story.id("volunteer", helper.key),
        team_id=story.id("team", story.script.service.team.key),
        person_id=story.person(helper.name),
        skills=helper.skills,
    )


def _assignment(story: Story, stint: StintLine) -> TakeShift:
    return TakeShift(
        assignment_id=story.id("assignment", stint.volunteer),
        shift_id=story.id("shift", story.script.service.shift.key),
        volunteer_id=story.id("volunteer", stint.volunteer),
        risk_acknowledged=True,
    )


async def check_in(story: Story) -> None:
    """Two stints begin: one by a device, one before a witness."""
    for stint in story.script.service.stints:
        await story.desk("desk").send(
            CheckInVolunteer(
                stint_id=story.id("stint", stint.volunteer),
                shift_id=story.id("shift", story.script.service.shift.key),
                volunteer_id=story.id("volunteer", stint.volunteer),
                grade=stint.grade,
                occurred_at=story.day.at(stint.begins),
            )
        )
    count = len(story.script.service.stints)
    story.screen.line(say(f"志愿者签到 {count} 人。", f"{count} volunteers checked in."))


async def check_out(story: Story) -> None:
    """Both go home; their minutes wait for approval."""
    closed = [
        await story.desk("desk").send(
            CheckOutVolunteer(stint_id=story.id("stint", stint.volunteer), occurred_at=story.day.at(stint.ends))
        )
        for stint in story.script.service.stints
    ]
    headings = say("志愿者,分钟,来源", "volunteer,minutes,provenance").split(",")
    names = [story.script.helper(stint.volunteer).name for stint in story.script.service.stints]
    rows = [(name, state.minutes or 0, _grade(state)) for name, state in zip(names, closed, strict=True)]
    story.screen.table(say("待审核的时长", "Minutes that wait for approval"), headings, rows)


def _grade(state: StintState) -> str:
    return state.grade.value if state.grade else ""


async def approve(story: Story) -> None:
    """Who recorded the minutes may not approve them, whatever roles she holds; somebody else does."""
    first = story.script.service.stints[0].volunteer
    own = ApproveHours(entry_id=story.id("entry", f"own {first}"), stint_id=story.id("stint", first))
    try:
        await story.desk_with("desk", "editor", "approver").send(own)
    except Refused as refused:
        reason = refused.refusal.reason
        story.screen.line(say("本人审核被拒：", "Approving one's own record is refused: ") + say(reason.zh, reason.en))
    else:
        raise AssertionError("minutes were approved by the person who recorded them")
    for stint in story.script.service.stints:
        entry = await story.desk("approver").send(
            ApproveHours(entry_id=story.id("entry", stint.volunteer), stint_id=story.id("stint", stint.volunteer))
        )
        name = story.script.helper(stint.volunteer).name
        story.screen.line(
            say(
                f"{name}：记入 {entry.minutes} 分钟（{entry.grade.value}，规则 {entry.rule}）。",
                f"{name}: {entry.minutes} minutes credited ({entry.grade.value}, rule {entry.rule}).",
            )
        )


async def certify(story: Story) -> None:
    """A certificate of the first volunteer's minutes, and what anybody learns who checks it."""
    volunteer_id = story.id("volunteer", story.script.service.stints[0].volunteer)
    await story.desk("auditor").ask(GetHours(volunteer_id=volunteer_id))
    certificate = await story.desk("approver").send(
        IssueCertificate(
            certificate_id=story.id("certificate", story.script.service.stints[0].volunteer),
            volunteer_id=volunteer_id,
            since=story.day.date() - timedelta(days=30),
            until=story.day.date(),
        )
    )
    told = await story.public().ask(
        VerifyCertificate(certificate_no=certificate.certificate_no, check_code=certificate.check_code)
    )
    story.screen.line(
        say(
            f"证明 {certificate.certificate_no}（校验码 {certificate.check_code}）："
            f"公开查验{'有效' if told.valid else '无效'}，{told.minutes} 分钟。",
            f"Certificate {certificate.certificate_no}, check code {certificate.check_code}: "
            f"{'valid' if told.valid else 'not valid'} for anybody who checks it, {told.minutes} minutes.",
        )
    )
