"""An ordinary command, end to end over NATS: one at a time and sixteen in flight, beside the bare handler.

What the chassis costs is `cpu_us` less `bare_cpu_us`. The service's relay carries the events of both; its share in the
service's CPU stays in ours.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.activities.v1 import CreateProgramme
from deploy.local.stack import Stack
from tests.bench import bare_commands, load
from tests.bench.shape import Case, Report, case_of, cpu_seconds, median_case, tell
from tests.bench.sign_up import child
from tests.bench.town import COMMUNITY, Town, opened

CASES: Final = {"one-at-a-time": (300, 1), "16-in-flight": (1500, 16)}
"""How many commands a round, and how many at once."""
UNIT: Final = UUID("01990000-0000-7000-8000-00000000be9d")


async def measure(rounds: int) -> Report:
    """Starts a throw-away stack; medians over the rounds."""
    with (
        tempfile.TemporaryDirectory(prefix="linli-bench-") as folder,
        Stack(Path(folder), services=["registry", "activities"]) as stack,
        child("tests.bench.bare_commands", stack.database_dsn("activities"), stack.nats_url) as bare,
    ):
        await asyncio.to_thread(bare.stdout.readline if bare.stdout else str)
        service = stack.processes["activities-1"].program.pid
        async with opened(stack.nats_url, stack.secrets_dir, people=1, rooms=1) as town:
            found: dict[str, tuple[list[Case], list[Case]]] = {name: ([], []) for name in CASES}
            for number in range(rounds + 1):
                tell(f"round {number} of {rounds}" + (" (warm-up, not counted)" if number == 0 else ""))
                for name, (count, in_flight) in CASES.items():
                    ours = await _send(town, CreateProgramme.contract.subject, service, count, in_flight)
                    its = await _send(town, bare_commands.SUBJECT, bare.pid, count, in_flight)
                    if number:
                        found[name][0].append(ours)
                        found[name][1].append(its)
        return Report("commands", [median_case(name, *both) for name, both in found.items()])


async def _send(town: Town, subject: str, pid: int, count: int, in_flight: int) -> Case:
    programmes = _programmes(count)
    before = cpu_seconds([pid])
    seconds, took = await load.single(town.client.connection, subject, town.token, programmes, in_flight)
    return case_of(count, seconds, took, cpu_seconds([pid]) - before)


def _programmes(count: int) -> Sequence[CreateProgramme]:
    return [CreateProgramme(programme_id=uuid7(), name="压测", unit_id=UNIT, region=COMMUNITY) for _ in range(count)]
