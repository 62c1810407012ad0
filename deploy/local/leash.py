"""Becomes a command that cannot outlive its parent: `python -I -S leash.py PARENT SIGNAL COMMAND...`.

PARENT is the process id to live with, SIGNAL the number sent when it is gone.
A script of its own because code run between fork and exec in a threaded parent may deadlock.
"""

import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1


def tie_to_parent(parent: int, signal_number: int) -> None:
    """Asks the system, where it can (Linux), to send the signal when the parent ends; else a watcher does."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    elif os.fork() == 0:
        watch(parent, signal_number)
    if os.getppid() != parent:  # it died before we were tied
        sys.exit(1)


def watch(parent: int, signal_number: int) -> None:
    """Runs as a child of the command: ends with it, and signals it once its parent is gone."""
    command = os.getppid()
    while os.getppid() == command:
        try:
            os.kill(parent, 0)
        except ProcessLookupError:
            os.kill(command, signal_number)
            break
        time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    for inherited in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(inherited, signal.SIG_DFL)  # whoever started us may ignore them; our child must not
    tie_to_parent(int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])
