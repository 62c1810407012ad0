"""The page behind the link of an offer's letter: declines it without a login (A10).

Opening the page changes nothing: mail scanners and previews open links. The button posts; again, it is answered alike.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from starlette.responses import Response

from contracts.activities.v1 import DeclineByLink
from contracts.refusals import Refused

from .bus import Bus
from .html import sentences
from .identity import Identity
from .problems import words_of
from .routing import Call, Route

PATH: Final = "/decline/{token}"
PURPOSE: Final = "decline-offer"
SPACE: Final = UUID("01990000-0000-7000-8000-00000000dec1")
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
        return [
            Route("GET", PATH, self._show, nameless=True),
            Route("POST", PATH, self._decline, nameless=True),
        ]

    async def _show(self, call: Call) -> Response:
        return sentences(ASKED, more=FORM) if self._opened(call) else sentences(STALE, 410)

    async def _decline(self, call: Call) -> Response:
        sealed = self._opened(call)
        if sealed is None:
            return sentences(STALE, 410)
        offer = DeclineByLink(
            enrolment_id=UUID(sealed["enrolment_id"]), answer_by=datetime.fromisoformat(sealed["answer_by"])
        )
        id = uuid5(SPACE, f"{offer.enrolment_id}:{offer.answer_by.isoformat()}")
        try:
            await self._bus.client_for("activities").send(offer, id=id, token=self._identity.own_token)
        except Refused as refused:
            return sentences(*words_of(refused.refusal))
        return sentences(DONE)

    def _opened(self, call: Call) -> dict[str, Any] | None:
        return self._identity.unseal(call.path["token"], PURPOSE, by="notify")
