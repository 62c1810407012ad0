"""The doorkeeper as a process: `python -m services.doorkeeper.app`."""

import asyncio
import os
import signal
from collections.abc import Coroutine
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
from services.chassis.tokens import DOOR, Signer, Verifier
from services.chassis.watchdog import EXIT_CODE

from .admission import Admission
from .presence import Presence, confirming

SUBJECT: Final = "$SYS.REQ.USER.AUTH"
GROUP: Final = "doorkeeper"


class DoorkeeperSettings(Settings):
    """`issuer_seed_file` is the key that the server's configuration names as the issuer of its auth callout."""

    issuer_seed_file: Path
    look_seconds: float = 10.0
    """How often it looks whether partners are still let in: with the time of an answer well under 30 seconds."""


class Doorkeeper:
    """Answers on the server's subject for as long as the connection lasts."""

    def __init__(self, settings: DoorkeeperSettings) -> None:
        self._settings = settings
        seed = settings.issuer_seed_file.read_text("ascii").strip()
        self._issuer = nkeys.from_seed(bytearray(seed.encode()))
        self._verifier = Verifier(settings.secrets_dir / "token-keys.json")
        self._signer = Signer(DOOR, settings.secrets_dir)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    async def open(self) -> Nats:
        """Connects, waiting for a server, begins to answer, and to look whether whoever was let in still may."""
        connection = await nats.connect(
            self._settings.nats_url,
            name=self._settings.instance,
            inbox_prefix=f"_INBOX_{DOOR}",
            nkeys_seed=str(self._settings.nats_seed_file) if self._settings.nats_seed_file else None,
            tls=tls_of(self._settings),
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            ping_interval=5,
            max_outstanding_pings=2,
            error_cb=Trespasses().note,
            closed_cb=self._closed,
        )
        confirm = confirming(connection, self._signer)
        admission = Admission(self._verifier, self._issuer, confirm)

        async def asked(message: Msg) -> None:
            self._spawn(_answer(admission, message))  # one that waits for registry holds up no other

        await connection.subscribe(SUBJECT, queue=GROUP, cb=asked)
        await connection.flush()
        self._spawn(self._keep_looking(Presence(connection, confirm)))
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

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_looking(self, presence: Presence) -> None:
        while not self._stopping.is_set():
            await asyncio.sleep(self._settings.look_seconds)
            try:
                await presence.look()
            except Exception as error:  # without its eyes it would keep whoever has to go: the next round tries again
                log.error("the list of partners could not be read", error=kind_of(error))

    async def _closed(self) -> None:
        """A client that gave up for good would leave a dead process behind: end it, the supervisor starts another."""
        if not self._stopping.is_set():
            log.error("nats connection closed for good, ending the process")
            os._exit(EXIT_CODE)


async def _answer(admission: Admission, message: Msg) -> None:
    try:
        answer, who = await admission.answer(message.data)
    except Exception as error:  # no answer is a refusal too, after the server's patience
        log.error("a question could not be read", error=kind_of(error))
        return
    log.info("a partner came to the door", who=who)
    await message.respond(answer)


def main() -> None:
    """Reads the settings and serves."""
    settings = DoorkeeperSettings()
    set_up_logs("doorkeeper", settings.instance, settings.log_level)
    asyncio.run(Doorkeeper(settings).run())


if __name__ == "__main__":
    main()
