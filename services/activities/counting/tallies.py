"""All SQL that changes the sums. Everywhere here the scope is lifted: a session counts in every region above it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from contracts.data import AgeBand
from services.activities.counting import spans
from services.activities.counting.rules import BAND_TOPICS, Key, Subject, Sums
from services.chassis import Transaction

# In one order, `all` first: whoever changes a number waits here for whoever changes one above it.
ADD_TALLIES = """
INSERT INTO tally (kind, topic, level, region, period)
SELECT kind, topic, level, region, period
FROM unnest($1::text[], $2::uuid[], $3::int[], $4::text[]) AS key (kind, topic, level, region),
     unnest($5::text[]) AS period
ORDER BY kind, topic, level, region, period ON CONFLICT DO NOTHING
"""
LOCK_TALLIES = """
SELECT FROM tally
WHERE kind = 'all' AND topic = $1 AND (level, region) IN (SELECT * FROM unnest($2::int[], $3::text[]))
  AND period = ANY ($4::text[])
ORDER BY level, region, period FOR UPDATE
"""
# Who comes for the first time in a month, quarter, half or year is one person more there.
ADD_PRESENCE = """
WITH came AS (
    INSERT INTO presence (topic, level, region, year, person_id, times)
    SELECT topic, level, region, $8::int, person_id, $9::int[]
    FROM unnest($1::uuid[], $2::int[], $3::text[]) AS key (topic, level, region),
         unnest($4::uuid[]) AS person_id
    UNION ALL
    SELECT band, level, region, $8::int, person_id, $9::int[]
    FROM unnest($4::uuid[], $5::uuid[]) AS head (person_id, band),
         unnest($6::int[], $7::text[]) AS place (level, region)
    ON CONFLICT (topic, level, region, year, person_id) DO UPDATE
    SET times[$10] = presence.times[$10] + 1, times[$11] = presence.times[$11] + 1,
        times[$12] = presence.times[$12] + 1, times[$13] = presence.times[$13] + 1
    RETURNING topic, level, region, times
)
SELECT topic, level, region,
       count(*) FILTER (WHERE times[$10] = 1)::int, count(*) FILTER (WHERE times[$11] = 1)::int,
       count(*) FILTER (WHERE times[$12] = 1)::int, count(*) FILTER (WHERE times[$13] = 1)::int
FROM came GROUP BY topic, level, region
"""
TAKE_PRESENCE = """
WITH gone AS (
    UPDATE presence
    SET times[$8] = times[$8] - 1, times[$9] = times[$9] - 1, times[$10] = times[$10] - 1, times[$11] = times[$11] - 1
    FROM (
        SELECT topic, level, region, person_id
        FROM unnest($1::uuid[], $2::int[], $3::text[]) AS key (topic, level, region),
             unnest($4::uuid[]) AS person_id
        UNION ALL
        SELECT band, level, region, person_id
        FROM unnest($4::uuid[], $5::uuid[]) AS head (person_id, band),
             unnest($6::int[], $7::text[]) AS place (level, region)
    ) AS whom
    WHERE presence.topic = whom.topic AND presence.level = whom.level AND presence.region = whom.region
      AND presence.person_id = whom.person_id AND presence.year = $12
    RETURNING presence.topic, presence.level, presence.region, times
)
SELECT topic, level, region,
       -count(*) FILTER (WHERE times[$8] = 0)::int, -count(*) FILTER (WHERE times[$9] = 0)::int,
       -count(*) FILTER (WHERE times[$10] = 0)::int, -count(*) FILTER (WHERE times[$11] = 0)::int
FROM gone GROUP BY topic, level, region
"""
ADD_TO_TALLIES = """
UPDATE tally
SET held = tally.held + added.held, times = tally.times + added.times, persons = tally.persons + added.persons,
    by_declaration = tally.by_declaration + added.by_declaration, declared = tally.declared + added.declared
FROM unnest($1::text[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::int[], $7::int[], $8::int[], $9::int[],
            $10::int[])
    AS added (kind, topic, level, region, period, held, times, persons, by_declaration, declared)
WHERE tally.kind = added.kind AND tally.topic = added.topic AND tally.level = added.level
  AND tally.region = added.region AND tally.period = added.period
"""

Persons = Counter[tuple[UUID, int, str, str]]
"""By topic, level, region and period: how many persons more, or less, came at all."""


async def lock_tallies(tx: Transaction, subject: Subject, keys: Collection[Key]) -> None:
    """Waits for whoever changes numbers of the session's regions and year; the rows of all keys are there then."""
    periods = list(spans.periods_of(subject.day))
    await tx.execute(ADD_TALLIES, *_columns(keys), periods)
    everything = [key for key in keys if key.kind == "all"]
    _, topics, levels, regions = _columns(everything)
    await tx.execute(LOCK_TALLIES, topics[0], levels, regions, periods)


async def change_presence(
    tx: Transaction, subject: Subject, keys: Collection[Key], heads: Mapping[UUID, AgeBand], come: bool
) -> Persons:
    """People come to a session, or did not after all; the keys are those of the session as a whole."""
    if not heads:
        return Counter()
    _, *whole = _columns(keys)
    places = subject.places
    who = [
        *(list(heads), [BAND_TOPICS[band] for band in heads.values()]),
        *([place.level for place in places], [place.region for place in places]),
    ]
    slots = spans.slots_of(subject.day)
    if come:
        once = [int(slot in slots) for slot in range(1, spans.SLOTS + 1)]
        rows = await tx.fetch(ADD_PRESENCE, *whole, *who, subject.day.year, once, *slots)
    else:
        rows = await tx.fetch(TAKE_PRESENCE, *whole, *who, *slots, subject.day.year)
    periods = spans.periods_of(subject.day)
    return Counter(
        {
            (topic, level, region, period): count
            for topic, level, region, *counts in rows
            for period, count in zip(periods, counts, strict=True)
        }
    )


async def add_to_tallies(tx: Transaction, subject: Subject, sums: Sequence[tuple[Key, Sums]], persons: Persons) -> None:
    """Adds differences to the sums of the session's four periods. The tallies are locked."""
    rows = [
        (*key, period, added.held, added.times, persons[(*key[1:], period)], added.by_declaration, added.declared)
        for key, added in sums
        for period in spans.periods_of(subject.day)
    ]
    await tx.execute(ADD_TO_TALLIES, *map(list, zip(*rows, strict=True)))


def _columns(keys: Collection[Key]) -> list[list[object]]:
    return [list(column) for column in zip(*keys, strict=True)]
