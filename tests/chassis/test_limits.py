"""What a handler does to itself is an error of its own; what others do to it is not. What comes often comes alone."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from nats.aio.client import Client as Nats
from nats.aio.msg import Msg

from contracts.registry.v1 import SiteClosed
from services.chassis import quarantine
from services.chassis.clock import Clock
from services.chassis.consumers import ALONE_AFTER, Consumer, apart, early_delay
from services.chassis.handlers import Hearing
from services.chassis.limits import CancelledItself, TooSlow, bounded


async def test_a_handler_that_does_not_end_is_too_slow() -> None:
    with pytest.raises(TooSlow):
        async with bounded(0.01):
            await asyncio.Event().wait()


async def test_a_server_that_does_not_answer_in_time_is_not_the_handlers_fault() -> None:
    with pytest.raises(TimeoutError):
        async with bounded(5):
            raise TimeoutError


async def test_a_handler_that_cancels_itself_ends_in_an_error_and_a_stop_still_cancels_it() -> None:
    async def handle() -> None:
        async with bounded():
            await asyncio.Event().wait()

    with pytest.raises(CancelledItself):
        async with bounded():
            raise asyncio.CancelledError
    task = asyncio.create_task(handle())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def delivered(times: int) -> Msg:
    return Msg(_client=Nats(), subject="evt", reply=f"$JS.ACK.S.d.{times}.1.1.0.0", data=b"")


def test_messages_that_came_too_often_are_handled_alone_after_the_others() -> None:
    first, often, second, oftener = (delivered(n) for n in (1, ALONE_AFTER + 1, ALONE_AFTER, 40))

    together, alone = apart([first, often, second, oftener])
    assert together == [first, second]
    assert alone in ([often, oftener], [oftener, often])
    assert apart([often]) == ([], [often])
    assert apart([often], early={1}) == ([often], [])
    assert apart([first], failed={1}, early={1}) == ([], [first])


def test_no_message_stands_behind_the_same_one_each_time() -> None:
    killer, good = delivered(5), delivered(5)

    assert any(apart([killer, good])[1][0] is good for _ in range(100))


async def test_only_one_suspect_of_a_process_is_begun_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    story: list[str] = []

    async def begin(_: Any, durable: str, *__: Any) -> int:
        story.append(f"{durable} begun")
        await asyncio.sleep(0)
        return 1

    async def end(_: Any, durable: str, *__: Any) -> None:
        await asyncio.sleep(0)
        story.append(f"{durable} ended")

    async def handle(consumer: Consumer, _: list[Msg]) -> None:
        await asyncio.sleep(0)
        story.append(f"{consumer._durable} handled")

    monkeypatch.setattr(quarantine, "begin", begin)
    monkeypatch.setattr(quarantine, "end", end)
    monkeypatch.setattr(Consumer, "_handle", handle)
    running: Any = SimpleNamespace(
        nats=None,
        pool=None,
        clock=Clock(),
        suspecting=asyncio.Lock(),
        stopping=asyncio.Event(),
        sabotaged=lambda _: False,
    )
    hearings = [Hearing(name, (SiteClosed,), None, react=None) for name in ("x-one", "x-two")]

    await asyncio.gather(*(Consumer(each, running)._take_on_alone(delivered(3)) for each in hearings))

    assert story == [f"x-{which} {what}" for which in ("one", "two") for what in ("begun", "handled", "ended")]


def test_what_is_early_waits_longer_each_time_but_never_long() -> None:
    delays = [early_delay(deliveries) for deliveries in range(1, 50)]

    assert delays == sorted(delays)
    assert (delays[0], delays[-1]) == (0.25, 4.0)
