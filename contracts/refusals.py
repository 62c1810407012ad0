"""Why a request was not done: a closed list of reason codes, each with a sentence in Chinese and English."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason code: its HTTP status (RFC 9457) and what to tell a person, with the next step in the sentence."""

    status: int
    zh: str
    en: str
    retryable: bool = False

    def sentence(self, language: str, params: Mapping[str, Any]) -> str:
        """The sentence in `zh` or `en`; `{name}` is filled from the parameters, `…` where one is missing."""
        return (self.zh if language == "zh" else self.en).format_map(_Blank(params))


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An outcome: nothing was done, and this is why. `params` hold ids, numbers and codes, never values of people."""

    code: str
    params: Mapping[str, Any]

    def __init__(self, code: str, /, **params: Any) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "params", params)

    @property
    def reason(self) -> Reason:
        return reason_of(self.code)


class Refused(Exception):
    """Raised where a refusal ends the work at once: the transaction is undone and the caller gets the refusal."""

    def __init__(self, refusal: Refusal | str, /, **params: Any) -> None:
        self.refusal = refusal if isinstance(refusal, Refusal) else Refusal(refusal, **params)
        super().__init__(self.refusal.code)


GENERAL: dict[str, Reason] = {
    "invalid-message": Reason(
        422,
        "内容不符合约定：{errors}。请对照接口文档修改后重发。",
        "The content breaks the contract: {errors}. Mend it by the API page and send again.",
    ),
    "invalid-json": Reason(
        400,
        "内容不是有效的 UTF-8 JSON。请检查编码后重发。",
        "The body is not valid UTF-8 JSON. Check its encoding and send again.",
    ),
    "id-number-not-accepted": Reason(
        422,
        "任何字段都不接收身份证号。请删除号码后重发，本系统不保存它。",
        "No field takes a resident ID number. Remove it and send again; it was not kept.",
    ),
    "message-too-large": Reason(
        413,
        "内容超过 {limit} 字节。请分批发送。",
        "The body exceeds {limit} bytes. Send it in smaller parts.",
    ),
    "unauthenticated": Reason(
        401,
        "缺少有效的访问令牌。请登录或更换令牌后重试。",
        "A valid access token is missing. Log in or renew it and try again.",
    ),
    "not-permitted": Reason(
        403,
        "没有权限：需要 {permission}（地区 {region}，职能 {functions}）。请由该地区妇联负责人任命或代理。",
        "Not permitted: {permission} at region {region} is needed (functions: {functions}). "
        "The head of the federation there can appoint or delegate.",
    ),
    "deadline-expired": Reason(
        408,
        "请求已过期，未执行。请重新发送。",
        "The request came after its deadline and was not done. Send it again.",
        retryable=True,
    ),
    "command-id-reused": Reason(
        409,
        "这个请求编号已用于另一内容。请换新编号。",
        "This idempotency key was used for other content. Use a new one.",
    ),
    "id-taken": Reason(
        409,
        "请求中的编号已被占用，未作任何更改。请换新编号。",
        "An id in the request is taken already; nothing was changed. Use a new one.",
    ),
    "batch-too-large": Reason(
        413, "一批最多 {limit} 条。请分批发送。", "A batch takes at most {limit} items. Send it in parts."
    ),
    "too-many-requests": Reason(
        429,
        "请求过于频繁，未执行。请在 {seconds} 秒后重试。",
        "Too many requests; this one was not done. Try again in {seconds} s.",
        retryable=True,
    ),
    "unavailable": Reason(
        503,
        "服务 {service} 暂时不可用，请求未执行或结果未知。请用同一编号稍后重试。",
        "{service} is not available now. Repeat with the same idempotency key in a moment.",
        retryable=True,
    ),
    "internal-error": Reason(
        500,
        "内部错误，未作任何更改（事件号 {incident}）。请用同一编号重试，仍失败请报告事件号。",
        "An internal error; nothing was changed (incident {incident}). Repeat with the same key, then report the incident.",
    ),
    "unknown-operation": Reason(404, "没有这个操作。请查看接口文档。", "There is no such operation. See the API page."),
}

_services: dict[str, Reason] = {}


def declare(reasons: Mapping[str, Reason]) -> None:
    """Adds a service's own reason codes to the closed list; a code may be declared once."""
    for code, reason in reasons.items():
        if code in GENERAL or _services.setdefault(code, reason) is not reason:
            raise ValueError(f"the reason code {code} is declared twice")


def reason_of(code: str) -> Reason:
    """The reason for a code. Raises KeyError for a code outside the closed list."""
    return GENERAL[code] if code in GENERAL else _services[code]


def all_reasons() -> Iterator[tuple[str, Reason]]:
    yield from GENERAL.items()
    yield from _services.items()
