"""What an event says, as a sentence for people in Chinese and English: one row for each type of event.

The event's facts fill the braces; `…` stands where one is missing, so that an older or newer event still reads.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from deploy.local.words import say

LOCAL: Final = ZoneInfo("Asia/Shanghai")
SHORT: Final = 8

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "registry.division-import.applied": (
        "导入区划：新增 {added}，变更 {changed}，拒收 {refused}",
        "divisions imported: {added} added, {changed} changed, {refused} refused",
    ),
    "registry.unit.registered": ("组织登记：{name}", "organisation registered: {name}"),
    "registry.centre.opened": ("邻里中心启用：{name}", "neighbourhood centre opened: {name}"),
    "registry.site.opened": ("阵地开放：{name}", "site opened: {name}"),
    "registry.site.closed": ("阵地关闭", "site closed"),
    "registry.site-draft.undecided": (
        "名单中的地点待确定，候选 {candidates} 个",
        "a place of a list is undecided, {candidates} candidates",
    ),
    "registry.person.registered": ("登记一人（{age_band} 岁）", "a person registered (age {age_band})"),
    "registry.person.consent-given": ("同意：{purpose}", "consent given: {purpose}"),
    "registry.person.consent-withdrawn": ("撤回同意：{purpose}", "consent withdrawn: {purpose}"),
    "registry.person.corrected": (
        "一人的资料已更正（{age_band} 岁）",
        "a person's data were corrected (age {age_band})",
    ),
    "registry.person.restricted": ("一人的资料限制处理：{ground}", "a person's data are restricted: {ground}"),
    "registry.person.restriction-lifted": ("一人的资料解除限制", "a restriction was lifted"),
    "registry.person.erased": ("一人的资料已删除", "a person was erased"),
    "registry.privacy-notice.published": (
        "告知书发布：{purpose}，{notice_version} 版",
        "privacy notice published: {purpose}, version {notice_version}",
    ),
    "registry.record-access.requested": ("申请调阅一人的档案", "somebody asks to open a record"),
    "registry.record-access.approved": ("准予调阅，至 {expires_at}", "a record may be opened until {expires_at}"),
    "registry.record-access.refused": ("不准调阅", "opening a record was refused"),
    "registry.record-access.glass-broken": (
        "紧急调阅一人的档案，{review_by} 前须复核",
        "a record was opened in an emergency, review it by {review_by}",
    ),
    "registry.record-access.review-due": ("紧急调阅逾期未复核", "an emergency opening was not reviewed in time"),
    "registry.record-access.reviewed": (
        "紧急调阅已复核，理由成立：{justified}",
        "an emergency opening was reviewed, justified: {justified}",
    ),
    "registry.appointment.started": ("任职：{post}，自 {since}", "in office: {post}, since {since}"),
    "registry.appointment.ended": ("离任：{post}，至 {until}", "left office: {post}, until {until}"),
    "registry.account.created": ("开通一个账号", "an account was created"),
    "registry.account.closed": ("关闭一个账号", "an account was closed"),
    "registry.delegation.started": ("职务代理开始：{since} 至 {until}", "somebody stands in from {since} to {until}"),
    "registry.delegation.ended": ("职务代理结束", "somebody no longer stands in"),
    "registry.client.registered": ("接入系统登记：{name}", "client registered: {name}"),
    "registry.client.revoked": ("接入系统撤销", "client revoked"),
    "registry.person-request.filed": (
        "个人信息请求：{kind}，{due_on} 前答复",
        "a request about personal data: {kind}, to be answered by {due_on}",
    ),
    "registry.person-request.due-soon": (
        "个人信息请求临近期限：{kind}，{due_on}",
        "a request about personal data is due soon: {kind}, {due_on}",
    ),
    "registry.person-request.overdue": (
        "个人信息请求逾期未答复：{kind}，{due_on}",
        "a request about personal data is overdue: {kind}, {due_on}",
    ),
    "registry.person-request.answered": (
        "个人信息请求已答复：{kind}，{status}",
        "a request about personal data was answered: {kind}, {status}",
    ),
    **{
        f"{service}.record.purged": (
            "到期记录删除：{record_class}，{gone} 条，保留 {held} 条",
            "records whose time is over were deleted: {record_class}, {gone} gone, {held} held",
        )
        for service in ("registry", "activities", "volunteers", "notify")
    },
    "activities.holiday-year.announced": ("{year} 年放假安排：{source}", "holidays of {year} announced: {source}"),
    "activities.term.announced": (
        "学期公布：{name}，{first_day} 至 {last_day}",
        "term announced: {name}, {first_day} to {last_day}",
    ),
    "activities.closing.announced": (
        "阵地停开：{first_day} 至 {last_day}（{reason}）",
        "site closed from {first_day} to {last_day} ({reason})",
    ),
    "activities.closing.withdrawn": ("阵地停开取消", "a closing of a site was withdrawn"),
    "activities.cadence.broken": (
        "阵地未达活动频次（{rule}）：{first_day} 至 {last_day}",
        "a site missed its cadence ({rule}) from {first_day} to {last_day}",
    ),
    "activities.programme.created": ("项目创建：{name}", "programme created: {name}"),
    "activities.programme.amended": ("项目更正：{name}（{fields}）", "programme corrected: {name} ({fields})"),
    "activities.series.scheduled": (
        "系列场次排定：{title}，{sessions} 场，{first_day} 至 {last_day}",
        "series planned: {title}, {sessions} sessions, {first_day} to {last_day}",
    ),
    "activities.series.amended": (
        "系列调整 {sessions} 场，自 {from_day}（{fields}）",
        "series: {sessions} sessions changed from {from_day} ({fields})",
    ),
    "activities.series.cancelled": (
        "系列取消 {sessions} 场，自 {from_day}（{reason}）",
        "series: {sessions} sessions called off from {from_day} ({reason})",
    ),
    "activities.session.scheduled": (
        "场次发布：{title}，{starts_at}，{place}，{capacity} 人",
        "session planned: {title}, {starts_at}, {place}, {capacity} seats",
    ),
    "activities.session.amended": ("场次调整：{title}（{fields}）", "session changed: {title} ({fields})"),
    "activities.session.moved": (
        "场次改期或改地：{title}，{starts_at}，{place}",
        "session moved: {title}, {starts_at}, {place}",
    ),
    "activities.session.cancelled": ("场次取消：{title}，{reason}", "session cancelled: {title}, {reason}"),
    "activities.session.closed": (
        "场次结算：{person_times} 人次，{persons} 人",
        "session counted: {person_times} person-times, {persons} persons",
    ),
    "activities.capacity.changed": (
        "名额由 {before} 改为 {capacity}，已占 {seats_taken}",
        "seats changed from {before} to {capacity}, {seats_taken} taken",
    ),
    "activities.enrolment.requested": ("待审核的报名，{seats} 人", "an enrolment waits for approval: {seats} seats"),
    "activities.enrolment.approved": ("报名审核通过", "an enrolment was approved"),
    "activities.enrolment.refused": ("报名未获通过（{reason}）", "an enrolment was refused ({reason})"),
    "activities.enrolment.entered": ("参加抽签，{seats} 人", "in the draw: {seats} seats"),
    "activities.draw.announced": (
        "名额将于 {closes_at} 抽签（{allocation}）",
        "seats are drawn at {closes_at} ({allocation})",
    ),
    "activities.draw.held": ("抽签完成，{seated} 个家庭获得名额", "the draw is held: {seated} families have seats"),
    "activities.enrolment.confirmed": (
        "报名成功 {seats} 人，剩余名额 {seats_left}",
        "enrolled: {seats} seats, {seats_left} left",
    ),
    "activities.enrolment.queued": ("候补第 {position} 位，{seats} 人", "waiting at place {position}: {seats} seats"),
    "activities.enrolment.seats-offered": (
        "保留名额 {seats} 个，{answer_by} 前答复",
        "{seats} seats offered until {answer_by}",
    ),
    "activities.enrolment.offer-ended": ("保留的名额已结束：{how}", "an offer ended: {how}"),
    "activities.enrolment.changed": (
        "报名的人员变更，{seats} 人（{status}）",
        "an enrolment was changed: {seats} seats ({status})",
    ),
    "activities.enrolment.reconfirm-requested": (
        "场次有变，须于 {answer_by} 前再次确认",
        "the session was moved, say by {answer_by} that you come",
    ),
    "activities.enrolment.reconfirmed": ("再次确认参加", "an enrolment was confirmed again"),
    "activities.queue.skipped": (
        "余下名额不够前面的家庭，先给了后面的家庭",
        "seats went past families that they were too few for",
    ),
    "activities.enrolment.withdrawn": ("退出报名，让出 {seats} 个名额", "an enrolment was withdrawn: {seats} seats"),
    "activities.attendance.recorded": ("{mark}（{method}）", "{mark} ({method})"),
    "activities.attendance.reverted": ("撤销一次签到", "a check-in was taken back"),
    "activities.absence.excused": ("一人请假", "somebody is excused"),
    "activities.absence.unexcused": ("一人请假撤回", "an excuse was taken back"),
    "activities.withdrawal.applied": (
        "撤回同意已生效：{purpose}（{effects}）",
        "a withdrawn consent took effect: {purpose} ({effects})",
    ),
    "activities.standing.changed": ("一人的报名资格：{status}（{why}）", "somebody's standing: {status} ({why})"),
    "activities.appeal.opened": ("对缺席记录提出申诉（{reason}）", "an appeal against an absence ({reason})"),
    "activities.appeal.decided": ("申诉已处理：{status}", "an appeal was decided: {status}"),
    "activities.feedback.received": ("收到一份活动反馈", "feedback on a session was received"),
    "activities.report.recorded": (
        "活动小结：照片 {photos} 张，支出 {cents} 分",
        "report of a session: {photos} photos, {cents} cents spent",
    ),
    "activities.correction.made": (
        "场次更正：人次差 {person_times}，人数差 {persons}",
        "count corrected: person-times by {person_times}, persons by {persons}",
    ),
    "activities.period.closed": (
        "{period} 统计封账：{sessions_held} 场，其中 {sessions_declared} 场仅申报人数",
        "{period} is closed: {sessions_held} sessions, {sessions_declared} only declared",
    ),
    "activities.count.certified": (
        "{period} 统计数（{kind}）：{sessions_held} 场，人次 {exact}",
        "count of {period} certified ({kind}): {sessions_held} sessions, {exact} person-times",
    ),
    "activities.count.adjusted": (
        "封账后更正：场次差 {sessions_held}，人次差 {person_times}",
        "a closed count was adjusted: sessions by {sessions_held}, person-times by {person_times}",
    ),
    "activities.attendance-certificate.requested": (
        "申请参加证明：{since} 至 {until}，{sessions} 场",
        "attendance to be certified: {sessions} sessions, {since} to {until}",
    ),
    "activities.headcount.declared": ("现场人数 {heads}（{method}）", "heads counted: {heads} ({method})"),
    "activities.pass-rule.set": ("课程入场规则变更", "whether a course is entered by pass was set"),
    "activities.pass.issued": (
        "发出次卡：{visits} 次，至 {valid_until}",
        "course pass: {visits} visits until {valid_until}",
    ),
    "activities.pass.used": ("次卡使用 {used}/{visits}", "a visit of a course pass was used: {used} of {visits}"),
    "activities.pass.returned": (
        "次卡退回一次，已用 {used}/{visits}",
        "a visit was given back: {used} of {visits} used",
    ),
    "activities.pass.ended": ("次卡停用（{reason}）", "a course pass ended ({reason})"),
    "activities.visit.made": ("走访一户（{outcome}）：{findings}", "a household was visited ({outcome}): {findings}"),
    "activities.lecture.set": ("讲座：{topic}", "lecture: {topic}"),
    "activities.follow-up.opened": ("走访跟进：{measure}，{due_on} 前", "follow-up: {measure}, due {due_on}"),
    "activities.follow-up.overdue": ("走访跟进逾期：{measure}，{due_on}", "follow-up overdue: {measure}, {due_on}"),
    "activities.follow-up.closed": ("走访跟进办结：{result}", "follow-up closed: {result}"),
    "activities.care.set": (
        "托管要求：每 {children_per_adult} 名儿童一名成人",
        "care rule: one adult for {children_per_adult} children",
    ),
    "activities.session.blocked": (
        "场次暂不能开放（{reason}）：须 {adults_needed} 名成人，现有 {adults_cleared} 名",
        "session blocked ({reason}): {adults_needed} adults needed, {adults_cleared} there",
    ),
    "activities.session.unblocked": ("场次可以开放", "session may open again"),
    "activities.pick-up.authorised": ("监护人授权一名接送人", "a guardian named somebody to fetch a child"),
    "activities.pick-up.ended": ("接送授权终止", "an authorisation to fetch a child ended"),
    "activities.child.handed-over": ("一名儿童已交接", "a child was handed over"),
    "activities.child.overdue": ("一名儿童逾时未接", "a child was not fetched in time"),
    "volunteers.team.registered": ("服务队登记：{name}", "team registered: {name}"),
    "volunteers.volunteer.registered": ("志愿者注册：{volunteer_no}", "volunteer registered: {volunteer_no}"),
    "volunteers.shift.opened": ("班次发布：{title}，需要 {needed} 人", "shift opened: {title}, {needed} needed"),
    "volunteers.assignment.made": ("一名志愿者接下班次", "a volunteer took a shift"),
    "volunteers.assignment.given-back": ("一名志愿者退出班次", "a volunteer gave a shift back"),
    "volunteers.volunteer.withdrawn": ("志愿者退出", "a volunteer serves no more"),
    "volunteers.withdrawal.applied": (
        "撤回志愿服务同意后已停止处理",
        "what rested on the withdrawn consent to volunteering has ended",
    ),
    "volunteers.clearance.recorded": (
        "核查登记（{kind}），有效至 {valid_until}",
        "cleared ({kind}) until {valid_until}",
    ),
    "volunteers.clearance.expired": ("核查到期（{kind}）", "a clearance expired ({kind})"),
    "volunteers.clearance.withdrawn": ("核查撤销（{kind}）", "a clearance was withdrawn ({kind})"),
    "volunteers.stint.opened": ("志愿者签到", "a volunteer checked in"),
    "volunteers.stint.closed": (
        "志愿者签退：{minutes} 分钟（{grade}）",
        "a volunteer left: {minutes} minutes ({grade})",
    ),
    "volunteers.stint.rejected": ("服务不计入时长（{reason}）", "a stint is not credited ({reason})"),
    "volunteers.hours.credited": ("记入时长 {minutes} 分钟（{grade}）", "{minutes} minutes credited ({grade})"),
    "volunteers.hours.reversed": ("冲正时长 {minutes} 分钟", "{minutes} minutes reversed"),
    "volunteers.certificate.issued": (
        "出具证明 {certificate_no}：{minutes} 分钟",
        "certificate {certificate_no} issued: {minutes} minutes",
    ),
    "volunteers.certificate.revoked": ("证明 {certificate_no} 失效", "certificate {certificate_no} revoked"),
    "volunteers.attendance-certificate.issued": (
        "出具参加证明 {certificate_no}：{sessions} 场",
        "attendance certificate {certificate_no} issued: {sessions} sessions",
    ),
    "notify.notice.sent": ("已告知（{channel}，{template}）", "told ({channel}, {template})"),
    "notify.notice.cancelled": ("消息撤回（{channel}，{template}）", "notice withdrawn ({channel}, {template})"),
    "notify.notice.failed": ("消息未送达（{channel}）：{reason}", "notice not delivered ({channel}): {reason}"),
    "notify.endpoint.registered": ("推送地址登记：{name}", "webhook endpoint registered: {name}"),
    "notify.endpoint.secret-rotated": ("推送密钥已更换", "webhook secret rotated"),
    "notify.endpoint.removed": ("推送地址移除：{reason}", "webhook endpoint removed: {reason}"),
}
"""By `<service>.<aggregate>.<fact>`; the version does not change what happened."""

MARKS: Final[Mapping[str, tuple[str, str]]] = {"check_in": ("签到", "checked in"), "check_out": ("签退", "checked out")}


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def sentence(event: Mapping[str, Any]) -> str:
    """What a CloudEvent as JSON says; its type alone where this program does not know the type yet."""
    kind = str(event.get("type", "")).removeprefix("linli.").rpartition(".v")[0]
    zh, en = SENTENCES.get(kind, (kind, kind))
    facts = _Facts({name: _written(name, value) for name, value in dict(event.get("data") or {}).items()})
    return say(zh, en).format_map(facts)


def short(id: str) -> str:
    """The end of an id: enough to tell the things on a screen apart (ids of one minute begin alike)."""
    return id.replace("-", "")[-SHORT:]


def moment(written: str) -> str:
    """A time of day in Shanghai, from a CloudEvent's `time`."""
    try:
        return f"{datetime.fromisoformat(written).astimezone(LOCAL):%m-%d %H:%M:%S}"
    except ValueError:
        return written


def _written(name: str, value: Any) -> str:
    if name == "mark" and value in MARKS:
        return say(*MARKS[value])
    if name.endswith(("_at", "_by")) and isinstance(value, str):
        return moment(value)[:-3]
    if isinstance(value, bool):
        return say("是", "yes") if value else say("否", "no")
    if isinstance(value, list | tuple):
        return say("、", ", ").join(map(str, value))
    return "–" if value is None else str(value)
