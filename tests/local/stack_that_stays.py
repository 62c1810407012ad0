"""`./linli up` with dummy services, as a process of its own: `stack_that_stays.py DIRECTORY [POSTGRES_DSN]`."""

import sys
from pathlib import Path

from deploy.local.commands.up import stay
from deploy.local.progress import Terminal
from deploy.local.stack import Stack
from tests.local.conftest import dummy

if __name__ == "__main__":
    teller = Terminal()
    stack = Stack(
        Path(sys.argv[1]),
        services=[dummy("registry", database=True), dummy("gateway")],
        postgres_dsn=sys.argv[2] if len(sys.argv) > 2 else None,
        durable=False,
        migrates=False,
        teller=teller,
    )
    stay(stack, teller)
