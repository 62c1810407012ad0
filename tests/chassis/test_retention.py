"""Archive and inbox by month: rows find their month, months go by policy alone, and never before the stream forgets."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from contracts.envelope import CloudEvent, read, seal
from contracts.registry.v1 import SiteClosed
from deploy.nats.topology import STREAM_DAYS
from deploy.postgres.provision import dsn_in
from deploy.postgres.retention import Policy, set_policy
from services.chassis import Service
from services.chassis.consumers import Consumer
from services.chassis.migrate import MigrationRefused
from services.chassis.retention import Retention
from services.chassis.running import Running
from tests.chassis.conftest import REGION
from tests.chassis.test_consumers import Notes
from tests.chassis.test_relay import ADD, SUBJECT
from tests.under_test import Servers, ServiceUnderTest

MONTHS = "SELECT relname FROM pg_class WHERE relnamespace = 'months'::regnamespace AND relispartition AND relkind = 'r'"
WHERE = "SELECT DISTINCT tableoid::regclass::text FROM outbox"


@pytest.fixture
async def place(servers: Servers) -> AsyncIterator[ServiceUnderTest]:
    """A service in the past, so that the server's own clock is always ahead of the test's."""
    async with ServiceUnderTest.started("registry", servers, at=datetime(2024, 1, 20, tzinfo=UTC)) as service:
        yield service


@pytest.fixture
async def admin(servers: Servers, place: ServiceUnderTest) -> AsyncIterator[Any]:
    """Whoever may do what the running service may not."""
    name = await place.pool.fetchval("SELECT current_database()")
    connection = await asyncpg.connect(dsn_in(servers.postgres_dsn, name))
    yield connection
    await connection.close()


async def tidy(place: ServiceUnderTest) -> None:
    async with place.pool.acquire() as connection:
        await Retention(place.running).tidy(connection)


async def months(place: ServiceUnderTest, parent: str) -> set[str]:
    names = {row["relname"] for row in await place.pool.fetch(MONTHS)}
    return {name.removeprefix(f"{parent}_") for name in names if name.startswith(f"{parent}_2")}


def listening(place: ServiceUnderTest, notes: Notes) -> Consumer:
    service = Service("activities")
    service.reacts_to(SiteClosed, durable="activities-test")(notes)
    running = Running(service, place.running.settings, place.pool, place.running.nats, place.clock)
    return Consumer(service.hearings[0], running)


def site_closed_at(moment: datetime) -> CloudEvent[SiteClosed]:
    id = uuid7()
    text = seal(
        SiteClosed(site_id=uuid4()), id=id, time=moment, region=REGION, version=1, actor="service:registry",
        correlation=id, causation=id,
    )  # fmt: skip
    return read(SiteClosed, text)


async def test_this_month_and_the_next_two_are_made_by_the_services_clock(place: ServiceUnderTest) -> None:
    await tidy(place)

    assert {"2024_01", "2024_02", "2024_03"} <= await months(place, "outbox")
    assert {"2024_01", "2024_02", "2024_03"} <= await months(place, "inbox")


async def test_an_event_without_a_month_is_kept_and_moved_when_its_month_is_made(place: ServiceUnderTest) -> None:
    await place.pool.execute(ADD, 3, SUBJECT, datetime(2024, 9, 30, tzinfo=UTC))
    await tidy(place)
    assert [row[0] for row in await place.pool.fetch(WHERE)] == ["months.outbox_rest"]

    place.clock.move(days=200)
    await tidy(place)

    assert [row[0] for row in await place.pool.fetch(WHERE)] == ["months.outbox_2024_09"]
    assert await place.count("outbox") == 3


async def test_while_somebody_reads_the_rest_no_month_is_made_and_events_go_on(
    place: ServiceUnderTest, admin: Any
) -> None:
    place.clock.at = datetime(2021, 5, 10, tzinfo=UTC)  # no other test makes these months
    async with admin.transaction():
        await admin.execute("SELECT FROM months.outbox_rest")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await tidy(place)
        await place.pool.execute(ADD, 3, SUBJECT, place.clock.now())

    await tidy(place)

    assert [row[0] for row in await place.pool.fetch(WHERE)] == ["months.outbox_2021_05"]


async def test_one_version_of_an_aggregate_is_said_once_in_every_month(place: ServiceUnderTest) -> None:
    await tidy(place)
    twice = ADD.replace("gen_random_uuid(), 1, '{}'", "'00000000-0000-7000-8000-000000000001', 1, '{}'")

    for moment in (place.clock.now(), datetime(2090, 1, 1, tzinfo=UTC)):
        with pytest.raises(asyncpg.UniqueViolationError):
            await place.pool.execute(twice, 2, SUBJECT, moment)


async def test_a_month_of_the_inbox_goes_when_its_last_day_is_older_than_the_policy_keeps(
    place: ServiceUnderTest,
) -> None:
    await listening(place, Notes()).apply([site_closed_at(place.clock.now())])
    await tidy(place)

    place.clock.move(days=12 + 91)
    await tidy(place)
    assert "2024_01" in await months(place, "inbox")
    place.clock.move(days=1)
    await tidy(place)

    assert "2024_01" not in await months(place, "inbox")
    assert "2024_01" in await months(place, "outbox"), "the archive is kept for ever unless a policy says otherwise"
    assert await place.count("inbox") == 0


async def test_an_archived_month_goes_by_policy_but_not_with_an_unpublished_event(
    place: ServiceUnderTest, admin: Any
) -> None:
    await admin.execute("UPDATE retention SET archive_days = 60")
    await place.pool.execute(ADD, 2, SUBJECT, place.clock.now())
    await place.pool.execute("UPDATE outbox SET stream_seq = 1 WHERE id = (SELECT min(id) FROM outbox)")
    place.clock.move(days=100)

    await tidy(place)
    assert await place.count("outbox") == 2
    await place.pool.execute("UPDATE outbox SET stream_seq = 2 WHERE stream_seq IS NULL")
    await tidy(place)

    assert await place.count("outbox") == 0
    await admin.execute("UPDATE retention SET archive_days = 0")


async def test_a_redelivery_across_a_months_end_has_one_effect(place: ServiceUnderTest) -> None:
    """Saboteur: inbox-by-arrival."""
    notes = Notes()
    event = site_closed_at(datetime(2024, 1, 31, 23, 59, tzinfo=UTC))
    await listening(place, notes).apply([event])
    place.clock.move(days=15)
    await tidy(place)

    await listening(place, notes).apply([event])

    assert notes.sites == [event.aggregate_id]


async def test_what_the_stream_can_still_send_has_one_effect(place: ServiceUnderTest, admin: Any) -> None:
    """Sent again from the archive on its last day in the stream, an event is there as long once more. Saboteur:
    short-inbox, a policy of seven days that the constraint would refuse."""
    if place.running.sabotaged("short-inbox"):
        await admin.execute("ALTER TABLE retention DROP CONSTRAINT inbox_outlives_stream")
        await admin.execute("UPDATE retention SET inbox_days = 7")
    notes, event = Notes(), site_closed_at(place.clock.now())
    await listening(place, notes).apply([event])
    place.clock.move(days=2 * STREAM_DAYS)
    await tidy(place)

    await listening(place, notes).apply([event])

    assert notes.sites == [event.aggregate_id]


async def test_old_answers_are_forgotten_and_young_ones_kept(place: ServiceUnderTest) -> None:
    add = "INSERT INTO command_log SELECT gen_random_uuid(), '', '', $2 FROM generate_series(1, $1)"
    await place.pool.execute(add, 5_200, place.clock.now())
    fired = "INSERT INTO timer (kind, key, due_at, fired_at) VALUES ('test', gen_random_uuid(), $1, $2)"
    await place.pool.execute(fired, place.clock.now(), place.clock.now())
    await place.pool.execute(fired, place.clock.now(), None)
    place.clock.move(days=93)
    await place.pool.execute(add, 7, place.clock.now())

    await tidy(place)

    assert await place.count("command_log") == 7
    assert await place.count("timer") == 1, "a timer that has not fired is never forgotten"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM outbox", "TRUNCATE outbox", "DROP TABLE outbox", "UPDATE outbox SET body = ''",
        "DELETE FROM inbox", "TRUNCATE inbox", "UPDATE inbox SET said_at = now()", "DELETE FROM command_log",
        "DELETE FROM months.outbox_rest", "DROP TABLE months.inbox_rest", "ALTER TABLE outbox DETACH PARTITION x",
        "UPDATE retention SET inbox_days = 1", "DELETE FROM retention", "SELECT make_month('inbox', 'said_at', now())",
        "INSERT INTO epoch VALUES (2, now())", "DELETE FROM quarantine",
    ],
)  # fmt: skip
async def test_the_running_service_cannot_take_back_what_happened(place: ServiceUnderTest, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await place.pool.execute(statement)


async def test_the_running_service_cannot_hurry_the_policy(place: ServiceUnderTest) -> None:
    await listening(place, Notes()).apply([site_closed_at(datetime.now(UTC))])

    await place.pool.execute("SELECT make_months(now())")
    await place.pool.execute("SELECT drop_months('2999-01-01')")

    assert await place.count("inbox") == 1


@pytest.mark.parametrize(
    "policy",
    [Policy(archive_days=STREAM_DAYS), Policy(inbox_days=2 * STREAM_DAYS - 1), Policy(answer_days=30)],
)
async def test_a_policy_that_the_stream_would_outlive_is_refused(
    servers: Servers, place: ServiceUnderTest, policy: Policy
) -> None:
    dsn = dsn_in(servers.postgres_dsn, await place.pool.fetchval("SELECT current_database()"))

    with pytest.raises(MigrationRefused, match="LINLI_INBOX_DAYS"):
        await set_policy(dsn, policy, STREAM_DAYS)
