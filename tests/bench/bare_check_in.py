"""The bare loop beside which uploads of scans are measured: nats-py, asyncpg and pydantic, without chassis or rules.

It reads the same wire format and runs the same statements with the same durability as services/activities.
`python -m tests.bench.bare_check_in DSN NATS_URL` answers on `bench.upload-scans` until it is ended.
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
from contracts.activities.v1 import AttendanceRecorded, Scan, ScanResult, UploadScans, UploadSummary
from contracts.envelope import seal, subject_of
from services.activities.attendance.store import ADD_SCANS, FIND_EXPECTED, FIND_PRESENT, FIND_SCANNED, SET_ATTENDANCES
from services.activities.sessions.store import LOCK_SESSIONS
from services.chassis.commands import FIND_OUTCOMES
from services.chassis.scope import UNBOUND
from services.chassis.transaction import ADD_OUTCOMES

SUBJECT: Final = "bench.upload-scans"
AT_ONCE: Final = 4


async def count(pool: Any, id: UUID, upload: UploadScans) -> bytes:
    """Every scan is a new check-in of somebody with a seat; one transaction, one statement a table."""
    now, scans = datetime.now(UTC), upload.scans
    sessions, people = [scan.session_id for scan in scans], [scan.person_id for scan in scans]
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetch(FIND_OUTCOMES, [id])
        [region] = {row["region"] for row in await connection.fetch(LOCK_SESSIONS, list(set(sessions)))}
        assert not await connection.fetch(FIND_SCANNED, [scan.client_id for scan in scans])
        assert len(await connection.fetch(FIND_EXPECTED, sessions, people)) == len(scans)
        assert not await connection.fetch(FIND_PRESENT, sessions, people)
        stays = [uuid7() for _ in scans]
        await save(connection, scans, stays, upload.device_id, now)
        results = tuple(
            ScanResult(client_id=scan.client_id, result="counted", attendance_id=stay)
            for scan, stay in zip(scans, stays, strict=True)
        )
        answer = wire.outcome_to_json(UploadSummary(counted=len(scans), refused=0, skew_seconds=0, results=results))
        fingerprint = hashlib.blake2b(upload.model_dump_json().encode(), digest_size=16).digest()
        said = [list(column) for column in zip(*outbox(scans, stays, region, id, now), strict=True)]
        await connection.execute(ADD_OUTCOMES, *said, now, [id], [fingerprint], [answer])
    return answer


async def save(connection: Any, scans: tuple[Scan, ...], stays: list[UUID], device_id: UUID, now: datetime) -> None:
    sessions, people = [scan.session_id for scan in scans], [scan.person_id for scan in scans]
    times, size = [scan.occurred_at for scan in scans], len(scans)
    no = [False] * size
    await connection.execute(SET_ATTENDANCES, stays, sessions, people, times, [None] * size, [1] * size, no, no)
    clients, marks = [scan.client_id for scan in scans], [scan.mark.value for scan in scans]
    methods, nothing = [scan.method.value for scan in scans], [None] * size
    await connection.execute(
        ADD_SCANS, clients, sessions, people, marks, methods, stays, times, nothing, nothing, [device_id] * size,
        [0] * size, now,
    )  # fmt: skip


def outbox(scans: tuple[Scan, ...], stays: list[UUID], region: str, cause: UUID, now: datetime) -> list[Any]:
    rows = []
    for scan, stay in zip(scans, stays, strict=True):
        event = AttendanceRecorded(
            attendance_id=stay, session_id=scan.session_id, person_id=scan.person_id or stay, mark=scan.mark,
            method=scan.method, occurred_at=scan.occurred_at,
        )  # fmt: skip
        id, kind = uuid7(), AttendanceRecorded
        body = seal(event, id=id, time=now, region=region, version=1, actor="bare", correlation=cause, causation=cause)
        rows.append((id, subject_of(kind, region), kind.contract.type, kind.contract.aggregate, stay, 1, body))
    return rows


async def work(pool: Any, connection: Nats, queue: "asyncio.Queue[Msg]") -> None:
    while True:
        message = await queue.get()
        id = UUID((message.headers or {})[wire.COMMAND_ID])
        await connection.publish(message.reply, await count(pool, id, UploadScans.model_validate_json(message.data)))


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
