"""Turns the first Ctrl-C, SIGTERM or loss of the terminal into an exception; later ones do not disturb the stopping."""

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody asked this process to end. Not an Exception: nothing but the outermost caller may catch it."""


def heed_signals() -> None:
    """From now on the first of the signals raises Interrupted in the main thread."""
    for one in SIGNALS:
        if signal.getsignal(one) is not signal.SIG_IGN:  # `nohup` asked us to outlive the terminal
            signal.signal(one, interrupt)


def ignore_signals() -> None:
    """For the time of stopping, which is bounded."""
    for one in SIGNALS:
        signal.signal(one, signal.SIG_IGN)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """The handler of the first signal."""
    ignore_signals()
    raise Interrupted
