"""The demo's post office: takes mail by SMTP, keeps each as an .eml file, delivers nothing, and shows what came.

`python -m deploy.demo.mailbox DIRECTORY SMTP_PORT HTTP_PORT`; the page lists the mails, `/count` counts them.
"""

import asyncio
import email
import email.policy
import hashlib
import html
import re
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import uvicorn
from aiosmtpd.smtp import SMTP
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from deploy.local.ports import LOOPBACK
from deploy.local.private import private_directory

LINK: Final = re.compile(r"https?://[^\s<&]+")
EMPTY: Final = "<p>还没有邮件。有人报名或名额有变动时，通知会出现在这里。<br>No mail yet.</p>"
PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>信箱 · 邻里演示</title>
<style>
  body { font: 1rem/1.6 system-ui, sans-serif; margin: 0; color: #22201d; background: #fbf8f4; }
  main { max-width: 46rem; margin: 0 auto; padding: 1rem; }
  article { background: #fff; border: 1px solid #e2dbd2; border-radius: 10px; padding: .2rem 1rem; margin: .8rem 0; }
  h2 { font-size: 1.05rem; margin: .6rem 0 0; }
  p { white-space: pre-line; overflow-wrap: anywhere; }
  small { font-size: 1rem; font-weight: 400; }
  .to { color: #6a635b; margin: 0; }
</style>
<main><h1>信箱 <small>演示收到的邮件，新的在前</small></h1>{letters}</main>
</html>
"""


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
        letters = "".join(map(_letter, reversed(self.mails()))) or EMPTY
        return HTMLResponse(PAGE.replace("{letters}", letters))

    async def count(self, _: Request) -> JSONResponse:
        return JSONResponse({"mails": len(self.mails())})


def _letter(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    text = html.escape(str(body.get_content()).strip()) if body else ""
    linked = LINK.sub(r'<a href="\g<0>">\g<0></a>', text)
    to, subject = html.escape(str(mail["To"])), html.escape(str(mail["Subject"]))
    return f"<article><h2>{subject}</h2><p class=to>{to}</p><p>{linked}</p></article>"


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
