"""Structured logs: one JSON line an event, constant text, ids as fields, never values of people."""

import logging
import sys
import traceback
from pathlib import Path

import structlog


def set_up_logs(service: str, instance: str, level: str) -> None:
    """JSON lines on stderr. Library loggers pass at WARNING, so that none of them prints message bodies."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service, instance=instance)
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
