"""The gateway's coalescer: each command gets its own answer, once, in batches that one message can hold."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from pydantic_core import from_json, to_json

from contracts import wire
from contracts.activities.v1 import Enrol
from contracts.message import Contract
from contracts.refusals import Refusal, Refused
from contracts.wire import Sending
from services.gateway.coalescing import IN_FLIGHT, Sender
from tests.simulation.scheduler import Found, World, explore

ANSWER_SECONDS = 5.0
CALLERS = 40


class Service:
    """Answers every command with its own number; late, never, with a refusal for all, or with rubbish, as dice fall."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.at_once = self.most_at_once = 0

    async def exchange(self, contract: Contract, body: bytes, headers: dict[str, str]) -> bytes:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            return await self._answer(body, headers)
        finally:
            self.at_once -= 1

    async def _answer(self, body: bytes, headers: dict[str, str]) -> bytes:
        assert len(body) <= wire.MAX_BYTES or wire.BATCH not in headers, "a batch too large for the bus"
        many = wire.BATCH in headers
        numbers = [item["data"]["number"] for item in from_json(body)] if many else [from_json(body)["number"]]
        assert len(numbers) <= wire.MAX_BATCH
        if many:
            self.world.saw("batch")
        late = self.world.strikes("answered late", 0.1)
        await asyncio.sleep(self.world.dice.uniform(6, 8) if late else self.world.dice.uniform(0, 0.2))
        if self.world.strikes("service away", 0.05):
            raise Refused("unavailable", service="activities")
        if self.world.strikes("rubbish", 0.05):
            return b"[]" if many else b"{"
        if self.world.strikes("refused as a whole", 0.05):
            return wire.outcome_to_json(Refusal("invalid-json"))
        outcomes = [b'{"ok":' + to_json({"number": number}) + b"}" for number in numbers]
        return b"[" + b",".join(outcomes) + b"]" if many else outcomes[0]


async def call(world: World, sender: Sender, number: int) -> tuple[int, bytes | Refusal | None, float]:
    """One caller: what she was answered, and after how long; None when she hung up first."""
    dice = world.dice
    await asyncio.sleep(dice.choice((0, 0, 0.05, 1)))
    padding = "x" * dice.choice((0, 10, 10, wire.MAX_BYTES // 3))
    sending = Sending(
        UUID(int=number), None, dice.choice(("one", "other")), body=to_json({"number": number, "padding": padding})
    )  # type: ignore[arg-type]  # fmt: skip
    asked_at = world.loop.time()
    patience = dice.choice((0.05, None, None, None))
    try:
        async with asyncio.timeout(patience):
            answer: bytes | Refusal | None = await sender.send(sending)
    except TimeoutError:
        world.saw("hung up")
        answer = None
    return number, answer, world.loop.time() - asked_at


async def serve(world: World, kind: type[Sender]) -> None:
    service = Service(world)
    sender = kind(service, Enrol.contract, ANSWER_SECONDS)  # type: ignore[arg-type]
    calls = await asyncio.gather(*(call(world, sender, number) for number in range(CALLERS)))
    for number, answer, seconds in calls:
        assert seconds <= ANSWER_SECONDS + 0.001, "expired too late"
        if isinstance(answer, bytes):
            assert from_json(answer) == {"number": number}, "crossed: somebody else's answer"
        elif answer is not None:
            assert answer.code in ("unavailable", "invalid-json")
            world.saw(answer.code)
    assert service.most_at_once <= IN_FLIGHT, "crowded"
    if service.most_at_once == IN_FLIGHT:
        world.saw("both ways taken")
    await asyncio.sleep(10)
    last = await call(world, sender, CALLERS)
    assert last[1] is not None or last[2] < 0.1, "stuck after a fault"


class Crossing(Sender):
    """Gives the answers to those who wait now instead of those who were asked for."""

    async def _ask(self, sendings: list[Sending]) -> list[Any]:
        return list(reversed(await super()._ask(sendings)))


class Crowding(Sender):
    """Forgets what is under way."""

    def _wake(self) -> None:
        self._in_flight = 0
        super()._wake()


class Leaking(Sender):
    """Does not expire what was handed over."""

    def _expire(self, answer: asyncio.Future[Any]) -> None:
        if any(waiting is answer for _, waiting in self._waiting):
            super()._expire(answer)


def test_each_command_is_answered_once_with_its_own_answer() -> None:
    async def scenario(world: World) -> None:
        await serve(world, Sender)

    explore(
        scenario,
        sometimes=["batch", "answered late", "service away", "rubbish", "refused as a whole", "hung up", "unavailable",
                   "invalid-json", "both ways taken"],
        seeds=80,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "found"), [(Crossing, "crossed"), (Crowding, "crowded"), (Leaking, "expired too late")]
)
def test_a_broken_coalescer_is_found_out(kind: type[Sender], found: str) -> None:
    async def scenario(world: World) -> None:
        await serve(world, kind)

    with pytest.raises(Found, match=f"AssertionError: {found}") as caught:
        explore(scenario)
    print(f"{kind.__name__}: seed {caught.value.seed}")
