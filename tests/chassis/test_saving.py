"""What is said while PostgreSQL writes: nothing of it stands unless the writing did."""

import asyncio
from typing import Any, cast
from uuid import uuid4

import pytest

from services.chassis.access import Actor
from services.chassis.clock import Clock
from services.chassis.transaction import Cause, Transaction


def open_transaction() -> Transaction:
    chain = uuid4()
    actor = Actor("service:bench", frozenset({"service"}))
    return Transaction(cast(Any, None), Clock().now(), actor, Cause(actor.id, actor.region, chain, chain))


async def test_the_block_runs_while_the_writing_is_under_way_and_the_end_waits_for_it() -> None:
    steps: list[str] = []

    async def write() -> None:
        steps.append("begun")
        await asyncio.sleep(0.01)
        steps.append("written")

    async with open_transaction().saving(write()):
        steps.append("said")

    assert steps == ["begun", "said", "written"]


async def test_what_could_not_be_written_is_raised_though_all_was_said() -> None:
    async def write() -> None:
        await asyncio.sleep(0)
        raise KeyError("taken")

    with pytest.raises(KeyError, match="taken"):
        async with open_transaction().saving(write()):
            pass


async def test_a_block_that_fails_leaves_no_writing_behind() -> None:
    ended = asyncio.Event()

    with pytest.raises(ValueError, match="said"):
        async with open_transaction().saving(write_long(ended)):
            raise ValueError("said")

    assert ended.is_set()


@pytest.mark.parametrize("rounds", range(5))
async def test_whoever_is_cancelled_at_any_step_leaves_no_writing_behind(rounds: int) -> None:
    ended = asyncio.Event()

    async def save_and_say() -> None:
        async with open_transaction().saving(write_long(ended)):
            pass

    saving = asyncio.ensure_future(save_and_say())
    for _ in range(rounds):
        await asyncio.sleep(0)
    saving.cancel()
    await asyncio.gather(saving, return_exceptions=True)

    assert saving.cancelled()
    assert [task for task in asyncio.all_tasks() if task.get_coro().__name__ == "write_long"] == []  # type: ignore[union-attr]
    assert ended.is_set() or rounds < 2  # before that it had not begun


async def write_long(ended: asyncio.Event) -> None:
    """Takes its time, and tells when it is over, however it ends."""
    try:
        await asyncio.sleep(60)
    finally:
        ended.set()
