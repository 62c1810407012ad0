"""What notify states about a notice: sent, cancelled or failed, each in the notice's own region."""

from typing import Any, Protocol
from uuid import UUID

from contracts.notify.v1 import Channel, NoticeCancelled, NoticeFailed, NoticeSent
from services.chassis import Transaction
from services.chassis.transaction import Cause


class Told(Protocol):
    """What is said of any notice. `version` counts its events so far, this one included."""

    @property
    def notice_id(self) -> UUID: ...
    @property
    def channel(self) -> str: ...
    @property
    def template(self) -> str: ...
    @property
    def cause_id(self) -> UUID: ...
    @property
    def region(self) -> str: ...
    @property
    def version(self) -> int: ...


def say(
    kind: type[NoticeSent | NoticeCancelled | NoticeFailed],
    notice: Told,
    tx: Transaction,
    cause: Cause | None = None,
    **more: Any,
) -> None:
    """Says one fact of a notice whose row the transaction has locked and counted up."""
    event = kind(
        notice_id=notice.notice_id,
        channel=Channel(notice.channel),
        template=notice.template,
        cause_id=notice.cause_id,
        **more,
    )
    tx.say(event, region=notice.region, version=notice.version, cause=cause)
