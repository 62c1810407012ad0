"""What a notice says, in both languages: public facts only. A name is added by the mail alone, at its sending."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.notify.notices.rules import LOCAL

LANGUAGES: Final = ("zh", "en")
WEEKDAYS: Final = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject line and a text; in TEXTS with `{facts}` to fill in."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """The session or shift that a notice is about."""

    title: str
    place: str | None
    starts_at: datetime
    ends_at: datetime


class _Blank(dict[str, str]):
    """A notice planned by an older release may lack a fact that a newer wording names."""

    def __missing__(self, key: str) -> str:
        return "…"


TEXTS: Final[Mapping[str, Mapping[str, Letter]]] = {
    "enrolment-confirmed": {
        "zh": Letter("报名成功：{title}", "已为您保留 {seats} 个名额：{title}，{starts}，地点：{place}。"),
        "en": Letter("Enrolled: {title}", "Seats kept for you: {seats}. {title}, {starts}, at {place}."),
    },
    "session-reminder": {
        "zh": Letter("活动提醒：{title}", "您报名的{title}将于{starts}开始，地点：{place}，请准时参加。"),
        "en": Letter("Reminder: {title}", "{title} begins on {starts} at {place}. Please be on time."),
    },
    "enrolment-queued": {
        "zh": Letter("已进入候补：{title}", "{title}（{starts}）名额已满，您排在候补第 {position} 位，共 {seats} 人。"),
        "en": Letter(
            "Waiting list: {title}",
            "{title} ({starts}) is full. You wait at place {position}, for seats: {seats}.",
        ),
    },
    "seats-offered": {
        "zh": Letter(
            "有名额了：{title}", "{title}（{starts}）为您保留了 {seats} 个名额，请在{answer_by}前确认，逾期自动让出。"
        ),
        "en": Letter(
            "Seats offered: {title}",
            "Seats held for you: {seats}. {title} ({starts}). Accept before {answer_by}, or they go to the next.",
        ),
    },
    "offer-ended": {
        "zh": Letter("名额已让出：{title}", "为您保留的{title}（{starts}）名额已让出，您可以重新报名。"),
        "en": Letter(
            "Offer ended: {title}", "The seats held for you in {title} ({starts}) are gone. You may enrol again."
        ),
    },
    "enrolment-withdrawn": {
        "zh": Letter("已取消报名：{title}", "您已取消{title}（{starts}）的报名，共 {seats} 人。"),
        "en": Letter("Withdrawn: {title}", "You gave up your enrolment in {title} ({starts}), seats: {seats}."),
    },
    "enrolment-unconfirmed": {
        "zh": Letter("名额已让出：{title}", "{title}变动后未收到您的再次确认，为您保留的 {seats} 个名额已让出。"),
        "en": Letter(
            "Seats passed on: {title}", "You did not confirm {title} after it was moved: your seats ({seats}) are gone."
        ),
    },
    "enrolment-not-drawn": {
        "zh": Letter("未抽中：{title}", "{title}（{starts}）本次未抽中，该场次不设候补。抽签过程可公开复算。"),
        "en": Letter(
            "Not drawn: {title}", "The draw for {title} ({starts}) left you without seats. Anyone can recompute it."
        ),
    },
    "enrolment-requested": {
        "zh": Letter("已提交，待审核：{title}", "您为 {seats} 人提交了{title}（{starts}）的报名，主办方审核后通知您。"),
        "en": Letter(
            "Waiting for approval: {title}", "Your request for {title} ({starts}), seats: {seats}, is with the host."
        ),
    },
    "enrolment-refused": {
        "zh": Letter("报名未通过：{title}", "您为 {seats} 人提交的{title}（{starts}）报名未通过审核，可向主办方咨询。"),
        "en": Letter(
            "Not accepted: {title}",
            "Your request for {title} ({starts}), seats: {seats}, was not accepted. Please ask the host.",
        ),
    },
    "enrolment-entered": {
        "zh": Letter("已参加抽签：{title}", "您为 {seats} 人参加了{title}（{starts}）的抽签，结果将通知您。"),
        "en": Letter("In the draw: {title}", "You are in the draw for {title} ({starts}), seats: {seats}."),
    },
    "reconfirm-requested": {
        "zh": Letter("请再次确认：{title}", "{title}有变动：{starts}，{place}。请在{answer_by}前确认是否参加。"),
        "en": Letter(
            "Please confirm: {title}",
            "{title} was moved: {starts}, {place}. Say before {answer_by} that you come, or the seats pass on.",
        ),
    },
    "standing-suspended": {
        "zh": Letter("暂停报名", "因多次报名未到场，{until}前暂不能报名该单位的部分活动。如有异议，可以申诉。"),
        "en": Letter(
            "Enrolment suspended",
            "After repeated no-shows you cannot enrol in some activities of this host until {until}. You may appeal.",
        ),
    },
    "standing-good": {
        "zh": Letter("报名已恢复", "您可以重新报名该单位的活动。"),
        "en": Letter("Enrolment open again", "You may enrol in this host's activities again."),
    },
    "session-moved": {
        "zh": Letter("活动有变动：{title}", "{title}改为{starts}，地点：{place}。您的候补、审核或抽签不变。"),
        "en": Letter(
            "Moved: {title}",
            "{title} is now on {starts} at {place}. Your place in the queue, the draw or the host's list stays.",
        ),
    },
    "follow-up-overdue": {
        "zh": Letter("走访跟进逾期", "您负责的一项走访跟进已于{due_on}到期，请办理后登记结果。"),
        "en": Letter(
            "A follow-up is overdue",
            "A follow-up of a visit that is in your hands was due on {due_on}. See to it, then record the result.",
        ),
    },
    "session-cancelled": {
        "zh": Letter("活动取消：{title}", "原定{starts}在{place}举行的{title}已取消。原因：{reason}"),
        "en": Letter("Cancelled: {title}", "{title} on {starts} at {place} is cancelled. Reason: {reason}"),
    },
    "session-blocked": {
        "zh": Letter(
            "场次暂不能开放：{title}",
            "{title}（{starts}）暂不能开放：须 {adults_needed} 名已通过背景核查的成人，现有 {adults_cleared} 名。"
            "请在场次的门槛页查看可替补的志愿者。",
        ),
        "en": Letter(
            "Session blocked: {title}",
            "{title} ({starts}) may not open: it needs {adults_needed} cleared adults and has {adults_cleared}. "
            "Its gate page lists cleared substitutes.",
        ),
    },
    "child-overdue": {
        "zh": Letter("紧急：儿童未被接走", "{title}已于{ends}结束，一名儿童尚未被接走，请立即联系站点或前来接回。"),
        "en": Letter(
            "Urgent: a child was not fetched",
            "{title} ended at {ends} and a child is still waiting. Please call the site or come at once.",
        ),
    },
    "shift-taken": {
        "zh": Letter("已加入志愿服务：{title}", "您已加入志愿服务：{title}，{starts}至{ends}。"),
        "en": Letter("Shift taken: {title}", "You have taken the shift {title}, {starts} to {ends}."),
    },
    "hours-credited": {
        "zh": Letter("服务时长已记入：{minutes} 分钟", "您{service_date}的志愿服务已记入 {minutes} 分钟。"),
        "en": Letter(
            "Minutes credited: {minutes}", "{minutes} minutes of service on {service_date} are credited to you."
        ),
    },
    "certificate-issued": {
        "zh": Letter(
            "志愿服务记录证明已出具", "您的志愿服务记录证明已出具：编号 {certificate_no}，共 {minutes} 分钟，免费。"
        ),
        "en": Letter(
            "Certificate of service issued",
            "Your certificate of service {certificate_no} over {minutes} minutes is issued, free of charge.",
        ),
    },
}

GREETINGS: Final = {"zh": "{name}，您好！", "en": "Dear {name},"}
CLOSINGS: Final = {
    "zh": "邻里 Linli（本邮件由系统发出，请勿回复）",
    "en": "Linli 邻里 (sent by a system, please do not reply)",
}


def letter(template: str, facts: Mapping[str, str], occasion: Occasion | None, language: str) -> Letter:
    """The wording in `zh` or `en`; any other language reads Chinese."""
    language = language if language in LANGUAGES else "zh"
    words = _Blank(facts)
    if occasion is not None:
        words |= {"title": occasion.title, "place": occasion.place or ""}
        words |= {"starts": moment(occasion.starts_at, language), "ends": clock(occasion.ends_at)}
    for name in ("answer_by", "until"):
        if name in facts:
            words[name] = moment(datetime.fromisoformat(facts[name]), language)
    for name in ("service_date", "due_on"):
        if name in facts:
            words[name] = day(date.fromisoformat(facts[name]), language)
    wording = TEXTS[template][language]
    return Letter(wording.subject.format_map(words), wording.text.format_map(words))


def inbox_letter(template: str, facts: Mapping[str, str], occasion: Occasion | None) -> Letter:
    """Both languages, Chinese first: the inbox is filled without asking registry who the person is."""
    zh, en = (letter(template, facts, occasion, language) for language in LANGUAGES)
    return Letter(f"{zh.subject} · {en.subject}", f"{zh.text}\n{en.text}")


def mail_body(text: str, name: str, language: str) -> str:
    """The text as a mail to somebody."""
    language = language if language in LANGUAGES else "zh"
    return f"{GREETINGS[language].format(name=name)}\n\n{text}\n\n{CLOSINGS[language]}\n"


def day(when: date, language: str) -> str:
    """`6月5日（周五）` or `Fri 5 June`."""
    weekday = WEEKDAYS[language][when.weekday()]
    if language == "zh":
        return f"{when.month}月{when.day}日（周{weekday}）"
    return f"{weekday} {when.day} {MONTHS[when.month - 1]}"


def clock(when: datetime) -> str:
    """`16:30` in Shanghai."""
    return f"{when.astimezone(LOCAL):%H:%M}"


def moment(when: datetime, language: str) -> str:
    """`6月5日（周五）16:30` or `Fri 5 June 16:30`, in Shanghai."""
    between = "" if language == "zh" else " "
    return f"{day(when.astimezone(LOCAL).date(), language)}{between}{clock(when)}"
