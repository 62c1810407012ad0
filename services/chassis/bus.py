"""A process's way onto the bus: its key, its certificate, and what it oversteps there."""

import re
import ssl
from typing import Final

from .logs import kind_of
from .settings import Settings
from .telemetry import BUS_REFUSED, log

REFUSED: Final = re.compile(r'permissions violation for (publish|subscription) to "([^"]+)"', re.IGNORECASE)


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """TLS with the authority, certificate and key of `tls_dir`; None where there is no such directory."""
    folder = settings.tls_dir
    if folder is None:
        return None
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    context.load_cert_chain(folder / "client.pem", folder / "client.key")
    return context


class Trespasses:
    """Counts what the server refused and logs the subject, never the message.

    NATS tells of a refusal afterwards, and to the connection's error callback only.
    A refusal means that the process cannot do its job, so it is not ready until it has connected anew, which repeats
    its subscriptions. An answer that came too late for its inbox is counted only.
    """

    def __init__(self) -> None:
        self.any = False

    async def note(self, trouble: Exception) -> None:
        """The connection's error callback."""
        refused = REFUSED.search(str(trouble))
        if refused is None:
            log.warning("nats", error=kind_of(trouble))
            return
        verb, subject = refused.groups()  # nats-py puts the server's words into small letters
        BUS_REFUSED.labels(verb).inc()
        log.error("refused by the bus", verb=verb, subject=subject)
        late_answer = verb == "publish" and subject.startswith("_inbox")
        self.any = self.any or not late_answer

    async def forget(self) -> None:
        """The connection's callback after a reconnect."""
        self.any = False
