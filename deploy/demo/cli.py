"""`./linli demo`: plays the afternoon on the running stack, or on a throw-away one of its own."""

import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.interrupt import Interrupted, heed_signals, ignore_signals
from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.progress import Terminal
from deploy.local.words import say

from . import stage

MANUAL = say(
    "在运行中的系统（./linli up --demo）上演示儿童之家的一个下午，结束时给出各服务计算的总数。"
    "再次运行是安全的，结果相同。--once 在临时目录与空闲端口上另起一套系统，演示后全部清除。",
    "Plays an afternoon at a children's home on the running system (./linli up --demo) and ends with the numbers that "
    "the services compute. Running it again is safe and gives the same. --once starts a system of its own in a "
    "temporary directory on free ports, plays there, and removes everything.",
)

Once = Annotated[
    bool,
    typer.Option("--once", help=say("在临时的系统上演示，然后清除", "Play on a throw-away system, then remove it")),
]


def demo(once: Once = False, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Plays the story; `once` on a stack of its own."""
    if once:
        play_once(as_json)
    else:
        stage.play(require_running(data), as_json)


def play_once(as_json: bool) -> None:
    """Starts, plays, stops, and leaves nothing: no process, no file."""
    from deploy.local.stack import Stack

    # Not mkdtemp: PostgreSQL may have to run as another user than root, who must be able to pass through.
    directory = Path(tempfile.gettempdir()) / f"linli-demo-{secrets.token_hex(6)}"
    directory.mkdir(mode=0o711)
    teller = Terminal()
    stack = Stack(directory, teller=teller)
    try:
        heed_signals()
        stage.prepare(stack)
        stack.start()
        stage.play(require_running(directory), as_json)
    except Interrupted:
        teller.note(say("已中断。", "Interrupted."))
        raise SystemExit(1) from None
    finally:
        ignore_signals()
        stack.stop()
        teller.close()
        shutil.rmtree(directory, ignore_errors=True)
