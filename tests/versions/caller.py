"""A caller of the release whose contracts come first on the path: registers and enrols people until its input ends.

One argument, JSON: `nats`, `gateways`, `token`, `sessions`. Prints what was answered as JSON. Every command is sent
twice under one id, so that often one release decides it and the other is asked again.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import httpx2
import nats

from contracts import wire
from contracts.activities.v1 import Enrol
from contracts.data import AgeBand
from contracts.message import Command
from contracts.registry.v1 import RegisterPerson
from tests.chaos.callers import Asked, Desk, OverHttp, OverNats
from tests.chaos.families import COMMUNITY, NOT_HEARD_YET

PAUSE_SECONDS = 0.01


class Caller:
    """Asks over NATS and over HTTP by turns, and reads every reply with the classes of its own release."""

    def __init__(self, desk: Desk, sessions: list[UUID]) -> None:
        self._desk, self._sessions = desk, sessions
        self.people: list[str] = []
        self.enrolments: list[str] = []
        self.refused: Counter[str] = Counter()
        self.unequal: list[tuple[str, str]] = []
        """Two answers to one command that are not the same, as codes of refusals; nothing stands for `ok`."""

    async def work(self, until: "asyncio.Task[Any]") -> None:
        while not until.done():
            person = uuid4()
            band = self._desk.random.choice((AgeBand.YOUNG, AgeBand.MIDDLE, AgeBand.SENIOR))
            await self._ask(RegisterPerson(person_id=person, region=COMMUNITY, name="演示居民", age_band=band))
            self.people.append(str(person))
            if band is not AgeBand.SENIOR:  # one whom release N cannot place needs a guardian
                await self._enrol(person, until)

    async def _enrol(self, person: UUID, until: "asyncio.Task[Any]") -> None:
        session = self._desk.random.choice(self._sessions)
        code = "unknown-person"
        while code in NOT_HEARD_YET and not until.done():
            enrol = Enrol(enrolment_id=uuid4(), session_id=session, contact_id=person, people=(person,))
            code = await self._ask(enrol)
        if not code:
            self.enrolments.append(str(enrol.enrolment_id))

    async def _ask(self, command: Command[Any]) -> str:
        """The code of the refusal, or nothing."""
        asked = await self._desk.send(command)
        again = await self._desk.random.choice(self._desk.ways).carry([asked])
        repeated = Asked(asked.id, command, self._desk.final(again[0]))
        if repeated.outcome is not None and (repeated.ok, repeated.code) != (asked.ok, asked.code):
            self.unequal.append((asked.code, repeated.code))
        reply = type(command).contract.reply
        assert asked.outcome is not None
        assert reply is not None
        wire.read_outcome(reply, asked.outcome)
        self.refused[asked.code] += not asked.ok
        await asyncio.sleep(PAUSE_SECONDS)
        return asked.code


async def main(told: dict[str, Any]) -> None:
    connection = await nats.connect(told["nats"], max_reconnect_attempts=-1)
    async with httpx2.AsyncClient(timeout=5) as http:
        ways = [OverNats(connection, told["token"]), OverHttp(http, lambda: told["gateways"], told["token"], 1)]
        desk = Desk(ways, random.Random(7))
        caller = Caller(desk, [UUID(each) for each in told["sessions"]])
        until = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        await asyncio.gather(*(caller.work(until) for _ in range(3)))
    await connection.close()
    refused = {code: count for code, count in caller.refused.items() if code}
    tally = {"refused": refused, "retried": desk.retried, "unequal": caller.unequal}
    print(json.dumps({**tally, "people": caller.people, "enrolments": caller.enrolments}))


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
