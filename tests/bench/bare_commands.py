"""The bare loop beside which an ordinary command is measured: CreateProgramme on nats-py, asyncpg and pydantic alone.

The same statements in the same transaction as services/activities, four at a time, without tokens, rules or traces.
`python -m tests.bench.bare_commands DSN NATS_URL` answers on `bench.create-programme` until it is ended.
"""

import asyncio
import gc
import hashlib
import sys
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
from contracts.activities.v1 import CreateProgramme, ProgrammeCreated, ProgrammeState
from contracts.envelope import seal, subject_of
from services.activities.programmes.store import ADD_PROGRAMME, FIND_PROGRAMME
from services.chassis.commands import FIND_OUTCOMES
from services.chassis.scope import UNBOUND
from services.chassis.transaction import ADD_OUTCOMES

SUBJECT: Final = "bench.create-programme"
AT_ONCE: Final = 4


async def create(pool: Any, id: UUID, new: CreateProgramme) -> bytes:
    now = datetime.now(UTC)
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetch(FIND_OUTCOMES, [id])
        await connection.fetchrow(FIND_PROGRAMME, new.programme_id)
        columns = (new.programme_id, new.name, new.theme, new.parent_id, new.unit_id, new.region)
        await connection.execute(ADD_PROGRAMME, *columns, new.kind.value, new.year, new.members, new.project_id)
        state = ProgrammeState(
            programme_id=new.programme_id, name=new.name, parent_id=new.parent_id, unit_id=new.unit_id
        )
        answer = wire.outcome_to_json(state)
        fingerprint = hashlib.blake2b(new.model_dump_json().encode(), digest_size=16).digest()
        said = [[column] for column in fact(new, id, now)]
        await connection.execute(ADD_OUTCOMES, *said, now, [id], [fingerprint], [answer])
    return answer


def fact(new: CreateProgramme, cause: UUID, now: datetime) -> tuple[Any, ...]:
    event = ProgrammeCreated(programme_id=new.programme_id, name=new.name, unit_id=new.unit_id)
    id = uuid7()
    body = seal(event, id=id, time=now, region=new.region, version=1, actor="bare", correlation=cause, causation=cause)
    subject = subject_of(ProgrammeCreated, new.region)
    return id, subject, event.contract.type, event.contract.aggregate, new.programme_id, 1, body


async def work(pool: Any, connection: Nats, queue: "asyncio.Queue[Msg]") -> None:
    while True:
        message = await queue.get()
        id = UUID((message.headers or {})[wire.COMMAND_ID])
        answer = await create(pool, id, CreateProgramme.model_validate_json(message.data))
        await connection.publish(message.reply, answer)


async def main(dsn: str, url: str) -> None:
    async def keep(_: Any) -> None:
        return None

    pool = await asyncpg.create_pool(dsn, min_size=AT_ONCE, max_size=AT_ONCE, reset=keep, server_settings=UNBOUND)
    connection = await nats.connect(url)
    queue: asyncio.Queue[Msg] = asyncio.Queue()
    await connection.subscribe(SUBJECT, queue="bare", cb=queue.put)
    gc.collect()
    gc.freeze()
    print("ready", flush=True)
    await asyncio.gather(*(work(pool, connection, queue) for _ in range(AT_ONCE)))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2]))
