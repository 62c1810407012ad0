"""The link in an offer's letter declines it without a login (A10): signed, for this offer alone, until it lapses."""

from datetime import datetime
from typing import Final

from services.chassis.tokens import Signer
from services.notify.delivery.rules import Pending
from services.notify.notices.rules import OFFER
from services.notify.notices.texts import Letter

DECLINE: Final = "decline-offer"
"""The purpose of the seal; the gateway opens it for nothing else (services/gateway/declining.py)."""
LINES: Final = {
    "zh": "不能参加？点此放弃名额，留给下一家（无需登录）：{link}",
    "en": "Cannot come? Decline here, and the seats go to the next family (no login needed): {link}",
}


def with_link(letter: Letter, notice: Pending, language: str, signer: Signer, public_url: str, now: datetime) -> Letter:
    """The letter of an offer with its link; any other letter, or without a public address, as it is."""
    answer_by = notice.facts.get("answer_by")
    if notice.template != OFFER or not public_url or not answer_by or notice.enrolment_id is None:
        return letter
    seconds = int((datetime.fromisoformat(answer_by) - now).total_seconds())
    sealed = signer.seal({"enrolment_id": str(notice.enrolment_id), "answer_by": answer_by}, DECLINE, seconds)
    line = LINES.get(language, LINES["zh"]).format(link=f"{public_url.rstrip('/')}/decline/{sealed}")
    return Letter(letter.subject, f"{letter.text}\n\n{line}")
