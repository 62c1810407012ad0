"""The demo's post office: takes mail by SMTP, keeps each as an .eml file, delivers nothing, and shows what came.

`python -m deploy.demo.mailbox DIRECTORY SMTP_PORT HTTP_PORT`; the page lists the mails, `/count` counts them.
"""

import asyncio
import email
import email.policy
import hashlib
import html
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import uvicorn
from aiosmtpd.smtp import SMTP
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from deploy.local.ports import LOOPBACK
from deploy.local.private import private_directory


class Mailbox:
    """Mails by their Message-ID: one that comes twice is kept once, as a recipient's mail program would show it."""

    def __init__(self, directory: Path) -> None:
        self._directory = private_directory(directory)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Called by aiosmtpd for each mail; answered when it is on the disk."""
        content: bytes = envelope.content
        name = email.message_from_bytes(content).get("Message-ID") or content.decode("utf-8", "replace")
        file = self._directory / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.eml"
        draft = file.with_suffix(".part")
        draft.write_bytes(content)
        draft.replace(file)
        return "250 kept"

    def mails(self) -> list[EmailMessage]:
        """All of them, the newest last."""
        files = sorted(self._directory.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]

    async def show(self, _: Request) -> HTMLResponse:
        """The page."""
        rows = "".join(
            f"<tr><td>{html.escape(str(mail['To']))}<td>{html.escape(str(mail['Subject']))}<td>{_text_of(mail)}"
            for mail in reversed(self.mails())
        )
        style = "body{font:15px sans-serif;margin:2em}td{border-top:1px solid #ccc;padding:.5em;white-space:pre-line}"
        return HTMLResponse(
            f"<!doctype html><meta charset=utf-8><title>信箱</title><style>{style}</style><table>{rows}"
        )

    async def count(self, _: Request) -> JSONResponse:
        return JSONResponse({"mails": len(self.mails())})


def _text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return html.escape(str(body.get_content())) if body else ""


async def serve(directory: Path, smtp_port: int, http_port: int) -> None:
    """Takes mail and shows it until the process ends."""
    mailbox = Mailbox(directory)
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(lambda: SMTP(mailbox, enable_SMTPUTF8=True, loop=loop), LOOPBACK, smtp_port)
    app = Starlette(routes=[Route("/", mailbox.show), Route("/count", mailbox.count)])
    async with smtp:
        config = uvicorn.Config(app, host=LOOPBACK, port=http_port, access_log=False, log_level="warning")
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
