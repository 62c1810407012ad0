"""The loops that deliver notices, one a channel, so that a slow mail server never delays an inbox."""

from functools import partial

from services.chassis.running import Running
from services.chassis.telemetry import log
from services.notify import notify
from services.notify.delivery.inboxes import fill_inboxes
from services.notify.delivery.mail import Postman
from services.notify.delivery.mails import send_mails
from services.notify.settings import NotifySettings
from services.notify.work import keep_rounds


@notify.works("notify-fill-inboxes")
async def keep_inboxes_filled(running: Running) -> None:
    await keep_rounds(running, partial(fill_inboxes, running))


@notify.works("notify-send-mails")
async def keep_mails_going(running: Running) -> None:
    settings = running.settings
    if not isinstance(settings, NotifySettings) or not settings.smtp_url:
        log.warning("no mail server is set: e-mail notices wait as planned until LINLI_SMTP_URL names one")
        await running.stopping.wait()
        return
    postman = Postman.of(settings.smtp_url, settings.mail_from, settings.public_url)
    await keep_rounds(running, partial(send_mails, running, postman))


async def deliver_due(running: Running, postman: Postman | None = None) -> int:
    """One round on every channel; without a postman the mails wait. Returns how many notices were taken up."""
    return await fill_inboxes(running) + (await send_mails(running, postman) if postman else 0)
