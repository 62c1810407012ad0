"""The page behind the link of an offer's letter: declines it without a login (A10).

Opening the page changes nothing: mail scanners and previews open links. The button posts; again, it is answered alike.
"""

from datetime import datetime
from html import escape
from typing import Any, Final
from uuid import UUID, uuid5

from starlette.responses import Response

from contracts.activities.v1 import DeclineByLink
from contracts.refusals import Refusal, Refused

from .bus import Bus
from .identity import Identity
from .problems import describe
from .routing import Call, Route

PATH: Final = "/decline/{token}"
PURPOSE: Final = "decline-offer"
SPACE: Final = UUID("01990000-0000-7000-8000-00000000dec1")
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="robots" content="noindex">
  <title>邻里 · Linli</title>
  <link rel="icon" href="/static/icon.svg">
  <link rel="stylesheet" href="/static/linli.css">
</head>
<body>
<main>
  <h1>邻里 <small lang="en">Linli</small></h1>
  <p>{zh}</p>
  <p class="en" lang="en">{en}</p>
{form}</main>
</body>
</html>
"""
FORM: Final = """  <form method="post">
    <button type="submit">放弃名额 <span class="en" lang="en">Decline</span></button>
  </form>
"""
ASKED: Final = (
    "要放弃为您保留的名额吗？名额会马上留给下一家，之后可以重新报名候补。",
    "Decline the seats held for you? They go to the next family at once; you may enrol again later.",
)
DONE: Final = ("已放弃，名额留给下一家了，谢谢您。", "Declined. The seats go to the next family. Thank you.")
STALE: Final = (
    "链接已失效：保留期已过，或链接不完整。请从最新的通知打开。",
    "The link is no longer good: its time is over, or it is incomplete. Open it from the newest message.",
)


class Declining:
    """`GET` shows the page, `POST` declines; both know no more of the family than the sealed link says."""

    def __init__(self, bus: Bus, identity: Identity) -> None:
        self._bus, self._identity = bus, identity

    def routes(self) -> list[Route]:
        return [Route("GET", PATH, self._show), Route("POST", PATH, self._decline)]

    async def _show(self, call: Call) -> Response:
        return _page(ASKED, 200, FORM) if self._opened(call) else _page(STALE, 410)

    async def _decline(self, call: Call) -> Response:
        sealed = self._opened(call)
        if sealed is None:
            return _page(STALE, 410)
        offer = DeclineByLink(
            enrolment_id=UUID(sealed["enrolment_id"]), answer_by=datetime.fromisoformat(sealed["answer_by"])
        )
        id = uuid5(SPACE, f"{offer.enrolment_id}:{offer.answer_by.isoformat()}")
        try:
            await self._bus.client_for("activities").send(offer, id=id, token=self._identity.own_token)
        except Refused as refused:
            return _refused(refused.refusal)
        return _page(DONE, 200)

    def _opened(self, call: Call) -> dict[str, Any] | None:
        return self._identity.unseal(call.path["token"], PURPOSE, by="notify")


def _refused(refusal: Refusal) -> Response:
    zh, en = (describe(refusal, language) for language in ("zh", "en"))
    return _page((zh["detail"], en["detail"]), zh["status"])


def _page(words: tuple[str, str], status: int, form: str = "") -> Response:
    zh, en = map(escape, words)
    headers = {"content-security-policy": POLICY, "content-type": "text/html; charset=utf-8"}
    return Response(PAGE.format(zh=zh, en=en, form=form), status, headers=headers)
