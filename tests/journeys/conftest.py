"""On a fresh stack the afternoon is played once; the tests look at what it left."""

from dataclasses import dataclass

import pytest

from deploy.demo import stage
from deploy.demo.closing import Closing
from deploy.demo.props import Props
from deploy.demo.script import Script, read_script
from deploy.local.options import require_running
from deploy.local.record import Record
from deploy.local.stack import Stack
from tests.shared_stack import Shared


@dataclass(frozen=True, slots=True)
class Afternoon:
    """The stack after the story, and the table it ended with."""

    stack: Stack
    closing: Closing

    @property
    def record(self) -> Record:
        return require_running(self.stack.directory)

    @property
    def props(self) -> Props:
        return Props.of(self.stack.directory)


@pytest.fixture(scope="session")
def script() -> Script:
    return read_script()


@pytest.fixture(scope="session")
def afternoon(shared: Shared) -> Afternoon:
    shared.mailbox.onward = shared.props.smtp_port
    return Afternoon(shared.stack, stage.play(require_running(shared.stack.directory), as_json=False))
