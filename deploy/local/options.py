"""Options that several commands share, and what they stand for."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.local.record import Record, find_running
from deploy.local.service import CHECKOUT
from deploy.local.trouble import Trouble
from deploy.local.words import say

DEFAULT_DATA = CHECKOUT / ".linli"

Data = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="DIR",
        help=say("数据、日志与密钥所在目录，默认 .linli", "Directory of data, logs and keys; by default .linli"),
        show_default=False,
        file_okay=False,
        resolve_path=True,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help=say("在标准输出上给出一个 JSON 对象", "Print one JSON object on standard output"))
]


def require_running(directory: Path) -> Record:
    """The stack that runs in the directory; Trouble when there is none."""
    record = find_running(directory)
    if record is None:
        raise Trouble(
            say(
                f"{directory} 中没有运行的系统。请先运行 ./linli up。",
                f"Nothing runs in {directory}. Run ./linli up first.",
            )
        )
    return record
