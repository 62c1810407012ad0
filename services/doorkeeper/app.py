"""The doorkeeper as a process: `python -m services.doorkeeper.app`."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Final

import nats
import nkeys
from nats.aio.client import Client as Nats
from nats.aio.msg import Msg

from services.chassis.bus import Trespasses, tls_of
from services.chassis.logs import kind_of, set_up_logs
from services.chassis.settings import Settings
from services.chassis.telemetry import log
from services.chassis.tokens import Verifier
from services.chassis.watchdog import EXIT_CODE

from .admission import Admission

SUBJECT: Final = "$SYS.REQ.USER.AUTH"
GROUP: Final = "doorkeeper"


class DoorkeeperSettings(Settings):
    """`issuer_seed_file` is the key that the server's configuration names as the issuer of its auth callout."""

    issuer_seed_file: Path


class Doorkeeper:
    """Answers on the server's subject for as long as the connection lasts."""

    def __init__(self, settings: DoorkeeperSettings) -> None:
        self._settings = settings
        seed = settings.issuer_seed_file.read_text("ascii").strip()
        self._admission = Admission(
            Verifier(settings.secrets_dir / "token-keys.json"), nkeys.from_seed(bytearray(seed.encode()))
        )
        self._stopping = asyncio.Event()

    async def open(self) -> Nats:
        """Connects, waiting for a server, and begins to answer."""
        connection = await nats.connect(
            self._settings.nats_url,
            name=self._settings.instance,
            nkeys_seed=str(self._settings.nats_seed_file) if self._settings.nats_seed_file else None,
            tls=tls_of(self._settings),
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            ping_interval=5,
            max_outstanding_pings=2,
            error_cb=Trespasses().note,
            closed_cb=self._closed,
        )
        await connection.subscribe(SUBJECT, queue=GROUP, cb=self._asked)
        await connection.flush()
        return connection

    def stop(self) -> None:
        """Ends `run`."""
        self._stopping.set()

    async def run(self) -> None:
        """Answers until SIGTERM or SIGINT."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sign, self.stop)
        connection = await self.open()
        log.info("doorkeeper is up")
        await self._stopping.wait()
        await connection.drain()

    async def _asked(self, message: Msg) -> None:
        try:
            answer, who = self._admission.answer(message.data)
        except Exception as error:  # no answer is a refusal too, after the server's patience
            log.error("a question could not be read", error=kind_of(error))
            return
        log.info("a partner came to the door", who=who)
        await message.respond(answer)

    async def _closed(self) -> None:
        """A client that gave up for good would leave a dead process behind: end it, the supervisor starts another."""
        if not self._stopping.is_set():
            log.error("nats connection closed for good, ending the process")
            os._exit(EXIT_CODE)


def main() -> None:
    """Reads the settings and serves."""
    settings = DoorkeeperSettings()
    set_up_logs("doorkeeper", settings.instance, settings.log_level)
    asyncio.run(Doorkeeper(settings).run())


if __name__ == "__main__":
    main()
