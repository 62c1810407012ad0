"""The bare loop beside planning: the same rows and events by asyncpg alone, one connection, no rules, tokens or traces.

It runs in the process of the bench, whose CPU time is its own, and works in a schema of its own of the service's
database, which has `session`, its indexes and room constraint anew.
"""

import time as clock
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
from pydantic_core import to_json
from uuid_utils.compat import uuid7

from contracts.activities.v1 import SessionScheduled
from contracts.envelope import seal, subject_of
from services.activities.calendar.rules import month_of
from services.activities.calendar.store import LIST_MONTH
from services.chassis.scope import UNBOUND
from services.chassis.transaction import ADD_TO_OUTBOX
from tests.bench.shape import Case, case_of

SET_UP: Final = """
CREATE SCHEMA IF NOT EXISTS bare;
DROP TABLE IF EXISTS bare.session;
CREATE TABLE bare.session (LIKE public.session INCLUDING ALL);
ALTER TABLE bare.session ADD CONSTRAINT alone EXCLUDE USING gist
    (room_id WITH =, tstzrange(starts_at, ends_at) WITH &&);
"""
COLUMNS: Final = (
    "session_id", "programme_id", "site_id", "room_id", "unit_id", "region", "title", "starts_at", "ends_at",
    "capacity", "audience", "queue_open", "status", "version",
)  # fmt: skip
PUBLISH: Final = """
UPDATE bare.session SET status = 'published', version = 1 WHERE session_id = ANY ($1::uuid[]) RETURNING *
"""
LOCK: Final = "SELECT * FROM bare.session WHERE session_id = ANY ($1::uuid[]) ORDER BY session_id FOR UPDATE"


async def term(dsn: str, sessions: int, days: int, batch: int) -> tuple[Case, Case]:
    """Adds drafts, as many at once as a series has, then publishes them in batches with an event each."""
    connection = await asyncpg.connect(dsn, server_settings=UNBOUND)
    try:
        await connection.execute("SELECT set_config('app.scope', 'all', false)")
        await connection.execute(SET_UP)
        ids: list[UUID] = []
        start, used = clock.perf_counter(), clock.process_time()
        for _ in range(sessions // days):
            ids += await _add(connection, days)
        planned = case_of(sessions, clock.perf_counter() - start, [], clock.process_time() - used)
        start, used = clock.perf_counter(), clock.process_time()
        for first in range(0, sessions, batch):
            await _publish(connection, ids[first : first + batch])
        return planned, case_of(sessions, clock.perf_counter() - start, [], clock.process_time() - used)
    finally:
        await connection.close()


async def _add(connection: Any, days: int) -> list[UUID]:
    room, site, unit, programme = uuid4(), uuid4(), uuid4(), uuid4()
    first = datetime(2027, 9, 1, 8, tzinfo=UTC)
    rows = [
        (
            uuid4(), programme, site, room, unit, "350503001000", "四点半课堂", first + timedelta(days=day),
            first + timedelta(days=day, hours=1), 20, [], True, "drafted", 0,
        )
        for day in range(days)
    ]  # fmt: skip
    async with connection.transaction():
        await connection.copy_records_to_table("session", schema_name="bare", columns=list(COLUMNS), records=rows)
    return [row[0] for row in rows]


async def _publish(connection: Any, ids: Sequence[UUID]) -> None:
    now = datetime.now(UTC)
    async with connection.transaction():
        await connection.fetch(LOCK, list(ids))
        said = [_said(row, now) for row in await connection.fetch(PUBLISH, list(ids))]
        await connection.execute(ADD_TO_OUTBOX, *map(list, zip(*said, strict=True)), now)


def _said(row: Any, now: datetime) -> tuple[Any, ...]:
    event = SessionScheduled(
        session_id=row["session_id"], programme_id=row["programme_id"], unit_id=row["unit_id"],
        site_id=row["site_id"], room_id=row["room_id"], title=row["title"], place="儿童之家",
        starts_at=row["starts_at"], ends_at=row["ends_at"], capacity=row["capacity"],
    )  # fmt: skip
    id, chain = uuid7(), uuid7()
    body = seal(
        event, id=id, time=now, region=row["region"], version=1, actor="bare", correlation=chain, causation=chain
    )
    contract = SessionScheduled.contract
    subject = subject_of(SessionScheduled, row["region"])
    return id, subject, contract.type, contract.aggregate, row["session_id"], 1, body


async def months(dsn: str, month: str, count: int) -> Case:
    """The query of the calendar alone, rows to JSON."""
    connection = await asyncpg.connect(dsn, server_settings=UNBOUND)
    try:
        await connection.execute("SELECT set_config('app.scope', 'public', false)")
        took = []
        start, used = clock.perf_counter(), clock.process_time()
        for number in range(count):
            began = clock.perf_counter()
            code = f"3505{number % 10 + 1:02}"
            rows = await connection.fetch(LIST_MONTH, code, f"{code}~", *month_of(month), None, 100_000)
            to_json([dict(row) for row in rows])
            took.append(clock.perf_counter() - began)
        return case_of(count, clock.perf_counter() - start, took, clock.process_time() - used)
    finally:
        await connection.close()
