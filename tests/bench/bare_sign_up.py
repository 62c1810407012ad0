"""The bare loop beside which sign-ups are measured: nats-py, asyncpg and pydantic, without chassis, tokens or rules.

It reads the same wire format and runs the same statements with the same durability as services/activities.
`python -m tests.bench.bare_sign_up DSN NATS_URL` answers on `bench.enrol` until it is ended.
"""

import asyncio
import gc
import hashlib
import sys
from collections import deque
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import nats
import uvloop
from nats.aio.client import Client as Nats
from nats.aio.msg import Msg
from uuid_utils.compat import uuid7

from contracts import wire
from contracts.activities.v1 import Enrol, EnrolmentConfirmed, EnrolmentQueued, EnrolmentState, EnrolmentStatus
from contracts.envelope import seal, subject_of
from services.activities.enrolment.store import ADD_ENROLMENTS, FIND_TAKEN
from services.activities.sessions.store import LOCK_SESSIONS
from services.activities.store import FIND_PEOPLE
from services.chassis.commands import FIND_OUTCOMES
from services.chassis.scope import UNBOUND
from services.chassis.transaction import ADD_OUTCOMES

SUBJECT: Final = "bench.enrol"
READER: Final = wire.reader_of(Enrol)


def open_message(message: Msg) -> list[wire.Item[Enrol]]:
    headers = message.headers or {}
    if wire.BATCH in headers:
        return READER.validate_json(message.data)
    command = Enrol.model_validate_json(message.data)
    return [wire.Item[Any].model_construct(id=UUID(headers[wire.COMMAND_ID]), data=command)]


async def decide(pool: Any, items: list[wire.Item[Enrol]]) -> list[bytes]:
    """Places every family in arrival order; one transaction, one statement a table."""
    now = datetime.now(UTC)
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetch(FIND_OUTCOMES, [item.id for item in items])
        sessions = [item.data.session_id for item in items]
        people = [person for item in items for person in item.data.people]
        await connection.fetch(FIND_PEOPLE, people)
        rows = await connection.fetch(LOCK_SESSIONS, list(set(sessions)))
        seats = {row["session_id"]: [row["capacity"], row["seats_taken"], row["waiting"]] for row in rows}
        region = rows[0]["region"]
        await connection.fetch(FIND_TAKEN, [item.data.enrolment_id for item in items], sessions, people)
        states = [place(item.data, seats[item.data.session_id]) for item in items]
        await save(connection, items, states, now, seats)
        answers = [b'{"ok":' + state.model_dump_json().encode() + b"}" for state in states]
        prints = [hashlib.blake2b(item.data.model_dump_json().encode(), digest_size=16).digest() for item in items]
        said = outbox(items, states, region, now)
        await connection.execute(ADD_OUTCOMES, *said, now, [item.id for item in items], prints, answers)
    return answers


def place(request: Enrol, seats: list[int]) -> EnrolmentState:
    capacity, taken, _ = seats
    fits = taken + len(request.people) <= capacity
    seats[1 if fits else 2] += len(request.people) if fits else 1
    return EnrolmentState(
        enrolment_id=request.enrolment_id,
        session_id=request.session_id,
        status=EnrolmentStatus.CONFIRMED if fits else EnrolmentStatus.WAITING,
        seats=len(request.people),
        position=None if fits else seats[2],
        version=1,
    )


async def save(
    connection: Any,
    items: list[wire.Item[Enrol]],
    states: list[EnrolmentState],
    now: datetime,
    seats: dict[UUID, list[int]],
) -> None:
    ids = [state.enrolment_id for state in states]
    sessions = [state.session_id for state in states]
    texts = [f"{{{','.join([person.hex for person in item.data.people])}}}" for item in items]
    counts = [state.seats for state in states]
    kinds = [state.status.value for state in states]
    contacts = [item.data.contact_id for item in items]
    steps = ["placed" if kind == "confirmed" else "queued" for kind in kinds]
    free = [0] * len(ids)
    left = [list(seats), [taken for _, taken, _ in seats.values()], [waiting for _, _, waiting in seats.values()]]
    await connection.execute(ADD_ENROLMENTS, ids, sessions, contacts, texts, counts, kinds, steps, free, now, *left)


def outbox(items: list[wire.Item[Enrol]], states: list[EnrolmentState], region: str, now: datetime) -> list[list[Any]]:
    rows = []
    for item, state in zip(items, states, strict=True):
        request, id = item.data, uuid7()
        event: EnrolmentConfirmed | EnrolmentQueued
        if state.position is None:
            event = EnrolmentConfirmed(
                enrolment_id=request.enrolment_id, session_id=request.session_id, contact_id=request.contact_id,
                people=request.people, seats=state.seats, seats_left=0,
            )  # fmt: skip
        else:
            event = EnrolmentQueued(
                enrolment_id=request.enrolment_id, session_id=request.session_id, contact_id=request.contact_id,
                people=request.people, seats=state.seats, position=state.position,
            )  # fmt: skip
        body = seal(
            event, id=id, time=now, region=region, version=1, actor="bare", correlation=item.id, causation=item.id
        )
        kind = type(event)
        rows.append((id, subject_of(kind, region), kind.contract.type, "enrolment", request.enrolment_id, 1, body))
    return [list(column) for column in zip(*rows, strict=True)]


class Loop:
    """Two standing workers on one queue, as many as the service has."""

    def __init__(self, pool: Any, connection: Nats) -> None:
        self._pool, self._nats = pool, connection
        self._queue: deque[Msg] = deque()
        self._wake = asyncio.Event()

    async def arrived(self, message: Msg) -> None:
        self._queue.append(message)
        self._wake.set()

    async def work(self) -> None:
        while True:
            while not self._queue:
                self._wake.clear()
                await self._wake.wait()
            calls, size = [], 0
            while self._queue and size < wire.MAX_BATCH:
                message = self._queue.popleft()
                calls.append((message, open_message(message)))
                size += len(calls[-1][1])
            answers = await decide(self._pool, [item for _, items in calls for item in items])
            start = 0
            for message, items in calls:
                part = answers[start : start + len(items)]
                start += len(items)
                many = wire.BATCH in (message.headers or {})
                await self._nats.publish(message.reply, b"[" + b",".join(part) + b"]" if many else part[0])


async def main(dsn: str, url: str) -> None:
    async def keep(_: Any) -> None:
        return None

    pool = await asyncpg.create_pool(dsn, min_size=2, max_size=4, reset=keep, server_settings=UNBOUND)
    connection = await nats.connect(url)
    loop = Loop(pool, connection)
    await connection.subscribe(SUBJECT, queue="bare", cb=loop.arrived, pending_msgs_limit=-1, pending_bytes_limit=-1)
    gc.collect()
    gc.freeze()
    print("ready", flush=True)
    await asyncio.gather(loop.work(), loop.work())


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2]))
