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
    "registry.appointment.started": ("任职：{post}，自 {since}", "in office: {post}, since {since}"),
    "registry.appointment.ended": ("离任：{post}，至 {until}", "left office: {post}, until {until}"),
    "registry.account.created": ("开通一个账号", "an account was created"),
    "registry.account.closed": ("关闭一个账号", "an account was closed"),
    "registry.delegation.started": ("职务代理开始：{since} 至 {until}", "somebody stands in from {since} to {until}"),
    "registry.delegation.ended": ("职务代理结束", "somebody no longer stands in"),
    "registry.client.registered": ("接入系统登记：{name}", "client registered: {name}"),
    "registry.client.revoked": ("接入系统撤销", "client revoked"),
    "activities.programme.created": ("项目创建：{name}", "programme created: {name}"),
    "activities.session.scheduled": (
        "场次发布：{title}，{starts_at}，{place}，{capacity} 人",
        "session planned: {title}, {starts_at}, {place}, {capacity} seats",
    ),
    "activities.session.cancelled": ("场次取消：{title}，{reason}", "session cancelled: {title}, {reason}"),
    "activities.session.closed": (
        "场次结算：{person_times} 人次，{persons} 人",
        "session counted: {person_times} person-times, {persons} persons",
    ),
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
    "activities.enrolment.withdrawn": ("退出报名，让出 {seats} 个名额", "an enrolment was withdrawn: {seats} seats"),
    "activities.attendance.recorded": ("{mark}（{method}）", "{mark} ({method})"),
    "activities.attendance.reverted": ("撤销一次签到", "a check-in was taken back"),
    "activities.absence.excused": ("一人请假", "somebody is excused"),
    "activities.absence.unexcused": ("一人请假撤回", "an excuse was taken back"),
    "activities.headcount.declared": ("现场人数 {heads}（{method}）", "heads counted: {heads} ({method})"),
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
    "notify.notice.sent": ("已告知（{channel}，{template}）", "told ({channel}, {template})"),
    "notify.notice.cancelled": ("消息撤回（{channel}，{template}）", "notice withdrawn ({channel}, {template})"),
    "notify.notice.failed": ("消息未送达（{channel}）：{reason}", "notice not delivered ({channel}): {reason}"),
    "notify.endpoint.registered": ("推送地址登记：{name}", "webhook endpoint registered: {name}"),
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
    return str(value)
