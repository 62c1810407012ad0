"""How `./linli scale` asks a supervisor: by a file that says how many, a signal, and the file gone when it is done."""

import json
import signal
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from deploy.local.private import write_private
from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from deploy.local.stack import Stack

REQUEST_FILE = "scale.json"
REQUEST_SIGNAL = signal.SIGURG
"""Does nothing to a process that does not listen for it."""


class Requests:
    """Hears requests from the moment it is made, and answers them in `serve`. For the main thread."""

    def __init__(self, stack: "Stack") -> None:
        self._stack, self._request = stack, stack.directory / REQUEST_FILE
        self._asked: SimpleQueue[int] = SimpleQueue()
        self._request.unlink(missing_ok=True)  # of a supervisor before us
        signal.signal(REQUEST_SIGNAL, lambda number, _: self._asked.put(number))

    def serve(self) -> None:
        """Scales the stack whenever somebody asks; ends by an exception of another signal alone."""
        while self._asked.get():
            try:
                self._stack.scale({service: int(str(count)) for service, count in read(self._request).items()})
                self._request.unlink(missing_ok=True)
            except Trouble as trouble:
                write_private(self._request, json.dumps({"trouble": str(trouble)}))


def read(request: Path) -> dict[str, object]:
    """What the file says; nothing where there is none."""
    try:
        said = json.loads(request.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return said if isinstance(said, dict) else {}
