"""Statistics over 1,000,000 attendances: each panel as the service answers it, beside the naive query over the facts.

The facts come by COPY, the sums are recounted from them once (tests/activities/recount.py). `closing` is the booking of
one session of 25 people in all its sums, in a transaction that is undone, beside writing its facts alone.
"""

import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import nats

from contracts.activities.v1 import GetStatistics, Statistics, StatisticsBy
from contracts.client import Client
from contracts.data import AgeBand
from contracts.region import bounds
from deploy.local.stack import Stack
from deploy.postgres.provision import database_of, dsn_in
from services.activities.counting import ledger, store
from services.activities.counting.ledger import Move
from services.activities.counting.rules import Came, Subject
from services.activities.counting.store import Change, Head
from services.chassis.access import Actor
from services.chassis.scope import UNBOUND
from services.chassis.tokens import Signer
from services.chassis.transaction import Cause, Transaction
from tests.activities.recount import FILL_PRESENCE, FILL_TALLY
from tests.bench.shape import Case, Report, median_case, percentile, tell

ATTENDANCES, EACH, COMMUNITIES, PROGRAMMES, PEOPLE = 1_000_000, 25, 600, 20, 100_000
ASKED: Final = 100
YEAR_STARTS: Final = date(2026, 1, 1)
CITY, STREET = "350500000000", "350503001000"
HEADS: Final = ("session_id", "attendance_id", "person_id", "band", "counted_by", "region")
SESSIONS: Final = ("session_id", "site_id", "programmes", "day", "region")
Books = Callable[[Transaction, Subject, Sequence[Head]], Awaitable[None]]
PANELS: Final = {
    "city by district, year": GetStatistics(region=CITY, period="2026"),
    "city by month, year": GetStatistics(region=CITY, period="2026", by=StatisticsBy.MONTH),
    "city by programme, quarter": GetStatistics(region=CITY, period="2026Q2", by=StatisticsBy.PROGRAMME),
    "city by audience, year": GetStatistics(region=CITY, period="2026", by=StatisticsBy.AUDIENCE),
    "street by community, month": GetStatistics(region=STREET, period="2026-05"),
}
NAIVE: Final = {
    StatisticsBy.REGION: "left(counted.region, {digits})",
    StatisticsBy.MONTH: "date_trunc('month', day)",
    StatisticsBy.PROGRAMME: "programmes[1]",
    StatisticsBy.AUDIENCE: "band",
}


async def measure(rounds: int) -> Report:
    """Starts a throw-away stack and fills it once; medians over the rounds."""
    with (
        tempfile.TemporaryDirectory(prefix="linli-bench-") as folder,
        Stack(Path(folder), services=["activities"]) as stack,
    ):
        dsn = dsn_in(stack.admin_dsn, database_of("activities"))
        admin = await asyncpg.connect(dsn, server_settings=UNBOUND, command_timeout=1200)
        await _fill(admin)
        connection = await nats.connect(stack.nats_url)
        client = Client(
            connection, Signer("gateway", stack.secrets_dir).mint("bench", ["reader"], CITY, seconds=36_000)
        )
        found: dict[str, tuple[list[Case], list[Case]]] = {name: ([], []) for name in (*PANELS, "closing")}
        for number in range(rounds + 1):
            tell(f"round {number} of {rounds}" + (" (warm-up, not counted)" if number == 0 else ""))
            for name, query in PANELS.items():
                cases = await _ask(client, query), await _ask_naively(admin, query)
                if number:
                    found[name][0].append(cases[0])
                    found[name][1].append(cases[1])
            closing, bare = await _close(admin), await _close(admin, _write_facts)
            if number:
                found["closing"][0].append(closing)
                found["closing"][1].append(bare)
        await connection.close()
        await admin.close()
        return Report("statistics", [median_case(name, *both) for name, both in found.items()])


async def _fill(admin: Any) -> None:
    await admin.copy_records_to_table("counted_session", records=_sessions(), columns=list(SESSIONS), timeout=1200)
    for start in range(0, ATTENDANCES, ATTENDANCES // 10):
        rows = _heads(start, start + ATTENDANCES // 10)
        await admin.copy_records_to_table("counted_head", records=rows, columns=list(HEADS), timeout=1200)
        tell(f"{start + ATTENDANCES // 10:,} of {ATTENDANCES:,} attendances copied")
    await admin.execute("ANALYZE counted_head, counted_session")
    await admin.execute("SET work_mem = '256MB'")
    for name, statement in (("presence", FILL_PRESENCE), ("tally", FILL_TALLY)):
        tell(f"counting {name} from the facts")
        begun = time.perf_counter()
        await admin.execute(statement, timeout=1200)
        tell(f"  {await admin.fetchval(f'SELECT count(*) FROM {name}'):,} rows in {time.perf_counter() - begun:.0f} s")
    await admin.execute("ANALYZE presence, tally")


def _region(community: int) -> str:
    """The communities of a city: 12 districts of 5 streets of 10."""
    district, rest = divmod(community, 50)
    return f"3505{district + 2:02}{rest // 10 + 1:03}{rest % 10 + 1:03}"


def _site(community: int) -> UUID:
    return UUID(int=10**8 + community)


def _sessions() -> Iterator[Sequence[Any]]:
    for number in range(ATTENDANCES // EACH):
        community = number % COMMUNITIES
        day = YEAR_STARTS + timedelta(days=number * 7 % 365)
        yield UUID(int=number), _site(community), [UUID(int=number % PROGRAMMES + 1)], day, _region(community)


def _heads(start: int, end: int) -> Iterator[Sequence[Any]]:
    """Each person lives in one community and comes ten times; most sessions are of one age band."""
    bands = [band.value for band in AgeBand if band is not AgeBand.UNKNOWN]
    for number in range(start, end):
        session = number // EACH
        community = session % COMMUNITIES
        person = community + COMMUNITIES * ((number * 7919) % (PEOPLE // COMMUNITIES))
        band = bands[person % len(bands)]
        yield UUID(int=session), UUID(int=number), UUID(int=person), band, 1, _region(community)


async def _ask(client: Client, query: GetStatistics) -> Case:
    took = []
    for _ in range(ASKED):
        begun = time.perf_counter()
        told = await client.ask(query)
        took.append(time.perf_counter() - begun)
        assert isinstance(told, Statistics)
        assert told.cells
    return Case("", per_second=len(took) / sum(took), p50_ms=percentile(took, 0.5), p99_ms=percentile(took, 0.99))


async def _ask_naively(admin: Any, query: GetStatistics) -> Case:
    """The same table by one GROUP BY over the facts, without a service or NATS in between."""
    digits = {CITY: 6, STREET: 12}[query.region]
    by = NAIVE[query.by].format(digits=digits)
    since, until = {"2026": (1, 13), "2026Q2": (4, 7), "2026-05": (5, 6)}[query.period]
    first, after = (date(2026 + (month > 12), (month - 1) % 12 + 1, 1) for month in (since, until))
    statement = f"""
        SELECT {by}, count(DISTINCT session_id), count(*), count(DISTINCT person_id)
        FROM counted_head AS head JOIN counted_session AS counted USING (session_id)
        WHERE uncounted_by IS NULL AND counted.region >= $1 AND counted.region < $2 AND day >= $3 AND day < $4
        GROUP BY 1
    """
    begun = time.perf_counter()
    rows = await admin.fetch(statement, *bounds(query.region), first, after)
    seconds = time.perf_counter() - begun
    assert rows
    return Case("", per_second=1 / seconds, p50_ms=seconds * 1000)


async def _book(tx: Transaction, subject: Subject, heads: Sequence[Head]) -> None:
    move = Move(heads, (), Came({}), Came(store.bands_of(heads)))
    await ledger.post(tx, subject, Change(subject.session_id, "counted", "counted"), move)


async def _write_facts(tx: Transaction, subject: Subject, heads: Sequence[Head]) -> None:
    """The bare loop: who was counted, and nothing that answers in milliseconds."""
    seq = await store.add_change(tx, subject, Change(subject.session_id, "counted", "counted"))
    await store.add_heads(tx, subject, heads, seq)


async def _close(admin: Any, book: Books = _book) -> Case:
    """Books sessions one after the other, each in a transaction that is undone."""
    took = []
    for number in range(20):
        session = UUID(int=10**9 + number)
        subject = Subject(session, session, _region(number), _site(number), date(2026, 6, 1), (UUID(int=1),))
        heads = [
            Head(UUID(int=10**9 + each), UUID(int=number + COMMUNITIES * each), AgeBand.MIDDLE) for each in range(EACH)
        ]
        transaction = admin.transaction()
        await transaction.start()
        tx = Transaction(
            admin, datetime.now(UTC), Actor("bench", frozenset()), Cause("bench", "0" * 12, session, session)
        )
        begun = time.perf_counter()
        await book(tx, subject, heads)
        took.append(time.perf_counter() - begun)
        await transaction.rollback()
    return Case("", per_second=len(took) / sum(took), p50_ms=percentile(took, 0.5), p99_ms=percentile(took, 0.99))
