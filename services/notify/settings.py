"""What notify is told by its operator, beside what every service is told."""

from services.chassis.settings import Settings


class NotifySettings(Settings):
    """Environment names are LINLI_SMTP_URL, LINLI_MAIL_FROM, LINLI_PUBLIC_URL and LINLI_WEBHOOK_ALLOW."""

    smtp_url: str = ""
    """`smtp://[user:password@]host:port`, or `smtps://…` for TLS from the start. Empty: e-mail waits as planned."""
    mail_from: str = "邻里 Linli <linli@localhost>"
    public_url: str = ""
    """Where families reach the gateway, such as https://linli.example.org: then mails carry links without a login."""
    webhook_allow: str = ""
    """Private networks that endpoints may lie in, `CIDR:port` separated by commas, port `*` for any:
    `10.20.0.0/16:8443,127.0.0.0/8:*`. The administrator alone sets it."""
