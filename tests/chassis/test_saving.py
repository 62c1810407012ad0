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
    written = asyncio.Event()

    async def write() -> None:
        await asyncio.sleep(0.01)
        written.set()

    with pytest.raises(ValueError, match="said"):
        async with open_transaction().saving(write()):
            raise ValueError("said")

    assert written.is_set()
