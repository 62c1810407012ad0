"""Events of the archive handed to one consumer again: what it had is left out, and silence is silence."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from contracts.activities.v1 import EnrolmentConfirmed, SessionCancelled, SessionScheduled
from contracts.data import AgeBand
from contracts.message import Event
from contracts.notify.v1 import RegisterEndpoint
from contracts.registry.v1 import ConsentGiven, ConsentPurpose, PersonErased, PersonRegistered
from contracts.volunteers.v1 import ShiftTaken
from deploy import by_hand
from deploy.archive import Range
from deploy.erasure import FIND_FACT, has_handled
from deploy.local.trouble import Trouble
from deploy.replay import _chosen
from deploy.replaying import Arrived
from services.notify.delivery.worker import deliver_due
from tests.rebuild.conftest import Pair, Pairs, sample

EFFECTS = ("notice", "webhook_delivery", "outbox", "timer")
"""Tables of notify from which something leaves the house."""


def shift_taken() -> ShiftTaken:
    return ShiftTaken(assignment_id=uuid4(), shift_id=uuid4(), volunteer_id=uuid4(), person_id=uuid4())


async def say_all(pair: Pair, events: list[Event]) -> list[UUID]:
    """Said and published, and lost on the way to the consumer: their ids."""
    ids = [(await pair.say(event, 1)).id for event in events]
    await pair.reach_the_stream()
    return ids


async def effects_of(pair: Pair) -> dict[str, int]:
    return {table: await pair.hearer.count(table) for table in EFFECTS}


async def test_a_reaction_replayed_silently_counts_as_handled_and_nothing_comes_of_it(pairs: Pairs) -> None:
    pair = await pairs.of("notify-tell-volunteers")
    events = [await pair.say(shift_taken(), 1) for _ in range(3)]
    await pair.reach_the_stream()

    done = await pair.replay()
    assert not await pair.consumer.apply(events), "the stream brings them after all"

    assert (done.taken, done.had, done.whole) == (3, 0, True)
    assert set((await effects_of(pair)).values()) == {0}
    assert await pair.hearer.count("inbox") == 3
    assert await deliver_due(pair.hearer.running) == 0


async def test_with_effects_a_replay_is_like_the_first_time_and_once_only(pairs: Pairs) -> None:
    pair = await pairs.of("notify-tell-volunteers")
    await say_all(pair, [shift_taken() for _ in range(3)])

    first, second = await pair.replay(effects=True), await pair.replay(effects=True)

    assert (first.taken, first.had) == (3, 0)
    assert (second.taken, second.had) == (0, 3)
    assert await pair.hearer.count("notice") == 6, "each by inbox and by mail"


async def test_what_the_inbox_has_forgotten_is_never_done_again(pairs: Pairs) -> None:
    pair = await pairs.of("notify-tell-volunteers")
    await say_all(pair, [shift_taken() for _ in range(3)])
    pair.hearer.clock.move(days=93)

    done = await pair.replay(effects=True)

    assert (done.taken, set(done.failed.values())) == (0, {"older than the inbox remembers"})
    assert len(done.failed) == 3
    assert await pair.hearer.count("notice") == 0


async def test_a_replay_and_the_stream_that_bring_the_same_events_at_once_have_one_effect(pairs: Pairs) -> None:
    pair = await pairs.of("notify-tell-volunteers")
    events = [await pair.say(shift_taken(), 1) for _ in range(20)]

    done, *_ = await asyncio.gather(
        pair.replay(effects=True), *(pair.consumer.apply(events[start : start + 5]) for start in range(0, 20, 5))
    )

    assert done.events == 20
    assert await pair.hearer.count("notice") == 40


async def test_families_are_told_nothing_of_what_notify_learns_silently(pairs: Pairs) -> None:
    pair = await pairs.of("notify-tell-families")
    session = uuid4()
    await pair.say(sample(SessionScheduled, session), 1)
    await pair.say(sample(EnrolmentConfirmed, uuid4()).model_copy(update={"session_id": session}), 1)
    await pair.say(sample(SessionCancelled, session), 2)
    await pair.reach_the_stream()

    done = await pair.replay()

    assert done.taken == 3
    assert await pair.hearer.admin.fetchval("SELECT status FROM session") == "cancelled"
    assert await pair.hearer.admin.fetchval("SELECT status FROM enrolment") == "confirmed"
    assert set((await effects_of(pair)).values()) == {0}
    assert await deliver_due(pair.hearer.running) == 0


async def test_a_cancelled_session_learnt_silently_leaves_its_shifts_alone(pairs: Pairs) -> None:
    pair = await pairs.of("volunteers-sessions")
    session = uuid4()
    await pair.say(sample(SessionScheduled, session), 1)
    await pair.say(sample(SessionCancelled, session), 2)
    await pair.reach_the_stream()
    others = await pair.contents("session", "order_gate")

    assert (await pair.replay()).taken == 2

    assert await pair.hearer.admin.fetchval("SELECT cancelled FROM session")
    assert await pair.contents("session", "order_gate") == others


@pytest.mark.parametrize(("effects", "pushed"), [(False, 0), (True, 2)])
async def test_webhooks_get_replayed_events_only_when_it_is_asked_for(pairs: Pairs, effects: bool, pushed: int) -> None:
    pair = await pairs.of("notify-webhooks-volunteers")
    endpoint = RegisterEndpoint(
        endpoint_id=uuid7(), name="centre", url="https://93.184.215.14/hook", region="350503000000", types=()
    )
    await pair.hearer.ask(endpoint)
    await say_all(pair, [shift_taken(), shift_taken()])
    before = await effects_of(pair)

    await pair.replay(effects=effects)

    assert await effects_of(pair) == before | {"webhook_delivery": pushed}


async def test_what_is_on_its_way_or_in_quarantine_keeps_its_effects(pairs: Pairs) -> None:
    pair = await pairs.of("notify-tell-volunteers")
    await say_all(pair, [shift_taken(), shift_taken()])
    waiting = [await pair.say(shift_taken(), 1)]
    await pair.reach_the_stream()
    waiting.append(await pair.say(shift_taken(), 1))  # not even published

    done = await pair.replay(arrived=Arrived(2, frozenset({1})))
    assert not await pair.consumer.apply(waiting)

    assert (done.taken, done.on_the_way) == (1, 3)
    assert await pair.hearer.count("notice") == 4, "of the two that came by the stream"


async def test_a_read_model_catches_up_through_its_gate(pairs: Pairs) -> None:
    pair = await pairs.of("volunteers-people")
    person = uuid4()
    registered = PersonRegistered(person_id=person, age_band=AgeBand.TEEN)
    await pair.tell(registered, 1)
    await pair.say(ConsentGiven(person_id=person, purpose=ConsentPurpose.PHOTOS), 2)
    last = await pair.say(ConsentGiven(person_id=person, purpose=ConsentPurpose.VOLUNTEERING), 3)
    await pair.reach_the_stream()

    alone = await pair.replay(Range(ids=(last.id,)))
    assert (alone.early, alone.whole) == ([last.id], False), "the second step is missing"
    assert not await agreed(pair)
    whole = await pair.replay()

    assert (whole.taken, whole.had, whole.whole) == (2, 1, True)
    assert await agreed(pair)
    assert (await pair.rebuild(check=True)).equal


async def agreed(pair: Pair) -> Any:
    return await pair.hearer.admin.fetchval("SELECT agreed_to_volunteering FROM person")


async def test_a_range_begins_with_its_first_moment_and_ends_before_its_last(pairs: Pairs) -> None:
    pair = await pairs.of("notify-tell-volunteers")
    at = pair.owner.clock.now()
    for _ in range(4):
        await pair.say(shift_taken(), 1)
        pair.owner.clock.move(hours=1)
    await pair.reach_the_stream()

    assert (await pair.replay(Range(at + timedelta(hours=1), at + timedelta(hours=3)))).taken == 2
    assert (await pair.replay(Range(ends=at + timedelta(hours=3)))).taken == 1
    assert (await pair.replay(Range(begins=at + timedelta(hours=3)))).taken == 1


async def test_an_event_that_fails_is_told_by_its_id_and_the_others_are_handled(pairs: Pairs) -> None:
    pair = await pairs.of("activities-people")
    people = [uuid4() for _ in range(4)]
    ids = await say_all(pair, [PersonRegistered(person_id=each, age_band=AgeBand.TEEN) for each in people])
    await pair.hearer.admin.execute("INSERT INTO person (person_id, age_band) VALUES ($1, 'teen')", people[1])

    done = await pair.replay()

    assert (done.taken, list(done.failed), done.whole) == (3, [ids[1]], False)
    assert done.failed[ids[1]].startswith(asyncpg.UniqueViolationError.__name__)
    assert await pair.hearer.count("person") == 4


async def test_more_than_a_page_is_replayed_whole(pairs: Pairs) -> None:
    pair = await pairs.of("volunteers-people")
    await pair.say_together([PersonRegistered(person_id=uuid4(), age_band=AgeBand.TEEN) for _ in range(1202)])
    await pair.reach_the_stream()

    assert (await pair.replay()).taken == 1202
    assert await pair.hearer.count("person") == 1202


def test_times_without_a_zone_are_those_of_shanghai() -> None:
    chosen = _chosen("2026-06-03T09:00", "2026-06-03T09:00+00:00", "")

    assert chosen.begins is not None
    assert chosen.ends is not None
    assert chosen.ends - chosen.begins == timedelta(hours=8)


@pytest.mark.parametrize("asked", [("", "", ""), ("2026-06-03", "", str(uuid4())), ("tomorrow", "", ""), ("", "", "7")])
def test_a_range_that_says_nothing_or_too_much_is_trouble(asked: tuple[str, str, str]) -> None:
    with pytest.raises(Trouble):
        _chosen(*asked)


def test_consumers_are_found_by_their_short_names_and_models_are_those_that_remember() -> None:
    assert by_hand.find_hearing("activities", "sites") == by_hand.find_hearing("activities", "activities-sites")
    with pytest.raises(Trouble, match="tell-families"):
        by_hand.find_hearing("notify", "tell-volunteers", model=True)
    with pytest.raises(Trouble, match="registry"):
        by_hand.find_hearing("kitchen", "sites")


async def test_a_gate_beyond_an_erasure_in_a_lost_future_is_not_taken_for_its_handling(pairs: Pairs) -> None:
    """Its owner was restored, and says again in a higher epoch what is to be erased."""
    pair, person = await pairs.of("volunteers-people"), uuid4()
    await pair.hearer.admin.execute("INSERT INTO order_gate VALUES ('volunteers-people', 'person', $1, 1, 9)", person)
    await pair.say(PersonErased(person_id=person), 6)
    await pair.owner.admin.execute("UPDATE outbox SET body = stamped(body, 7)")
    fact = await pair.owner.admin.fetchrow(FIND_FACT, person, PersonErased.contract.type)

    assert fact is not None
    assert not await has_handled(pair.hearer.admin, pair.hearing, person, fact)
    await pair.hearer.admin.execute("UPDATE order_gate SET epoch = 7, version = 6")
    assert await has_handled(pair.hearer.admin, pair.hearing, person, fact)
