"""Quarantined messages: replayed, the consumer that failed handles them alone; given up, nobody waits for them."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import nats
import pytest
from nats.aio.msg import Msg
from uuid_utils.compat import uuid7

from contracts import envelope
from contracts.data import AgeBand
from contracts.envelope import CloudEvent
from contracts.message import Event
from contracts.registry.v1 import ConsentGiven, ConsentPurpose, PersonRegistered
from contracts.volunteers.v1 import Grade, HoursCredited, ShiftTaken
from deploy import dead, quarantine
from deploy.local.trouble import Trouble
from deploy.postgres.logins import ensure_logins, owner_dsn
from deploy.postgres.provision import dsn_in
from services.chassis.consumers import Consumer
from services.chassis.quarantine import put
from services.chassis.scope import UNBOUND
from tests.journeys.conftest import Afternoon
from tests.under_test import Servers, ServiceUnderTest

REGION = "350503001002"


@dataclass(frozen=True)
class Graveyard:
    """A service, and its database as an owner sees it."""

    service: ServiceUnderTest
    database: Any

    @classmethod
    @asynccontextmanager
    async def of(cls, name: str, servers: Servers) -> AsyncIterator["Graveyard"]:
        async with ServiceUnderTest.started(name, servers) as service:
            clone = await service.pool.fetchval("SELECT current_database()")
            dsn = dsn_in(owner_dsn(servers.postgres_dsn, name, ensure_logins(servers.secrets)), clone)
            database = await asyncpg.connect(dsn, server_settings=UNBOUND)
            try:
                yield cls(service, database)
            finally:
                await database.close()

    async def bury(self, event: CloudEvent[Any], body: str, durable: str, seq: int = 77) -> int:
        """The row that the chassis writes for a message whose handler failed too often."""
        reply = f"$JS.ACK.{type(event.data).contract.stream}.{durable}.8.{seq}.{seq}.0.0"
        message = Msg(_client=self.service.running.nats, subject=event.nats_subject, reply=reply, data=body.encode())
        await put(self.service.pool, durable, message, "ValueError", 8, datetime.now(UTC))
        *_, newest = await quarantine.list_open(self.database)
        return int(newest["id"])

    async def replay(self, id: int) -> None:
        await quarantine.replay(self.database, self.service.running, id, "mended")

    async def ending_of(self, id: int) -> str | None:
        row = await quarantine.get(self.database, self.service.service.name, id)
        ending: str | None = row["ending"]
        return ending

    async def hear(self, event: CloudEvent[Any], durable: str) -> bool:
        """Delivers to one consumer; False when it must come again later."""
        [hearing] = [each for each in self.service.service.hearings if each.durable == durable]
        return not await Consumer(hearing, self.service.running).apply([event])


def sealed(data: Event, version: int) -> tuple[CloudEvent[Any], str]:
    """An event and its bytes."""
    body = envelope.seal(
        data, id=uuid7(), time=datetime.now(UTC), region=REGION, version=version,
        actor="service:test", correlation=uuid7(), causation=uuid7(),
    )  # fmt: skip
    return envelope.read(type(data), body), body


def registered(person_id: UUID) -> tuple[CloudEvent[Any], str]:
    return sealed(PersonRegistered(person_id=person_id, age_band=AgeBand.MIDDLE), 1)


def consent(person_id: UUID) -> tuple[CloudEvent[Any], str]:
    return sealed(ConsentGiven(person_id=person_id, purpose=ConsentPurpose.VOLUNTEERING), 2)


async def test_what_waited_behind_a_quarantined_step_goes_on_after_its_replay(servers: Servers) -> None:
    async with Graveyard.of("volunteers", servers) as grave:
        person_id = uuid7()
        (first, body), (second, _) = registered(person_id), consent(person_id)
        id = await grave.bury(first, body, "volunteers-people")
        assert not await grave.hear(second, "volunteers-people"), "the second step must wait for the first"

        await grave.replay(id)

        assert await grave.hear(second, "volunteers-people")
        assert await grave.service.admin.fetchval("SELECT agreed_to_volunteering FROM person")
        assert await quarantine.list_open(grave.database) == []
        assert await grave.ending_of(id) == "replayed"


async def test_a_step_that_is_given_up_no_longer_holds_back_the_next(servers: Servers) -> None:
    async with Graveyard.of("volunteers", servers) as grave:
        person_id = uuid7()
        (first, body), (second, _) = registered(person_id), consent(person_id)
        id = await grave.bury(first, body, "volunteers-people")

        await quarantine.discard(grave.database, "volunteers", id, "the person was a test")

        assert await grave.hear(second, "volunteers-people")
        row = await quarantine.get(grave.database, "volunteers", id)
        assert (row["ending"], row["ended_why"]) == ("discarded", "the person was a test")


async def test_giving_up_an_old_step_never_moves_a_replica_backwards_or_ahead(servers: Servers) -> None:
    async with Graveyard.of("volunteers", servers) as grave:
        person_id = uuid7()
        (first, body), (second, _) = registered(person_id), consent(person_id)
        id = await grave.bury(first, body, "volunteers-people")
        assert await grave.hear(first, "volunteers-people")
        assert await grave.hear(second, "volunteers-people")

        await quarantine.discard(grave.database, "volunteers", id, "handled meanwhile")

        third, _ = sealed(ConsentGiven(person_id=person_id, purpose=ConsentPurpose.VOLUNTEERING), 4)
        assert not await grave.hear(third, "volunteers-people"), "version 3 was never heard"


async def test_a_later_step_is_given_up_after_the_one_before_it_or_nobody_would_ever_pass(servers: Servers) -> None:
    async with Graveyard.of("volunteers", servers) as grave:
        person_id = uuid7()
        (first, body), (second, later) = registered(person_id), consent(person_id)
        third, _ = sealed(ConsentGiven(person_id=person_id, purpose=ConsentPurpose.VOLUNTEERING), 3)
        one = await grave.bury(first, body, "volunteers-people")
        two = await grave.bury(second, later, "volunteers-people", seq=78)

        with pytest.raises(Trouble, match="version 1"):
            await quarantine.discard(grave.database, "volunteers", two, "unreadable")
        for id in (one, two):
            await quarantine.discard(grave.database, "volunteers", id, "unreadable")

        assert await grave.hear(third, "volunteers-people")


async def test_a_step_that_no_gate_can_count_to_is_given_up_all_the_same(servers: Servers) -> None:
    async with Graveyard.of("volunteers", servers) as grave:
        first, body = registered(uuid7())
        for seq, version in enumerate(("99999999999", "1e999"), 77):
            strange = body.replace('"aggversion":1', f'"aggversion":{version}')
            assert strange != body
            id = await grave.bury(first, strange, "volunteers-people", seq)
            await quarantine.discard(grave.database, "volunteers", id, "nonsense")
            assert await grave.ending_of(id) == "discarded"


async def test_an_effect_that_was_given_up_does_not_come_of_it_when_it_is_brought_once_more(servers: Servers) -> None:
    async with Graveyard.of("notify", servers) as grave:
        taken = ShiftTaken(assignment_id=uuid7(), shift_id=uuid7(), volunteer_id=uuid7(), person_id=uuid7())
        event, body = sealed(taken, 1)
        id = await grave.bury(event, body, "notify-tell-volunteers")
        await quarantine.discard(grave.database, "notify", id, "taken by mistake")

        assert await grave.hear(event, "notify-tell-volunteers"), "the durable was rewound, or the stream repaired"

        assert await grave.service.count("notice") == 0


async def test_whoever_decides_on_a_message_while_another_does_is_told_so(servers: Servers) -> None:
    async with Graveyard.of("volunteers", servers) as grave:
        first, body = registered(uuid7())
        id = await grave.bury(first, body, "volunteers-people")
        await grave.database.execute("SET lock_timeout = '20ms'")

        async with grave.service.admin.transaction():
            await grave.service.admin.execute("SELECT FROM quarantine WHERE id = $1 FOR UPDATE", id)
            with pytest.raises(Trouble, match=str(id)):
                await quarantine.discard(grave.database, "volunteers", id, "enough")


async def test_a_replayed_effect_happens_once_and_for_the_consumer_that_failed_alone(servers: Servers) -> None:
    async with Graveyard.of("notify", servers) as grave:
        credited = HoursCredited(
            hours_id=uuid7(), volunteer_id=uuid7(), person_id=uuid7(), stint_id=uuid7(),
            service_date=date(2026, 6, 3), minutes=90, grade=Grade.WITNESSED, rule="hours-1",
        )  # fmt: skip
        event, body = sealed(credited, 1)
        id = await grave.bury(event, body, "notify-tell-volunteers")

        await grave.replay(id)

        assert await grave.service.count("notice") == 2, "one for the inbox, one by mail"
        assert await grave.service.pool.fetchval("SELECT string_agg(consumer, ',') FROM inbox") == (
            "notify-tell-volunteers"
        )
        assert await grave.hear(event, "notify-tell-volunteers")
        assert await grave.service.count("notice") == 2


async def test_a_replay_that_is_repeated_after_a_crash_is_handled_once(servers: Servers) -> None:
    async with Graveyard.of("notify", servers) as grave:
        event, body = sealed(
            ShiftTaken(assignment_id=uuid7(), shift_id=uuid7(), volunteer_id=uuid7(), person_id=uuid7()), 1
        )
        id = await grave.bury(event, body, "notify-tell-volunteers")

        await grave.replay(id)
        await grave.database.execute("UPDATE quarantine SET ended_at = NULL, ending = NULL")  # the mark was lost
        await grave.replay(id)

        assert await grave.service.count("notice") == 2
        assert await grave.ending_of(id) == "replayed"


async def test_a_message_that_fails_again_stays_in_the_list(servers: Servers) -> None:
    async with Graveyard.of("volunteers", servers) as grave:
        first, body = registered(uuid7())
        second, later = consent(first.aggregate_id)
        unreadable = await grave.bury(first, body[:-20], "volunteers-people")
        early = await grave.bury(second, later, "volunteers-people", seq=78)

        for id in (unreadable, early):
            with pytest.raises(Trouble, match="discard"):
                await grave.replay(id)
            assert await grave.ending_of(id) is None
        assert await grave.service.count("person") == 0


async def test_what_was_decided_cannot_be_decided_again(servers: Servers) -> None:
    async with Graveyard.of("volunteers", servers) as grave:
        first, body = registered(uuid7())
        id = await grave.bury(first, body, "volunteers-people")
        await quarantine.discard(grave.database, "volunteers", id, "enough")

        with pytest.raises(Trouble, match=str(id)):
            await grave.replay(id)


def test_an_unreadable_message_is_listed_shown_and_given_up_on_a_running_stack(
    afternoon: Afternoon, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(afternoon.record.nats_url, "evt.registry.person.registered.v1.3505.03.001.002", b"\xff not JSON")

    def listed() -> list[dict[str, Any]]:
        dead.list_dead(data=afternoon.stack.directory, as_json=True)
        rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["quarantined"]
        return rows

    deadline = time.monotonic() + 20
    while len(rows := listed()) < 4:
        assert time.monotonic() < deadline, "not every consumer of the event has buried it"
        time.sleep(0.1)
    assert {row["consumer"] for row in rows} == {
        "activities-people",
        "notify-wards",
        "notify-webhooks-registry",
        "volunteers-people",
    }

    dead.show(rows[0]["service"], rows[0]["id"], data=afternoon.stack.directory, as_json=True)
    assert json.loads(capsys.readouterr().out)["body"] == "\\xff not JSON"
    for row in rows:
        with pytest.raises(Trouble, match="Error"):
            dead.replay(row["service"], row["id"], data=afternoon.stack.directory)
        dead.discard(row["service"], row["id"], "a test", data=afternoon.stack.directory, as_json=True)
    capsys.readouterr()
    assert listed() == []


def test_a_service_that_does_not_exist_is_answered_with_those_that_do(afternoon: Afternoon) -> None:
    with pytest.raises(Trouble, match="registry"):
        dead.list_dead("kitchen", data=afternoon.stack.directory)


def publish(url: str, subject: str, body: bytes) -> None:
    """Publishes to the stream behind everybody's back."""
    import asyncio

    async def run() -> None:
        connection = await nats.connect(url)
        await connection.jetstream().publish(subject, body)
        await connection.close()

    with asyncio.Runner() as runner:
        runner.run(run())
