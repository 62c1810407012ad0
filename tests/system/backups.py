"""Backups of a service's database, and the operator's commands on a running stack."""

import asyncio
import json
import subprocess
import sys
from typing import Any, Final

from deploy.local.service import CHECKOUT
from deploy.local.stack import Stack
from deploy.postgres.provision import clone_database, drop_database

BACKUP: Final = "linli_registry_backup"


async def copy_database(stack: Stack, source: str, to: str, service: str = "registry") -> None:
    """The service stands still meanwhile."""
    await asyncio.to_thread(stack.stop_process, f"{service}-1")
    await drop_database(stack.admin_dsn, to)
    await clone_database(stack.admin_dsn, service, to, template=source)
    await asyncio.to_thread(stack.start_process, f"{service}-1")
    await asyncio.to_thread(stack.wait_ready, [f"{service}-1"])


def announce(stack: Stack, service: str = "registry") -> dict[str, Any]:
    return linli(stack, "restored", service)


def linli(stack: Stack, *arguments: str) -> dict[str, Any]:
    """What a command of `./linli` prints with `--json`."""
    command = [sys.executable, "-m", "deploy.local.cli", *arguments, "--data", str(stack.directory), "--json"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=CHECKOUT, timeout=120)
    told: dict[str, Any] = json.loads(done.stdout)
    return told
