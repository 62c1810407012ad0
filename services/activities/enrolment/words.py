"""The fairness log in sentences: why whom, for anyone (A12). No I/O, no clock."""

from collections.abc import Mapping
from typing import Any, Final

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "placed": (
        "有 {seats_free} 个空名额，全家 {seats_wanted} 人入座。",
        "{seats_free} free: all {seats_wanted} are in.",
    ),
    "queued": (
        "空 {seats_free} 个，不够全家 {seats_wanted} 人，进入候补。",
        "{seats_free} free, too few for all {seats_wanted}: the family waits.",
    ),
    "skipped": (
        "空 {seats_free} 个，{quota}不够全家 {seats_wanted} 人，本次跳过，位次不变。",
        "{seats_free} free, {quota} too few for all {seats_wanted}: passed this time, keeps its place.",
    ),
    "offered": (
        "空 {seats_free} 个，是排在最前且全家 {seats_wanted} 人都坐得下的家庭，为其保留。",
        "{seats_free} free: the first family that fits with all {seats_wanted} is offered them.",
    ),
    "accepted": ("接受了保留的 {seats_wanted} 个名额。", "Took the {seats_wanted} seats offered."),
    "declined": ("放弃了保留的 {seats_wanted} 个名额。", "Declined the {seats_wanted} seats offered."),
    "lapsed": ("未在期限内答复，{seats_wanted} 个名额让出。", "Did not answer in time: {seats_wanted} seats pass on."),
    "withdrawn": ("取消报名，让出 {seats_wanted} 人的位置。", "Withdrew, {seats_wanted} people."),
    "requested": ("等待主办方审核，{seats_wanted} 人。", "Waits for the host's approval, {seats_wanted} people."),
    "approved": ("主办方审核通过，{seats_wanted} 人。", "Approved by the host, {seats_wanted} people."),
    "refused": ("主办方未通过，{seats_wanted} 人。", "Refused by the host, {seats_wanted} people."),
    "entered": ("参加抽签，{seats_wanted} 人。", "Entered the draw, {seats_wanted} people."),
    "not-drawn": ("未抽中，且不设候补。", "Not drawn, and there is no waiting list."),
    "changed": ("更改了同行人员，现 {seats_wanted} 人。", "Changed who comes, now {seats_wanted} people."),
    "asked-again": ("场次变动，请其再次确认。", "The session was moved: asked whether they come all the same."),
    "reconfirmed": ("再次确认参加。", "Come all the same."),
    "unconfirmed": ("未在期限内再次确认，让出名额。", "Did not confirm in time: the seats pass on."),
}
QUOTAS: Final[Mapping[str, tuple[str, str]]] = {
    "child": ("儿童名额", "the child seats"),
    "reserved": ("可用名额", "the seats for this family"),
    "open": ("公开名额", "the open seats"),
}


def sentences(step: Mapping[str, Any]) -> dict[str, str]:
    """One step, given by its fields, as a sentence in `zh` and `en`."""
    zh, en = SENTENCES[step["step"]]
    quota_zh, quota_en = QUOTAS.get(step["short_of"] or "open", QUOTAS["open"])
    return {"zh": zh.format(**step, quota=quota_zh), "en": en.format(**step, quota=quota_en)}
