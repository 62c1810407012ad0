"""The standing pull loses no message of which the server believes that it was delivered: it would come again only when
its acknowledgement is overdue, half a minute later."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from nats.aio.msg import Msg

from services.chassis.pull import LOW_CREDIT, StandingPull

Heard = Callable[[Msg], Awaitable[None]]


class Inbox:
    """A subscription; one that was left hears nothing."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self.left = False

    async def deliver(self, body: bytes) -> None:
        if not self.left:
            await self._heard(Msg(None, "evt", "$JS.ACK", body))  # type: ignore[arg-type]

    async def unsubscribe(self) -> None:
        self.left = True


class Connection:
    """A client of NATS as far as a pull needs one. `asked` are the inboxes of its requests."""

    def __init__(self) -> None:
        self.is_connected = True
        self.inboxes: list[Inbox] = []
        self.asked: list[str] = []
        self.stalls = False

    def new_inbox(self) -> str:
        return str(len(self.inboxes))

    async def subscribe(self, _: str, cb: Heard, **__: Any) -> Inbox:
        self.inboxes.append(Inbox(cb))
        return self.inboxes[-1]

    async def publish(self, _: str, __: bytes, reply: str) -> None:
        self.asked.append(reply)
        if self.stalls:
            await asyncio.Event().wait()


@pytest.fixture
async def connection() -> Connection:
    return Connection()


@pytest.fixture
async def pull(connection: Connection) -> StandingPull:
    """One that has asked once."""
    standing = StandingPull(connection, "EVT_REGISTRY", "activities-test")  # type: ignore[arg-type]
    await _turn(standing)
    return standing


async def _turn(pull: StandingPull) -> None:
    """A turn in which nothing comes."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await pull.take(1)


async def test_what_was_on_its_way_to_the_inbox_before_a_reconnect_is_taken(
    connection: Connection, pull: StandingPull
) -> None:
    pull.ask_anew()
    await _turn(pull)
    await connection.inboxes[0].deliver(b"late")

    assert connection.asked == ["0", "1"]
    assert [message.data for message in await pull.take(1)] == [b"late"]


async def test_of_many_reconnects_two_inboxes_are_left(connection: Connection, pull: StandingPull) -> None:
    for _ in range(3):
        pull.ask_anew()
        await _turn(pull)

    assert [inbox.left for inbox in connection.inboxes] == [True, True, False, False]


async def test_while_the_connection_is_away_nothing_is_asked_that_would_arrive_later(
    connection: Connection, pull: StandingPull
) -> None:
    for _ in range(LOW_CREDIT + 1):
        await connection.inboxes[0].deliver(b"")
    connection.is_connected = False

    assert len(await pull.take(1)) == 1
    assert connection.asked == ["0"]


async def test_a_stop_in_the_middle_of_a_take_leaves_everything_to_be_handed_back(
    connection: Connection, pull: StandingPull
) -> None:
    for _ in range(LOW_CREDIT + 1):
        await connection.inboxes[0].deliver(b"")
    connection.stalls = True
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await pull.take(LOW_CREDIT)

    connection.stalls = False
    assert len(await pull.take(1000)) == LOW_CREDIT + 1
