"""What is needed no more goes by the schedule of its class, unless somebody holds it; both leave a trace (X17)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from contracts.data import AgeBand
from contracts.registry.v1 import PersonRegistered, PersonRestricted, RestrictionGround
from contracts.retention import Purged
from services.chassis.purging import BATCH, PURGE, SET_MISSING, next_night
from tests.under_test import Servers, ServiceUnderTest

REGION = "350503001001"
KEPT_FOR_EVER = {
    "registry": {"person", "appointment"},
    "activities": {"counted_head", "attendance", "health_note"},
    "volunteers": {"volunteer", "stint", "hours_entry", "certificate"},
    "notify": set[str](),
}
ADD_PICK_UP = """
INSERT INTO pick_up (pick_up_id, child_id, person_id, site_id, given_by, given_at, until, ended_at, version, region)
VALUES ($1, $2, $2, $1, $1, $3, $4, $5, 1, $6)
"""
ADD_PROGRAMME = "INSERT INTO programme (programme_id, name, unit_id, region) VALUES ($1, 'x', $1, $2)"
ADD_SESSION = """
INSERT INTO session (session_id, programme_id, site_id, room_id, unit_id, region, title, starts_at, ends_at, capacity,
                     audience, queue_open, status, version)
VALUES ($1, $2, $1, $1, $1, $5, 'x', $3, $4, 5, '{}', true, 'published', 1)
"""
ADD_ENROLMENT = """
INSERT INTO enrolment (enrolment_id, session_id, contact_id, people, seats, status, version, region, household)
VALUES ($1, $2, $3, ARRAY[$3::uuid], 1, 'confirmed', 1, $5, $4)
"""


async def fire(service: ServiceUnderTest, record_class: str) -> None:
    """Makes the class's timer due, and fires it."""
    await service.admin.execute(
        "INSERT INTO timer (kind, key, due_at) SELECT $3, timer_id, $2 FROM record_class WHERE record_class = $1 "
        "ON CONFLICT (kind, key) DO UPDATE SET due_at = $2, fired_at = NULL",
        *(record_class, service.clock.now(), PURGE),
    )
    await service.fire_timers()


async def purged(service: ServiceUnderTest) -> list[tuple[str, int, int]]:
    return [
        (each.data.record_class, each.data.gone, each.data.held)
        for each in await service.said_envelopes()
        if isinstance(each.data, Purged)
    ]


@pytest.mark.parametrize("name", list(KEPT_FOR_EVER))
async def test_every_class_names_its_law_and_can_be_gone_through(servers: Servers, name: str) -> None:
    async with ServiceUnderTest.started(name, servers) as service:
        rows = await service.admin.fetch("SELECT * FROM record_class")
        assert all(row["source"] for row in rows)
        assert {row["record_class"] for row in rows if row["days"] is None} == KEPT_FOR_EVER[name]
        timed = {row["record_class"] for row in rows if row["days"] is not None}
        await service.pool.execute(SET_MISSING, PURGE, service.clock.now())
        pending = await service.admin.fetch("SELECT key FROM timer WHERE kind = $1", PURGE)
        assert {row["key"] for row in pending} == {row["timer_id"] for row in rows if row["days"] is not None}
        for record_class in timed:
            await fire(service, record_class)
        assert await purged(service) == [], "there is nothing"
        again = await service.admin.fetch("SELECT due_at FROM timer WHERE kind = $1 AND fired_at IS NULL", PURGE)
        assert {row["due_at"] for row in again} == {next_night(service.clock.now())}
        for statement in ("DELETE FROM record_class", "UPDATE record_class SET days = 1"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.pool.execute(statement)


async def test_what_is_over_goes_and_what_is_held_or_needed_stays(servers: Servers) -> None:
    async with ServiceUnderTest.started("activities", servers) as service:
        now = service.clock.now()
        child, held = uuid4(), uuid4()
        for each in (child, held):
            await service.hear(PersonRegistered(person_id=each, age_band=AgeBand.MIDDLE))
        ground = RestrictionGround.LEGAL_HOLD
        await service.hear(PersonRestricted(person_id=held, ground=ground), version=2)
        old, young = now - timedelta(days=366), now - timedelta(days=364)

        async def add(person: UUID, until: Any, ended: datetime | None) -> UUID:
            id = uuid4()
            await service.admin.execute(ADD_PICK_UP, id, person, old, until, ended, REGION)
            return id

        gone = {await add(child, None, old), await add(child, (now - timedelta(days=400)).date(), None)}
        stay = {
            await add(child, None, young), await add(child, now.date(), None), await add(held, None, old),
            await add(uuid4(), None, None),
        }  # fmt: skip

        await fire(service, "pick_up")

        left = {row["pick_up_id"] for row in await service.admin.fetch("SELECT pick_up_id FROM pick_up")}
        assert (left, left & gone) == (stay, set())
        assert await purged(service) == [("pick_up", 2, 1)]
        [run] = await service.admin.fetch("SELECT thing, reason FROM audit WHERE action = 'records-purged'")
        [said] = [each for each in await service.said_envelopes() if isinstance(each.data, Purged)]
        assert (run["thing"], run["reason"]) == (said.aggregate_id, "pick_up")
        await fire(service, "pick_up")
        assert len(await purged(service)) == 1, "nothing is left to go"


async def test_the_kind_of_household_is_cleared_a_month_after_the_session_and_the_enrolment_stays(
    servers: Servers,
) -> None:
    async with ServiceUnderTest.started("activities", servers) as service:
        now, held = service.clock.now(), uuid4()
        await service.hear(PersonRegistered(person_id=held, age_band=AgeBand.MIDDLE))
        await service.hear(PersonRestricted(person_id=held, ground=RestrictionGround.LEGAL_HOLD), version=2)

        programme = uuid4()
        await service.admin.execute(ADD_PROGRAMME, programme, REGION)

        async def add(days_ago: int, contact: UUID, household: str | None) -> UUID:
            session, enrolment = uuid4(), uuid4()
            ends = now - timedelta(days=days_ago)
            await service.admin.execute(ADD_SESSION, session, programme, ends - timedelta(hours=2), ends, REGION)
            await service.admin.execute(ADD_ENROLMENT, enrolment, session, contact, household, REGION)
            return enrolment

        over, kept = await add(31, uuid4(), "in-difficulty"), await add(31, held, "left-behind")
        young, none = await add(29, uuid4(), "in-difficulty"), await add(31, uuid4(), None)

        await fire(service, "household")

        rows = await service.admin.fetch("SELECT enrolment_id, household FROM enrolment")
        assert {row["enrolment_id"]: row["household"] for row in rows} == {
            over: None, kept: "left-behind", young: "in-difficulty", none: None,
        }  # fmt: skip
        assert await purged(service) == [("household", 1, 1)]
        await fire(service, "household")
        assert len(await purged(service)) == 1, "what is cleared is not looked at again"


async def test_no_caller_hurries_time_and_a_long_list_goes_in_batches(servers: Servers) -> None:
    async with ServiceUnderTest.started("notify", servers) as service:
        add = """
        INSERT INTO webhook_delivery (delivery_id, endpoint_id, event_id, correlation_id, region, body,
            status, next_try_at)
        SELECT gen_random_uuid(), $1, gen_random_uuid(), gen_random_uuid(), $2, '{}', $3, $4 FROM generate_series(1, $5)
        """
        endpoint, long_ago = uuid4(), datetime(2020, 1, 1, tzinfo=UTC)
        await service.admin.execute(
            "INSERT INTO endpoint (endpoint_id, name, url, region, types, secret, version) "
            "VALUES ($1, 'x', 'https://example.org', $2, '{}', '', 1)",
            *(endpoint, REGION),
        )
        await service.admin.execute(add, endpoint, REGION, "sent", long_ago, BATCH + 1)
        await service.admin.execute(add, endpoint, REGION, "planned", long_ago, 1)
        await service.admin.execute(add, endpoint, REGION, "sent", datetime.now(UTC), 1)
        service.clock.at = datetime(2199, 1, 1, tzinfo=UTC)

        await fire(service, "webhook_delivery")

        assert await service.count("webhook_delivery") == 2
        assert await purged(service) == [("webhook_delivery", BATCH, 0), ("webhook_delivery", 1, 0)]
        with pytest.raises(asyncpg.NoDataFoundError):
            await service.pool.fetch("SELECT purge_records('endpoint', now(), 1)")
