"""Structured logs: one JSON line an event, constant text, ids as fields, never values of people."""

import logging
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic_core import to_json


class Log:
    """Says what happened: one line on stderr. `origin` stands in every line, what is below `level` in none."""

    def __init__(self) -> None:
        self.origin: dict[str, str] = {}
        self.level = logging.INFO

    def info(self, event: str, /, **fields: Any) -> None:
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, /, **fields: Any) -> None:
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, /, **fields: Any) -> None:
        self._write(logging.ERROR, event, fields)

    def _write(self, level: int, event: str, fields: dict[str, Any]) -> None:
        if level < self.level:
            return
        name, now = logging.getLevelName(level).lower(), datetime.now(UTC).isoformat()
        line = to_json({**fields, "event": event, **self.origin, "level": name, "timestamp": now}, fallback=str)
        with suppress(OSError):  # a full disk must not end what was only to be told
            sys.stderr.write(line.decode() + "\n")


log: Final = Log()


def set_up_logs(service: str, instance: str, level: str) -> None:
    """Names the process in its lines. Library loggers pass at WARNING, so that none of them prints message bodies."""
    log.origin = {"service": service, "instance": instance}
    log.level = getattr(logging, level.upper())
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)  # of an outage our loops tell, without a stack a second


def kind_of(error: BaseException) -> str:
    """What may be logged of an error: its class, SQLSTATE and constraint, and the place in our code.

    The message may quote a row or an input, so it is left out.
    """
    state = getattr(error, "sqlstate", None)
    constraint = getattr(error, "constraint_name", None)
    return " ".join(str(part) for part in (type(error).__name__, state, constraint, _place(error)) if part)


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/site-packages/" not in frame.filename] or frames
    return f"at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
