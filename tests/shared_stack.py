"""The one stack of tests/journeys and tests/system: the house, registry and activities twice, and the demo's props."""

import asyncio
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope

from deploy.demo import stage
from deploy.demo.props import Props
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Stack


@dataclass(slots=True)
class Mailbox:
    """Takes every mail of the stack: keeps it, or hands it on while another takes them."""

    mails: list[EmailMessage] = field(default_factory=list)
    onward: int | None = None
    """The port of the other mail server."""

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if self.onward is None:
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
            return "250 taken"
        try:
            await asyncio.to_thread(hand_on, envelope, self.onward)
        except (OSError, smtplib.SMTPException):
            return "451 later"
        return "250 handed on"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] is not None and address in str(mail["To"])]


def hand_on(envelope: Envelope, port: int) -> None:
    """Sends the same mail to another server. Raises OSError or SMTPException where that does not take it."""
    assert isinstance(envelope.content, bytes)
    with smtplib.SMTP(LOOPBACK, port, timeout=10) as server:
        server.sendmail(envelope.mail_from or "", envelope.rcpt_tos, envelope.content, envelope.mail_options)


@dataclass(frozen=True, slots=True)
class Shared:
    """What runs."""

    stack: Stack
    props: Props
    mailbox: Mailbox


@contextmanager
def running(directory: Path) -> Iterator[Shared]:
    """Started, and stopped at the end unless somebody stopped it before."""
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname=LOOPBACK, port=port, enable_SMTPUTF8=True)
    stack = Stack(directory, scale={"registry": 2, "activities": 2})
    stage.prepare(stack)
    stack.environment["LINLI_SMTP_URL"] = f"smtp://{LOOPBACK}:{port}"
    stack.environment["LINLI_LIMIT_LOGINS"] = "1000"  # all of these tests share one address
    controller.start()
    try:
        with stack:
            yield Shared(stack, Props.of(directory), box)
    finally:
        controller.stop()
