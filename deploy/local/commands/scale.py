"""`./linli scale`: more or fewer instances of a service while the system runs."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.commands.up import parse_scale
from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.private import write_private
from deploy.local.progress import Terminal
from deploy.local.record import Record
from deploy.local.scaling import REQUEST_FILE, REQUEST_SIGNAL, read
from deploy.local.trouble import Trouble
from deploy.local.words import say

MANUAL = say(
    "就绪后才返回；减少时，被停的实例先做完或交回手上的工作。重新 ./linli up 后恢复为 --scale 的数量。\n\n"
    "例：./linli scale activities=3 registry=2",
    "Returns when the new instances are ready; one that goes finishes or hands back its work first. A new ./linli up "
    "starts as many as its --scale says.\n\nExample: ./linli scale activities=3 registry=2",
)

ANSWER_SECONDS = 120.0

Counts = Annotated[
    list[str], typer.Argument(metavar="SERVICE=N...", help=say("某服务的实例数", "Instances of a service"))
]


def scale(counts: Counts, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Asks the supervisor of the running stack, and waits for its answer."""
    record = require_running(data)
    wanted = parse_scale(counts)
    request = data / REQUEST_FILE
    teller = Terminal()
    teller.begin(say("正在调整实例数", "Scaling"), 1)
    try:
        write_private(request, json.dumps(wanted))
        record.supervisor.send(REQUEST_SIGNAL)
        wait_for_answer(request, record)
        teller.step(", ".join(counts))
    finally:
        request.unlink(missing_ok=True)
        teller.close()
    running = [instance.name for instance in require_running(data).instances if instance.service in wanted]
    if Counter(name.rpartition("-")[0] for name in running) != Counter(wanted):
        raise _another(running)
    print(json.dumps({"instances": running}) if as_json else ", ".join(running))


def _another(running: list[str]) -> Trouble:
    return Trouble(
        say(
            f"另一个人同时调整了实例数，现在运行：{'、'.join(running)}。请再运行一次。",
            f"Somebody else scaled at the same time; now there are {', '.join(running)}. Run this once more.",
        )
    )


def wait_for_answer(request: Path, record: Record) -> None:
    """Returns when the supervisor has removed the request; Trouble when it wrote one there, or says nothing."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while request.exists():
        told = read(request)
        if "trouble" in told:
            raise Trouble(str(told["trouble"]))
        if time.monotonic() > deadline or not record.supervisor.alive:
            raise Trouble(
                say(
                    "系统没有回应。请查看 ./linli status 与日志目录中的 supervisor.log。",
                    "The system did not answer. See ./linli status, and supervisor.log among the logs.",
                )
            )
        time.sleep(0.05)
