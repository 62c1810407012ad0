"""What an audit row costs whoever writes it, beside a chain made under one lock; how fast rows are sealed and verified.

The bare loop of a reading is the design that was not taken: the row is linked to the last one in its own transaction,
so everybody waits for the head until whoever holds it has committed (docs/decisions/0014).
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import asyncpg

from deploy.audit.verify import verify
from deploy.local.postgres import EmbeddedPostgres
from services.chassis.migrate import find_migrations, migrate
from services.chassis.scope import UNBOUND
from services.chassis.sealing import SEAL
from services.chassis.transaction import ADD_AUDIT
from tests.bench.shape import Case, Report, median_case, percentile, tell
from tests.chaos.house import CHASSIS_MIGRATIONS

CALLERS: Final = 8
SECONDS: Final = 4.0
BATCH: Final = 500
SEALED: Final = 20_000
READING: Final = "SELECT count(*) FROM retention"
LOCKED: Final = """
CREATE FUNCTION add_linked(moment timestamptz, person uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    head audit_head;
    row audit;
BEGIN
    SELECT * INTO head FROM audit_head FOR UPDATE;
    INSERT INTO audit (at, action, actor, about, region) VALUES (moment, 'record-read', 'bench', person, '350503001001')
    RETURNING * INTO row;
    head.seq := head.seq + 1;
    head.hash := sha256(head.hash || convert_to(audit_text(row, head.seq), 'UTF8'));
    UPDATE audit SET seq = head.seq, hash = head.hash WHERE id = row.id AND at = row.at;
    UPDATE audit_head SET seq = head.seq, hash = head.hash;
END
$$
"""


async def measure(rounds: int) -> Report:
    """Starts a throw-away PostgreSQL that keeps what it confirms."""
    readings: dict[int, tuple[list[Case], list[Case]]] = {1: ([], []), 200: ([], [])}
    sealing: list[Case] = []
    verifying: list[Case] = []
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as folder, EmbeddedPostgres(Path(folder)) as server:
        await migrate(server.dsn(), find_migrations(CHASSIS_MIGRATIONS))
        pool = await asyncpg.create_pool(server.dsn(), min_size=CALLERS, max_size=CALLERS, server_settings=UNBOUND)
        await pool.execute(LOCKED)
        for number in range(1, rounds + 1):
            tell(f"round {number} of {rounds}")
            for people, (ours, bare) in readings.items():
                ours.append(await read(pool, people, add_unsealed))
                await pool.execute("TRUNCATE audit; INSERT INTO audit_head VALUES (true, 0, '')")
                bare.append(await read(pool, people, add_linked))
                await pool.execute("TRUNCATE audit, audit_head")
            await fill(pool)
            sealing.append(await seal(pool))
            verifying.append(await look(pool))
            await pool.execute("TRUNCATE audit, audit_head")
        await pool.close()
    cases = [median_case(f"reading of {people}, 8 callers", *both) for people, both in readings.items()]
    return Report("audit", [*cases, median_case("rows sealed", sealing), median_case("rows verified", verifying)])


async def add_unsealed(connection: Any, people: int) -> None:
    told = ["record-read"] * people, ["bench"] * people, [uuid4() for _ in range(people)], [None] * people
    await connection.execute(
        ADD_AUDIT, datetime.now(UTC), *told, ["350503001001"] * people, [""] * people, [None] * people
    )


async def add_linked(connection: Any, people: int) -> None:
    rows = [uuid4() for _ in range(people)]
    await connection.execute("SELECT add_linked($1, person) FROM unnest($2::uuid[]) AS person", datetime.now(UTC), rows)


async def read(pool: Any, people: int, add: Callable[[Any, int], Awaitable[None]]) -> Case:
    """Transactions that read something and write who did."""
    times: list[float] = []
    end = time.perf_counter() + SECONDS

    async def caller() -> None:
        async with pool.acquire() as connection:
            while (start := time.perf_counter()) < end:
                async with connection.transaction():
                    await connection.fetchval(READING)
                    await add(connection, people)
                times.append(time.perf_counter() - start)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return Case("", len(times) / SECONDS, p50_ms=percentile(times, 0.5), p99_ms=percentile(times, 0.99))


async def fill(pool: Any) -> None:
    async with pool.acquire() as connection:
        for _ in range(SEALED // BATCH):
            await add_unsealed(connection, BATCH)


async def seal(pool: Any) -> Case:
    start = time.perf_counter()
    while await pool.fetchval(SEAL, BATCH) == BATCH:
        pass
    seconds = time.perf_counter() - start
    return Case("", SEALED / seconds, seconds=seconds)


async def look(pool: Any) -> Case:
    start = time.perf_counter()
    async with pool.acquire() as connection:
        verdict = await verify(connection, "bench", [])
    assert verdict.rows == SEALED
    seconds = time.perf_counter() - start
    return Case("", SEALED / seconds, seconds=seconds)
