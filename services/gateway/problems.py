"""Refusals over HTTP: RFC 9457 problem documents in Chinese or English."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Literal

from pydantic_core import to_json
from starlette.responses import Response

from contracts.refusals import Reason, Refusal, reason_of

Language = Literal["zh", "en"]

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = {429: "1", 503: "1"}
TITLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("内容无法读取", "Unreadable content"),
    401: ("需要登录", "Authentication needed"),
    403: ("没有权限", "Not permitted"),
    404: ("没有找到", "Not found"),
    405: ("方法不适用", "Method not allowed"),
    408: ("请求超时", "Too late"),
    409: ("与现有情况冲突", "Conflict"),
    410: ("已不存在", "Gone"),
    413: ("内容过大", "Content too large"),
    422: ("内容不合要求", "Not acceptable as it is"),
    429: ("请求过多", "Too many requests"),
    500: ("内部错误", "Internal error"),
    503: ("暂时不可用", "Not available now"),
}
UNHEARD_OF: Final = Reason(
    422, "未执行，原因代码 {refusal}。请查看接口文档。", "It was not done, for the reason {refusal}. See the API page."
)
"""For the code of a service that is newer than this gateway."""

_SEGMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}|\d{1,4}")


def problem(
    refusal: Refusal, language: Language, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The HTTP response of a refusal. `status` only where HTTP knows better than the reason code (405)."""
    document = describe(refusal, language, status)
    response = Response(to_json(document), document["status"], media_type=MEDIA_TYPE)
    response.headers["content-language"] = "zh-CN" if language == "zh" else "en"
    response.headers["vary"] = "accept-language"
    for name, value in _headers_of(document, headers or {}).items():
        response.headers[name] = value
    return response


def _headers_of(document: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, str]:
    named = dict(headers)
    if document["status"] in RETRY_AFTER:
        named["retry-after"] = str(document["params"].get("seconds", RETRY_AFTER[document["status"]]))
    if document["status"] == 401:
        named["www-authenticate"] = "Bearer"
    return named


def describe(refusal: Refusal, language: Language, status: int | None = None) -> dict[str, Any]:
    """The members of the problem document. Places in a message (`errors`) are told, its values never."""
    reason = _reason(refusal.code)
    status = status or reason.status
    zh, en = TITLES.get(status, TITLES[422])
    params = dict(refusal.params)
    errors = [_place(each) for each in params.pop("errors", ())]
    told = {**params, "refusal": refusal.code, "errors": _listed(errors)}
    return {
        "type": f"urn:linli:problem:{refusal.code}",
        "title": zh if language == "zh" else en,
        "status": status,
        "detail": reason.sentence(language, told),
        "code": refusal.code,
        "params": params,
        **({"errors": errors} if errors else {}),
    }


def words_of(refusal: Refusal) -> tuple[tuple[str, str], int]:
    """The sentences of a refusal in Chinese and English, and its status: for pages that people look at."""
    zh, en = describe(refusal, "zh"), describe(refusal, "en")
    return (zh["detail"], en["detail"]), zh["status"]


def _reason(code: str) -> Reason:
    try:
        return reason_of(code)
    except KeyError:
        return UNHEARD_OF


def _place(error: Mapping[str, str]) -> dict[str, str]:
    """A field the sender named himself may itself be a value (a number as a name), so it is shown only if it cannot."""
    segments = error["pointer"].removeprefix("#").strip("/").split("/")
    shown = "/".join(segment if _SEGMENT.fullmatch(segment) else "?" for segment in segments if segment)
    return {"pointer": f"#/{shown}" if shown else "#", "code": error["problem"].replace("_", "-")}


def _listed(errors: list[dict[str, str]]) -> str:
    return ", ".join(f"{error['pointer']} {error['code']}" for error in errors)


@lru_cache(maxsize=256)
def language_of(accepted: str | None) -> Language:
    """`en` when an Accept-Language header prefers English over Chinese, else `zh`."""
    best = {"zh": 0.0, "en": 0.0}
    for choice in (accepted or "").lower().split(","):
        tag, _, parameters = choice.strip().partition(";")
        language = tag.partition("-")[0]
        if language in best:
            best[language] = max(best[language], _weight(parameters))
    return "en" if best["en"] > best["zh"] else "zh"


def _weight(parameters: str) -> float:
    found = re.search(r"q=(\d(?:\.\d{1,3})?)", parameters)
    return float(found[1]) if found else 1.0
