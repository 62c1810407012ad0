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
    if "answer_by" in facts:
        words["answer_by"] = moment(datetime.fromisoformat(facts["answer_by"]), language)
    if "service_date" in facts:
        words["service_date"] = day(date.fromisoformat(facts["service_date"]), language)
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
