"""What the story needs beside the services: the demo clock's file, a mailbox, and a centre's own system."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

from deploy.local.ports import LOOPBACK, free_port
from deploy.local.private import write_private
from deploy.local.record import Record
from deploy.local.stack import Stack
from deploy.local.trouble import Trouble
from deploy.local.words import say

from .day import Day, DemoClock

FILE: Final = "demo.json"
CLOCK_FILE: Final = "demo-clock"
"""In the stack's directory, by how much its services' clock goes ahead."""
MAILBOX: Final = "mailbox"
RECEIVER: Final = "receiver"
ALLOWED: Final = "127.0.0.0/8:*"
"""Webhooks go to public addresses alone; a demo's receiver is on this machine."""


@dataclass(frozen=True, slots=True)
class Props:
    """Kept in the stack's directory, so that the story is the same when it is played again."""

    directory: Path
    smtp_port: int
    mailbox_port: int
    receiver_port: int
    wednesday: str = ""

    @classmethod
    def of(cls, directory: Path) -> "Props":
        """Those of the directory; made where there are none yet."""
        file = directory / FILE
        if file.exists():
            return cls(directory, **json.loads(file.read_text("utf-8")))
        props = cls(directory, free_port(), free_port(), free_port())
        props.keep()
        return props

    def keep(self) -> None:
        """Writes them down."""
        told = {name: value for name, value in asdict(self).items() if name != "directory"}
        write_private(self.directory / FILE, json.dumps(told, indent=1))

    @property
    def clock(self) -> DemoClock:
        return DemoClock(self.clock_file)

    @property
    def clock_file(self) -> Path:
        return self.directory / CLOCK_FILE

    @property
    def mails(self) -> Path:
        """Every mail as an .eml file."""
        return self.directory / "mailbox"

    @property
    def received(self) -> Path:
        """What the centre's system keeps: its secret, and the ids of the events it took."""
        return self.directory / "receiver"

    @property
    def mailbox_url(self) -> str:
        return f"http://{LOOPBACK}:{self.mailbox_port}"

    @property
    def receiver_url(self) -> str:
        return f"http://{LOOPBACK}:{self.receiver_port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What the services are told on top."""
        return {
            "LINLI_CLOCK_OFFSET_FILE": str(self.clock_file),
            "LINLI_SMTP_URL": f"smtp://{LOOPBACK}:{self.smtp_port}",
            "LINLI_WEBHOOK_ALLOW": ALLOWED,
        }

    @property
    def processes(self) -> Mapping[str, list[str]]:
        """The command lines of the helpers, by name."""
        ports = [str(self.smtp_port), str(self.mailbox_port)]
        return {
            MAILBOX: [sys.executable, "-m", "deploy.demo.mailbox", str(self.mails), *ports],
            RECEIVER: [sys.executable, "-m", "deploy.demo.receiver", str(self.received), str(self.receiver_port)],
        }

    def add_to(self, stack: Stack) -> None:
        """Adds them to a stack that is about to start."""
        stack.environment.update(self.environment)
        for name, argv in self.processes.items():
            stack.add_process(name, argv)

    def fix_day(self) -> Day:
        """The story's day: the one it was played on before, else chosen now and kept."""
        if self.wednesday:
            return Day(date.fromisoformat(self.wednesday))
        day = Day.after(self.clock.now())
        Props(self.directory, self.smtp_port, self.mailbox_port, self.receiver_port, day.wednesday.isoformat()).keep()
        return day


def props_of(record: Record) -> Props:
    """Those of a running stack. Trouble when it was started without them."""
    if not {MAILBOX, RECEIVER} <= {instance.name for instance in record.instances}:
        raise Trouble(
            say(
                "系统启动时没有带演示所需的时钟与收件程序。请先 ./linli down，再运行 ./linli up --demo；"
                "或运行 ./linli demo --once，在临时目录中演示。",
                "This system was started without the demo's clock and mailbox. Run ./linli down, then ./linli up "
                "--demo; or run ./linli demo --once, which plays in a directory of its own.",
            )
        )
    return Props.of(Path(record.directory))
