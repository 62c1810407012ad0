"""One change of the numbers: sums, persons, facts and frozen counts move together or not at all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.activities.v1 import CountAdjusted
from contracts.region import NOWHERE
from services.activities.counting import frozen, rules, store, tallies
from services.activities.counting.frozen import Adjusted
from services.activities.counting.rules import Came, Subject
from services.activities.counting.store import Change, Head
from services.chassis import Transaction


@dataclass(frozen=True, slots=True)
class Move:
    """Heads that a session is counted with from now on, or no longer; and all who came, before and after."""

    come: Sequence[Head]
    gone: Sequence[Head]
    before: Came
    after: Came


async def post(tx: Transaction, subject: Subject, change: Change, move: Move) -> None:
    """Books a change of a session that is locked.

    The scope is lifted: the numbers of the street, district, city and province move with those of the community.
    """
    differences = rules.differences(subject, move.before, move.after)
    keys = rules.keys_of(subject, differences)
    whole = [key for key, topic in keys if topic in (*subject.topics, subject.site)]
    async with tx.everywhere():
        await tallies.lock_tallies(tx, subject, [key for key, _ in keys])
        persons = await tallies.change_presence(tx, subject, whole, store.bands_of(move.gone), come=False)
        persons_come = await tallies.change_presence(tx, subject, whole, store.bands_of(move.come), come=True)
        persons = _together(persons, persons_come)
        sums = [(key, differences[topic]) for key, topic in keys]
        await tallies.add_to_tallies(tx, subject, sums, persons)
        seq = await store.add_change(tx, subject, change)
        await store.take_heads(tx, subject, move.gone, seq)
        await store.add_heads(tx, subject, move.come, seq)
        for adjusted in await frozen.adjust(tx, subject, change, sums, persons):
            _say(tx, subject, change, adjusted)


def _together(first: tallies.Persons, second: tallies.Persons) -> tallies.Persons:
    """Adds, keeping what is below nothing."""
    total: tallies.Persons = Counter(first)
    total.update(second)
    return total


def _say(tx: Transaction, subject: Subject, change: Change, adjusted: Adjusted) -> None:
    """A number of a higher region is told in that region, whoever below it caused the change."""
    shown = not adjusted.withheld
    event = CountAdjusted(
        count_id=adjusted.count_id,
        period_id=adjusted.period_id,
        change_id=change.change_id,
        session_id=subject.session_id,
        sessions_held=adjusted.sums.held,
        person_times=adjusted.sums.times if shown else None,
        persons=adjusted.persons if shown else None,
        declared_heads=adjusted.sums.declared,
    )
    cause = tx.cause._replace(scope=NOWHERE)
    tx.say(event, region=adjusted.region, version=adjusted.version, cause=cause)
