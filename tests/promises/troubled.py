"""A service of the house whose handlers fail where an event says so: `python -m tests.promises.troubled <service>`.

The actor of such an event is `trouble:<what>` or `trouble:<what>:<times>`; after so many times the event is handled as
any other. Each try is written down in LINLI_TROUBLE_DIR, which outlives the process. LINLI_TROUBLE_HURRY divides the
delays, the handler's time and the watchdog's patience, so that a quick test need not wait a minute.
"""

import asyncio
import importlib
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from contracts.envelope import CloudEvent
from deploy.nats.topology import service_of
from services.chassis import Transaction, consumers, quarantine
from services.chassis.handlers import Hearing
from services.chassis.limits import HANDLER_SECONDS
from services.chassis.settings import Settings
from services.chassis.watchdog import SILENCE_SECONDS, Watchdog

MARK: Final = "trouble:"
FOR_EVER: Final = 10**9


class Trouble(Exception):
    """What a broken handler raises."""


def tries_of(folder: Path, durable: str, event_id: object) -> list[float]:
    """When the handler of a consumer was given a troubled event (seconds since 1970)."""
    file = folder / f"{durable}.{event_id}"
    return [float(line) for line in file.read_text("ascii").split()] if file.exists() else []


async def fail(what: str) -> None:
    """Fails in one of the ways a handler can."""
    match what:
        case "raise":
            raise Trouble
        case "hang":
            await asyncio.Event().wait()
        case "cancel":
            raise asyncio.CancelledError
        case "exit":
            os._exit(9)
        case "block":
            time.sleep(120)


def troubled(hearing: Hearing, folder: Path) -> Hearing:
    """The same consumer; its handler looks first whether an event wants trouble."""
    first = hearing.remember or hearing.react
    assert first is not None, "a consumer does something"

    async def handle(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
        for event in events:
            if event.actor.startswith(MARK):
                what, _, times = event.actor.removeprefix(MARK).partition(":")
                with (folder / f"{hearing.durable}.{event.id}").open("a", encoding="ascii") as file:
                    file.write(f"{time.time()}\n")
                if len(tries_of(folder, hearing.durable, event.id)) <= int(times or FOR_EVER):
                    await fail(what)
        await first(events, tx)

    return replace(hearing, remember=handle) if hearing.in_order else replace(hearing, react=handle)


def main(name: str) -> None:
    """Serves like the service's own app."""
    hurry = float(os.environ.get("LINLI_TROUBLE_HURRY", "1"))
    vars(quarantine)["DELAYS"] = tuple(delay / hurry for delay in quarantine.DELAYS)
    vars(consumers)["HANDLER_SECONDS"] = HANDLER_SECONDS / hurry
    app = importlib.import_module(f"services.{name}.app").build_app(Settings())
    service = service_of(name)
    folder = Path(os.environ["LINLI_TROUBLE_DIR"])
    service.hearings[:] = [troubled(hearing, folder) for hearing in service.hearings]
    app.watchdog = Watchdog(SILENCE_SECONDS / min(hurry, 4))
    app.serve()


if __name__ == "__main__":
    main(sys.argv[1])
