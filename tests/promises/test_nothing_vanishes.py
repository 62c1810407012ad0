"""Promise 4: whatever a message is or does to its handler, it is applied, in quarantine or pending; never gone."""

import asyncio
import json
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest
from nats.js.errors import APIError
from typer.testing import CliRunner

from contracts.activities.v1 import SessionScheduled
from contracts.registry.v1 import PersonRegistered, SiteOpened
from contracts.volunteers.v1 import HoursCredited, ShiftOpened
from deploy import dead
from services.chassis.consumers import ALONE_AFTER, MAX_BEGUN
from services.chassis.quarantine import DELAYS
from tests.promises.conftest import HURRY, House, opened, troubled_stack
from tests.promises.ledger import (
    APPLIED,
    CONSUMERS,
    KINDS,
    QUARANTINED,
    Line,
    Sent,
    all_settled,
    draw_up,
    send,
    send_all,
)
from tests.promises.troubled import tries_of
from tests.system.conftest import until

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("promises")]
TRIES = len(DELAYS) + 1
NEVER_ENDING = ("raise", "hang", "cancel")
SETTLED_SECONDS = 25.0
UNHURRIED_SECONDS = 400.0
MOST_IN_A_MINUTE = 10
MOST_HEARD = (PersonRegistered, SiteOpened, SessionScheduled, ShiftOpened, HoursCredited)
"""For what takes its time: each more kind that hangs or ends processes is one more row of waits or restarts."""


async def accounts(house: House, sent: list[Sent]) -> list[Line]:
    return [await draw_up(house, durable, sent) for durable in CONSUMERS]


def only(count: Counter[str], faults: Collection[str]) -> Counter[str]:
    return Counter({fault: number for fault, number in count.items() if fault in faults})


async def must_all_be_found(house: House, sent: list[Sent], durables: Iterable[str]) -> None:
    """Each of these durables was reached; its account adds up, and each message ended as its fault should."""
    for line in [await draw_up(house, durable, sent) for durable in durables]:
        assert {*APPLIED, *QUARANTINED} - set(line.published) <= {"unknown-code"}, f"{line.durable} was hardly reached"
        assert line.adds_up, line
        assert line.applied == only(line.published, APPLIED), line
        assert line.quarantined == only(line.published, QUARANTINED), line
        assert line.altered == [], line


async def test_of_every_durable_each_message_is_applied_or_quarantined_with_its_bytes(house: House) -> None:
    sent = await send_all(house, [*APPLIED, *QUARANTINED, "none"])
    await until(lambda: all_settled(house), SETTLED_SECONDS)

    await must_all_be_found(house, sent, CONSUMERS)
    assert all(TRIES <= len(tries) <= MOST_IN_A_MINUTE for tries in tries_of_failing(house, sent))


def tries_of_failing(house: House, sent: list[Sent]) -> list[list[float]]:
    """When each event that never stops failing was handed to a handler, for every durable that hears it."""
    failing = [each for each in sent if each.fault in NEVER_ENDING]
    return [
        tries_of(house.troubles, durable, each.event_id)
        for durable in CONSUMERS
        for each in failing
        if each.heard_by(durable)
    ]


async def test_with_the_delays_of_an_installation_no_message_is_tried_more_than_ten_times_in_its_first_minute(
    tmp_path: Path,
) -> None:
    with troubled_stack(tmp_path / "house", hurry=1) as stack:
        async with opened(stack) as house:
            sent = await send_all(house, [*APPLIED, *QUARANTINED, "none"], MOST_HEARD)
            await until(lambda: all_settled(house), UNHURRIED_SECONDS)

            await must_all_be_found(house, sent, {each for each in CONSUMERS for one in sent if one.heard_by(each)})
            for tries in tries_of_failing(house, sent):
                assert len(tries) >= TRIES
                assert sum(at < tries[0] + 60 for at in tries) <= MOST_IN_A_MINUTE


async def test_a_message_that_ends_the_process_each_time_is_quarantined_and_harms_nobody_else(tmp_path: Path) -> None:
    with troubled_stack(tmp_path / "house", HURRY) as stack:
        async with opened(stack) as house:
            sent = await send_all(house, ["none", "exit", "none"], MOST_HEARD)

            async def good_ones_applied() -> bool:
                lines = await accounts(house, sent)
                return all(line.adds_up and line.applied == only(line.published, ("none",)) for line in lines)

            await until(good_ones_applied, UNHURRIED_SECONDS)
            await until(lambda: all_settled(house), UNHURRIED_SECONDS)

            lines = await accounts(house, sent)
            assert all(line.quarantined == only(line.published, ("exit",)) for line in lines), lines
            killers = [each for each in sent if each.fault == "exit"]
            tries = [
                len(tries_of(house.troubles, durable, each.event_id))
                for durable in CONSUMERS
                for each in killers
                if each.heard_by(durable)
            ]
            assert max(tries) <= ALONE_AFTER + MAX_BEGUN, tries
            ended = [name for name in house.service_names if stack.processes[name].restarts > 2]
            assert len(ended) >= 3, "hardly a process ended"


async def test_a_message_too_large_for_its_stream_is_refused_to_its_sender(house: House) -> None:
    for kind in KINDS:
        with pytest.raises(APIError, match="message size exceeds maximum"):
            await house.jetstream.publish(f"{kind.contract.subject}.3505.03.001.001", b"x" * 1_000_000)


async def test_a_quarantined_message_is_shown_with_its_very_bytes(house: House) -> None:
    sent = await send(house, next(iter(KINDS)), "binary")
    await until(lambda: all_settled(house), SETTLED_SECONDS)
    [row] = await house.fetch("activities", "SELECT id FROM quarantine WHERE stream_seq = $1", sent.seq)

    arguments = ["show", "activities", str(row["id"]), "--data", str(house.stack.directory), "--json"]
    shown = await asyncio.to_thread(CliRunner().invoke, dead.app, arguments)

    told = json.loads(shown.stdout)
    assert bytes.fromhex(told["body_hex"]) == sent.body
    assert (told["consumer"], told["attempts"]) == ("activities-people", 1)
    assert "unreadable" in told["reason"]
