"""Hands a mail to the mail server, and tells plainly how that went."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

STEP_SECONDS: Final = 10
MAIL_SECONDS: Final = 30
PERMANENT: Final = 500


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a mail did not leave, as a code; `permanent` when another try would end the same."""

    reason: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Postman:
    """A mail server, the address that mails come from, and the public address that their links lead to."""

    host: str
    port: int
    sender: str
    tls: bool = False
    user: str | None = None
    password: str | None = None
    public_url: str = ""

    @classmethod
    def of(cls, url: str, sender: str, public_url: str = "") -> "Postman":
        """From `smtp://[user:password@]host:port` or `smtps://…`. Raises ValueError for anything else."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("LINLI_SMTP_URL must read smtp://host:port or smtps://host:port")
        tls = parts.scheme == "smtps"
        user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
        return cls(parts.hostname, parts.port or (465 if tls else 25), sender, tls, user, password, public_url)

    async def send(self, message: EmailMessage, address: str) -> Trouble | None:
        """Sends one mail; None when the server took it. Only what it says of this mail itself is permanent."""
        try:
            async with asyncio.timeout(MAIL_SECONDS):
                await aiosmtplib.send(
                    message,
                    recipients=[address],
                    hostname=self.host,
                    port=self.port,
                    username=self.user,
                    password=self.password,
                    use_tls=self.tls,
                    timeout=STEP_SECONDS,
                )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return _answered(refused.recipients[0].code)
        except aiosmtplib.SMTPDataError as refused:
            return _answered(refused.code)
        except UnicodeError:
            return Trouble("bad-address", permanent=True)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError):
            return Trouble("mail-server", permanent=False)
        return None


def _answered(code: int) -> Trouble:
    return Trouble(f"smtp-{code}", permanent=code >= PERMANENT)


def write(notice_id: UUID, at: datetime, sender: str, address: str, subject: str, body: str) -> EmailMessage | None:
    """The mail of a notice; None when the address cannot stand in one.

    Its Message-ID is the same at every try: a mail that left just before a crash comes twice under one id.
    """
    message = EmailMessage()
    try:
        message["To"] = address
    except (HeaderParseError, ValueError, IndexError):
        return None
    message["From"] = sender
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{notice_id}@linli>"
    message["Idempotency-Key"] = str(notice_id)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message
