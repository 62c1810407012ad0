"""All SQL about periods, frozen counts and their adjustments."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record
from uuid_utils.compat import uuid7

from contracts.activities.v1 import ClosePeriod, CountKind
from contracts.region import bounds
from services.activities.counting import rules, spans
from services.activities.counting.rules import Key, Subject, Sums
from services.activities.counting.store import Change
from services.activities.counting.tallies import ADD_TALLIES, LOCK_TALLIES, Persons
from services.chassis import Transaction

FIND_PERIOD = "SELECT period_id FROM count_period WHERE (region = $1 AND period = $2) OR period_id = $3"
ADD_PERIOD = """
INSERT INTO count_period (period_id, period, rule, mark, closed_at, closed_by, region)
VALUES ($1, $2, $3, (SELECT coalesce(max(seq), 0) FROM count_change), $4, $5, $6)
"""
# Sites are told at the lowest level, everything else at the region's own.
LIST_TALLIES = """
SELECT kind, topic, held, times, persons, by_declaration, declared FROM tally
WHERE period = $1 AND times + declared > 0
  AND ((kind <> 'site' AND level = $2 AND region = $3)
       OR (kind = 'site' AND level = 12 AND region >= $4 AND region < $5))
"""
ADD_COUNTS = """
INSERT INTO certified_count (count_id, period_id, period, region, kind, topic, held, times, persons, by_declaration,
                             declared, withheld)
SELECT count_id, $1, $2, $3, kind, topic, held, times, persons, by_declaration, declared, withheld
FROM unnest($4::uuid[], $5::text[], $6::uuid[], $7::int[], $8::int[], $9::int[], $10::int[], $11::int[], $12::boolean[])
    AS new (count_id, kind, topic, held, times, persons, by_declaration, declared, withheld)
"""
LOCK_COUNTS = """
SELECT count_id, period_id, kind, topic, period, region, withheld, version FROM certified_count
WHERE region = ANY ($1::text[]) AND period = ANY ($2::text[])
  AND (kind, topic) IN (SELECT * FROM unnest($3::text[], $4::uuid[]))
ORDER BY count_id FOR UPDATE
"""
ADD_ADJUSTMENTS = """
WITH told AS (UPDATE certified_count SET version = version + 1 WHERE count_id = ANY ($1::uuid[]))
INSERT INTO count_adjustment (count_id, change_id, held, times, persons, by_declaration, declared, region)
SELECT count_id, $2, held, times, persons, by_declaration, declared, region
FROM unnest($1::uuid[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::text[])
    AS new (count_id, held, times, persons, by_declaration, declared, region)
"""
FIND_COUNTS = """
SELECT certified.*, count_period.rule, count_period.closed_at, count_period.mark,
       coalesce(later.held, 0)::int AS later_held, coalesce(later.times, 0)::int AS later_times,
       coalesce(later.persons, 0)::int AS later_persons,
       coalesce(later.by_declaration, 0)::int AS later_by_declaration,
       coalesce(later.declared, 0)::int AS later_declared, coalesce(later.number, 0)::int AS adjustments
FROM certified_count AS certified JOIN count_period USING (period_id)
LEFT JOIN LATERAL (
    SELECT sum(held) AS held, sum(times) AS times, sum(persons) AS persons, sum(by_declaration) AS by_declaration,
           sum(declared) AS declared, count(*) AS number
    FROM count_adjustment WHERE count_adjustment.count_id = certified.count_id
) AS later ON true
WHERE certified.count_id = $1 OR (certified.period_id = $2 AND certified.kind = $3)
ORDER BY certified.times DESC, certified.count_id LIMIT $4
"""
LIST_ADJUSTMENTS = """
SELECT change_id, session_id, at, reason, held, times, persons, by_declaration, declared
FROM count_adjustment JOIN count_change USING (change_id) WHERE count_id = $1 ORDER BY seq LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class Number:
    """A number to freeze."""

    count_id: UUID
    kind: CountKind
    topic: UUID
    sums: Sums
    persons: int


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A frozen number that a change touched, by how much, and the version of the fact that says so."""

    count_id: UUID
    period_id: UUID
    region: str
    sums: Sums
    persons: int
    withheld: bool
    version: int


async def find_period(tx: Transaction, region: str, period: str, id: UUID | None = None) -> UUID | None:
    """The period of that region, or the one that has the id."""
    found: UUID | None = await tx.value(FIND_PERIOD, region, period, id)
    return found


async def lock_numbers(tx: Transaction, region: str, period: str) -> None:
    """Waits for whoever changes numbers of the region and period, and makes whoever comes later wait."""
    level = len(bounds(region)[0])
    place = [rules.EVERYTHING], [level], [region], [period]
    await tx.execute(ADD_TALLIES, ["all"], *place)
    await tx.execute(LOCK_TALLIES, rules.EVERYTHING, *place[1:])


async def list_numbers(tx: Transaction, region: str, period: str) -> list[Number]:
    """The numbers of a region as they are; the total, which comes first, is there though it be nothing."""
    start, end = bounds(region)
    rows = await tx.fetch(LIST_TALLIES, period, len(start), region, start, end)
    found = [
        Number(
            uuid7(),
            CountKind(row["kind"]),
            row["topic"],
            Sums(row["held"], row["times"], row["by_declaration"], row["declared"]),
            row["persons"],
        )
        for row in rows
    ]
    if not any(each.kind is CountKind.ALL for each in found):
        found.append(Number(uuid7(), CountKind.ALL, rules.EVERYTHING, Sums(), 0))
    return sorted(found, key=lambda each: (each.kind is not CountKind.ALL, each.kind.value))


async def add_period(
    tx: Transaction, asked: ClosePeriod, numbers: Sequence[Number], withheld: frozenset[tuple[CountKind, UUID]]
) -> None:
    """Freezes numbers that are locked."""
    await tx.execute(ADD_PERIOD, asked.period_id, asked.period, rules.RULE, tx.now, tx.actor.id, asked.region)
    rows = [
        (
            *(each.count_id, each.kind.value, each.topic, each.sums.held, each.sums.times, each.persons),
            *(each.sums.by_declaration, each.sums.declared, (each.kind, each.topic) in withheld),
        )
        for each in numbers
    ]
    await tx.execute(ADD_COUNTS, asked.period_id, asked.period, asked.region, *map(list, zip(*rows, strict=True)))


async def adjust(
    tx: Transaction, subject: Subject, change: Change, sums: Sequence[tuple[Key, Sums]], persons: Persons
) -> list[Adjusted]:
    """Books a change on every frozen number that it touches; those of kinds that facts are said of.

    The tallies are locked: a period that was frozen before is seen, and one that is frozen later holds the change.
    """
    by_topic = {(key.kind, key.topic): added for key, added in sums}
    kinds, topics = map(list, zip(*by_topic, strict=True))
    regions = {place.region: place for place in subject.places}
    rows = await tx.fetch(LOCK_COUNTS, list(regions), list(spans.periods_of(subject.day)), kinds, topics)
    touched = [each for row in rows if (each := _adjusted(row, subject, by_topic, persons))]
    if touched:
        columns = zip(
            *(
                (each.count_id, each.sums.held, each.sums.times, each.persons, *each.sums[2:], each.region)
                for each, _ in touched
            ),
            strict=True,
        )
        ids, *values = map(list, columns)
        await tx.execute(ADD_ADJUSTMENTS, ids, change.change_id, *values)
    return [each for each, kind in touched if is_told(kind)]


def is_told(kind: CountKind) -> bool:
    """Facts are said of the total, of programmes and of projects; of sites and age bands the numbers are kept."""
    return kind in (CountKind.ALL, CountKind.PROGRAMME, CountKind.PROJECT)


def _adjusted(
    row: Record, subject: Subject, by_topic: dict[tuple[str, UUID], Sums], persons: Persons
) -> tuple[Adjusted, CountKind] | None:
    kind, topic, region = row["kind"], row["topic"], row["region"]
    level = rules.LOWEST if kind == "site" else len(bounds(region)[0])
    place = subject.region if kind == "site" else region
    sums, people = by_topic[kind, topic], persons[topic, level, place, row["period"]]
    if not any(sums) and not people:
        return None
    adjusted = Adjusted(row["count_id"], row["period_id"], region, sums, people, row["withheld"], row["version"] + 1)
    return adjusted, CountKind(kind)


async def find_count(tx: Transaction, count_id: UUID) -> Record | None:
    """A frozen number with rule, closing date, mark, and the sum of its adjustments."""
    return await tx.find(FIND_COUNTS, count_id, None, None, 1)


async def list_counts(tx: Transaction, period_id: UUID, kind: CountKind, most: int) -> list[Record]:
    return await tx.fetch(FIND_COUNTS, None, period_id, kind.value, most)


async def list_adjustments(tx: Transaction, count_id: UUID, most: int) -> list[Record]:
    """Oldest first."""
    return await tx.fetch(LIST_ADJUSTMENTS, count_id, most)
