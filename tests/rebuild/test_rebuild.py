"""Read models are disposable: dropped and built anew they are the same, and nothing happens twice (promise 8)."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.activities.v1 import EnrolmentConfirmed, SessionCancelled, SessionScheduled
from contracts.data import AgeBand
from contracts.envelope import CloudEvent
from contracts.registry.v1 import ConsentGiven, ConsentPurpose, PersonRegistered, SiteClosed, SiteOpened
from deploy import quarantine
from deploy.local.trouble import Trouble
from deploy.read_models import Building, Table
from services.chassis import Service, Transaction
from services.chassis.handlers import Hearing
from services.chassis.scope import EVERYWHERE, transaction
from tests.rebuild.conftest import Pair, Pairs, hearings, lives, sample

MODELS = [hearing for _, hearing in hearings() if hearing.in_order]


def registered(person: UUID) -> PersonRegistered:
    return PersonRegistered(person_id=person, age_band=AgeBand.MIDDLE)


def agreed(person: UUID) -> ConsentGiven:
    return ConsentGiven(person_id=person, purpose=ConsentPurpose.VOLUNTEERING)


async def checksums(pair: Pair) -> list[str]:
    return [table.checksum_before for table in (await pair.rebuild(check=True)).tables]


async def people(pair: Pair, number: int) -> list[UUID]:
    """Heard of, each with a consent."""
    ids = [uuid4() for _ in range(number)]
    for person in ids:
        await pair.tell(registered(person), 1)
        await pair.tell(agreed(person), 2)
    return ids


@pytest.mark.parametrize("hearing", MODELS, ids=lambda each: each.durable)
async def test_every_read_model_fills_its_own_tables_alone_and_is_built_anew_to_the_same_checksum(
    hearing: Hearing, pairs: Pairs
) -> None:
    pair = await pairs.of(hearing.durable)
    for life in lives(hearing):
        for version, fact in enumerate(life, 1):
            await pair.tell(fact, version)
    others = await pair.contents(*hearing.tables)
    before = await pair.rebuild(check=True)
    assert before.equal
    assert all(table.rows_before > 0 for table in before.tables)

    for table in hearing.tables:
        await pair.hearer.admin.execute(f"DELETE FROM {table}")
    rebuilt = await pair.rebuild()

    assert [(each.rows_before, each.removed) for each in rebuilt.tables] == [(0, 0)] * len(hearing.tables)
    assert await checksums(pair) == [table.checksum_after for table in before.tables]
    assert await pair.contents(*hearing.tables) == others


async def test_damaged_missing_and_invented_rows_are_mended_and_the_others_left_alone(pairs: Pairs) -> None:
    pair = await pairs.of("volunteers-people")
    ids = await people(pair, 4)
    sound = await checksums(pair)
    database = pair.hearer.admin
    untouched = await database.fetchval("SELECT ctid FROM person WHERE person_id = $1", ids[2])
    await database.execute("UPDATE person SET agreed_to_volunteering = false WHERE person_id = $1", ids[0])
    await database.execute("DELETE FROM person WHERE person_id = $1", ids[1])
    await database.execute("INSERT INTO person VALUES ($1, 'middle', true)", uuid4())

    seen = await pair.rebuild(check=True)
    assert not seen.equal
    assert await checksums(pair) != sound, "a check changes nothing"
    [table] = (await pair.rebuild()).tables

    assert (table.rows_before, table.rows_after, table.removed, table.added) == (4, 4, 2, 2)
    assert await checksums(pair) == sound
    assert await database.fetchval("SELECT ctid FROM person WHERE person_id = $1", ids[2]) == untouched


async def test_what_came_of_events_does_not_come_again(pairs: Pairs) -> None:
    pair = await pairs.of("notify-tell-families")
    session, contact = uuid4(), uuid4()
    scheduled, confirmed = sample(SessionScheduled, session), sample(EnrolmentConfirmed, uuid4())
    await pair.tell(scheduled.model_copy(update={"starts_at": datetime(2026, 6, 9, tzinfo=UTC)}), 1)
    await pair.tell(confirmed.model_copy(update={"session_id": session, "contact_id": contact}), 1)
    await pair.tell(sample(SessionCancelled, session), 2)
    others = await pair.contents("session", "enrolment")
    assert others["notice"].count("\n") + 1 == 6, "told of the seats and the cancellation, and a reminder taken back"
    assert others["outbox"], "the reminders' end was said"

    await pair.hearer.admin.execute("DELETE FROM enrolment")
    await pair.hearer.admin.execute("DELETE FROM session")
    rebuilt = await pair.rebuild()

    assert [table.added for table in rebuilt.tables] == [1, 1]
    assert await pair.contents("session", "enrolment") == others


async def test_a_read_model_that_writes_elsewhere_is_not_built(pairs: Pairs) -> None:
    async def remember(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
        await tx.execute("UPDATE person SET agreed_to_volunteering = true")

    pair = await pairs.made("volunteers", own_model(remember, tables=("site",)))
    await pair.tell(sample(SiteOpened, uuid4()), 1)

    with pytest.raises(Trouble, match="ReadOnlySQLTransactionError"):
        await pair.rebuild()


async def test_a_read_model_that_speaks_is_refused(pairs: Pairs) -> None:
    async def remember(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
        tx.say(events[0].data, region=events[0].region, version=1)

    pair = await pairs.made("volunteers", own_model(remember, tables=("site",)))
    said = await pair.say(sample(SiteOpened, uuid4()), 1)

    with pytest.raises(RuntimeError, match="then"):
        await pair.consumer.apply([said])
    assert await pair.hearer.count("outbox") == 0


async def test_the_time_in_a_read_model_is_that_of_the_event(pairs: Pairs) -> None:
    """The saboteur `now-in-projection` makes it the time of hearing: then this fails (docs/saboteurs.md)."""

    async def remember(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
        for event in events:
            await tx.execute("INSERT INTO opening VALUES ($1, $2)", event.aggregate_id, event.time)

    pair = await pairs.made("volunteers", own_model(remember, tables=("opening",)))
    async with pair.as_admin(pair.hearer) as database:
        await database.execute("CREATE TABLE opening (site_id uuid PRIMARY KEY, at timestamptz NOT NULL)")
        await database.execute("GRANT ALL ON opening TO linli_volunteers")
    said = [await pair.say(sample(SiteOpened, uuid4()), 1) for _ in range(3)]
    pair.hearer.clock.move(minutes=5)
    await pair.consumer.apply(said)

    assert (await pair.rebuild(check=True)).equal


async def test_events_flow_into_a_model_while_it_is_rebuilt_and_none_is_lost(pairs: Pairs) -> None:
    pair = await pairs.of("volunteers-people")
    old = await people(pair, 20)
    versions = count(3)
    new: list[UUID] = []

    async def live() -> None:
        for _ in range(60):
            version = next(versions)
            new.append(uuid4())
            said = [await pair.say(registered(new[-1]), 1), await pair.say(agreed(old[0]), version)]
            assert not await pair.consumer.apply(said)

    async def keep_rebuilding(alive: asyncio.Task[None]) -> int:
        times = 0
        while not alive.done():
            await pair.hearer.admin.execute("DELETE FROM person WHERE person_id = $1", old[times % 20])
            await pair.rebuild()
            times += 1
        return times

    living = asyncio.create_task(live())
    rebuilt = await keep_rebuilding(living)
    await living

    assert rebuilt > 1
    end = await pair.rebuild(check=True)
    assert end.equal
    assert end.tables[0].rows_after == 80


async def test_what_is_heard_at_the_moment_of_the_switch_is_kept(pairs: Pairs) -> None:
    pair = await pairs.of("volunteers-people")
    await people(pair, 2)
    rival = await pair.say(registered(uuid4()), 1)
    tasks: list[asyncio.Task[Any]] = []

    class Met(Building):
        async def switch(self) -> list[Table]:
            tasks.append(asyncio.create_task(pair.consumer.apply([rival])))
            while not tasks[0].done() and not await pair.consumer_waits():
                await asyncio.sleep(0.01)
            return await super().switch()

    await pair.rebuild(kind=Met)
    await asyncio.gather(*tasks)

    assert await pair.hearer.count("person") == 3
    assert (await pair.rebuild(check=True)).equal


async def test_readers_do_not_wait_for_the_switch(pairs: Pairs) -> None:
    pair = await pairs.of("activities-sites")
    site = uuid4()
    await pair.tell(sample(SiteOpened, site), 1)
    deciding = "SELECT name FROM site WHERE site_id = $1 FOR UPDATE"

    async with pair.hearer.pool.acquire() as reader, transaction(reader, EVERYWHERE):
        assert await reader.fetchval(deciding, site)
        async with asyncio.timeout(5):
            assert (await pair.rebuild()).equal


async def test_a_rebuild_that_breaks_off_leaves_everything_as_it_was(pairs: Pairs) -> None:
    pair = await pairs.of("activities-sites")
    await pair.tell(sample(SiteOpened, uuid4()), 1)
    await pair.hearer.admin.execute("DELETE FROM site")
    before = await pair.contents()

    def fall_over(done: int, of: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await pair.rebuild(tell=fall_over)

    assert await pair.contents() == before
    assert [table.added for table in (await pair.rebuild()).tables] == [1]


async def test_a_step_that_was_given_up_stays_left_out(pairs: Pairs) -> None:
    pair = await pairs.of("volunteers-people")
    person = uuid4()
    await pair.tell(registered(person), 1)
    said = await pair.say(agreed(person), 2)
    put = "INSERT INTO quarantine (consumer, subject, stream_seq, headers, body, reason, attempts, at)"
    [row] = await pair.owner.pool.fetch("SELECT subject, body FROM outbox ORDER BY id DESC LIMIT 1")
    id = await pair.hearer.admin.fetchval(
        f"{put} VALUES ($1, $2, 1, '{{}}', $3, 'ValueError', 8, now()) RETURNING id",
        pair.hearing.durable, row["subject"], row["body"].encode(),
    )  # fmt: skip
    await quarantine.discard(pair.hearer.admin, "volunteers", id, "withdrawn on paper")
    assert not await pair.consumer.apply([said])

    assert (await pair.rebuild(check=True)).equal
    assert not await pair.hearer.admin.fetchval("SELECT agreed_to_volunteering FROM person")


async def test_a_model_whose_owner_was_restored_goes_back_only_when_it_is_told_to(pairs: Pairs) -> None:
    pair = await pairs.of("volunteers-sites")
    kept, lost = uuid4(), uuid4()
    await pair.tell(sample(SiteOpened, kept), 1)
    await pair.tell(SiteClosed(site_id=kept), 2)
    await pair.tell(sample(SiteOpened, lost), 1)
    async with pair.as_admin(pair.owner) as database:
        await database.execute("DELETE FROM outbox WHERE id > 1")

    with pytest.raises(Trouble, match="take-back"):
        await pair.rebuild()
    assert await pair.hearer.count("site") == 2
    rebuilt = await pair.rebuild(take_back=True)

    assert rebuilt.taken_back == 2
    assert [tuple(row) for row in await pair.hearer.admin.fetch("SELECT site_id, closed FROM site")] == [(kept, False)]
    await pair.tell(SiteClosed(site_id=kept), 2)
    assert await pair.hearer.admin.fetchval("SELECT closed FROM site")


async def test_an_archive_with_a_hole_changes_nothing(pairs: Pairs) -> None:
    pair = await pairs.of("volunteers-people")
    [person] = await people(pair, 1)
    await pair.tell(agreed(person), 3)
    async with pair.as_admin(pair.owner) as database:
        await database.execute("DELETE FROM outbox WHERE version = 2")
    before = await pair.contents()

    with pytest.raises(Trouble, match=str(person)):
        await pair.rebuild(take_back=True)
    assert await pair.contents() == before


async def test_a_model_that_has_heard_nothing_is_what_the_archive_makes_of_it(pairs: Pairs) -> None:
    pair = await pairs.of("notify-shifts")

    assert (await pair.rebuild()).equal


async def test_a_model_that_has_lost_its_progress_is_not_emptied(pairs: Pairs) -> None:
    pair = await pairs.of("volunteers-people")
    await people(pair, 2)
    async with pair.as_admin(pair.hearer) as database:
        await database.execute("DELETE FROM order_gate")

    with pytest.raises(Trouble, match="replay"):
        await pair.rebuild()
    assert await pair.hearer.count("person") == 2


def own_model(remember: Any, tables: tuple[str, ...]) -> Hearing:
    """A read model of sites of the test's own."""
    service = Service("volunteers")
    service.remembers(SiteOpened, SiteClosed, durable=f"volunteers-{uuid4().hex[:8]}", tables=tables)(remember)
    return service.hearings[0]
