"""Every deadline is a durable timer: it fires once in effect, whatever is away when it is due (issue 5, decision 0004).

Draws stand for all of them: their time can be seconds ahead, and one that is held twice would say so twice.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from contracts.activities.v1 import (
    AllocationMode,
    DrawHeld,
    DrawState,
    EnrolmentTerms,
    GetDraw,
    ScheduleSession,
)
from contracts.refusals import Refusal
from deploy.local.stack import Stack
from services.chassis.scope import UNBOUND
from tests.bench.town import Town, opened, requests_for
from tests.system.conftest import until

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("deadlines")]
DRAWS, FAMILIES, SEATS = 8, 5, 3
AHEAD: Final = timedelta(seconds=20)
"""Between the end of the window and now, when a round begins; what is away is away before it and after it."""
AWAY_AFTER_SECONDS: Final = 3.0
BACK_SECONDS: Final = 60.0
ACTIVITIES: Final = ("activities-1", "activities-2")
TIMERS: Final = "SELECT count(*) FROM timer WHERE kind = 'draw-due' AND fired_at IS NULL"
SAID: Final = "SELECT aggregate_id FROM outbox WHERE type = $1 AND stream_seq IS NOT NULL"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("deadlines") / "house"
    with Stack(folder, services=["registry", "activities"], scale={"activities": 2}) as stack:
        yield stack


@pytest.fixture(scope="module")
async def town(running: Stack) -> AsyncIterator[Town]:
    async with opened(running.nats_url, running.secrets_dir, people=DRAWS * FAMILIES, rooms=5 * DRAWS) as found:
        yield found


async def entered(town: Town, rooms: list[UUID], closes_at: datetime) -> list[UUID]:
    """Sessions whose seats are drawn at that moment, with more families than seats."""
    sessions = [uuid7() for _ in rooms]
    terms = EnrolmentTerms(allocation=AllocationMode.LOTTERY, closes_at=closes_at)
    starts = closes_at + timedelta(minutes=1)
    for number, (session, room) in enumerate(zip(sessions, rooms, strict=True)):
        await town.client.send(
            ScheduleSession(
                session_id=session, title="抽签的讲座", programme_id=town.programme_id, site_id=town.site_id,
                room_id=room, starts_at=starts, ends_at=starts + timedelta(minutes=1), capacity=SEATS, terms=terms,
            )
        )  # fmt: skip
        families = town.people[number * FAMILIES : (number + 1) * FAMILIES]
        outcomes = await town.client.send_many(requests_for(session, families))
        assert not [each for each in outcomes if isinstance(each, Refusal)]
    return sessions


@pytest.mark.parametrize(
    "victims",
    [ACTIVITIES, ("postgres",), ("nats",), ("postgres", "nats", *ACTIVITIES)],
    ids=["service", "postgres", "nats", "everything"],
)
async def test_a_deadline_that_passes_while_somebody_is_away_is_kept_once(
    running: Stack, town: Town, victims: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    number = [ACTIVITIES, ("postgres",), ("nats",)].index(victims) if len(victims) < 4 else 3
    rooms = list(town.rooms[number * DRAWS : (number + 1) * DRAWS])
    closes_at = datetime.now(UTC).replace(microsecond=0) + AHEAD
    sessions = await entered(town, rooms, closes_at)
    assert datetime.now(UTC) < closes_at - timedelta(seconds=1), "the machine is too slow for this round"

    for victim in victims:
        await asyncio.to_thread(running.kill, victim)
        await asyncio.to_thread(running.stop_process, victim)
    await asyncio.sleep(max(0.0, (closes_at - datetime.now(UTC)).total_seconds()) + AWAY_AFTER_SECONDS)
    for victim in victims:
        await asyncio.to_thread(running.start_process, victim)

    await must_be_held_once(running, town, sessions)


async def test_who_is_killed_while_a_deadline_fires_leaves_it_to_the_next(running: Stack, town: Town) -> None:
    """The blow falls again and again, around the very moment."""
    rooms = list(town.rooms[4 * DRAWS : 5 * DRAWS])
    closes_at = datetime.now(UTC).replace(microsecond=0) + AHEAD
    sessions = await entered(town, rooms, closes_at)
    await asyncio.sleep(max(0.0, (closes_at - datetime.now(UTC)).total_seconds() - 0.3))

    begun = time.monotonic()
    while time.monotonic() - begun < AWAY_AFTER_SECONDS:
        for victim in ACTIVITIES:
            await asyncio.to_thread(running.kill, victim)

    await must_be_held_once(running, town, sessions)


async def must_be_held_once(running: Stack, town: Town, sessions: list[UUID]) -> None:
    """Each draw is held, seats its families by the draw, is said once, and no timer is left."""

    async def held() -> bool:
        try:
            database = await asyncpg.connect(running.database_dsn("activities"), timeout=5, server_settings=UNBOUND)
        except (OSError, asyncpg.PostgresError):
            return False
        try:
            said = Counter(row["aggregate_id"] for row in await database.fetch(SAID, DrawHeld.contract.type))
            return await database.fetchval(TIMERS) == 0 and all(said[each] for each in sessions)
        finally:
            await database.close()

    await until(held, BACK_SECONDS)
    database = await asyncpg.connect(running.database_dsn("activities"), timeout=5, server_settings=UNBOUND)
    said = Counter(row["aggregate_id"] for row in await database.fetch(SAID, DrawHeld.contract.type))
    seated = await database.fetch(
        "SELECT session_id, count(*) FILTER (WHERE status = 'confirmed') AS seated, count(DISTINCT turn) AS turns"
        " FROM enrolment WHERE session_id = ANY ($1::uuid[]) GROUP BY 1", sessions,
    )  # fmt: skip
    await database.close()
    assert {each: said[each] for each in sessions} == dict.fromkeys(sessions, 1)
    assert [(row["seated"], row["turns"]) for row in seated] == [(SEATS, FAMILIES)] * len(sessions)
    await asyncio.to_thread(running.wait_ready, seconds=BACK_SECONDS)
    drawn = await town.client.ask(GetDraw(session_id=sessions[0]))
    assert isinstance(drawn, DrawState)
    assert drawn.seed is not None
