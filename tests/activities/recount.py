"""The numbers counted anew from the facts, by other means than the service keeps them: the oracle, and a bulk loader.

The service adds differences, one session after the other; this reads every counted head and groups.
"""

from typing import Any, Final

from services.activities.counting.rules import BAND_TOPICS, EVERYTHING

BANDS: Final = "CASE band {} END".format(
    " ".join(f"WHEN '{band.value}' THEN '{topic}'::uuid" for band, topic in BAND_TOPICS.items())
)
PLACES_AND_TOPICS: Final = f"""
CROSS JOIN LATERAL (
    SELECT level::int, rpad(left(visit.region, level), 12, '0')::char(12) AS region
    FROM unnest(array[2, 4, 6, 9, 12]) AS level
) AS place
CROSS JOIN LATERAL (
    SELECT 'all' AS kind, '{EVERYTHING}'::uuid AS id
    UNION ALL SELECT 'audience', {BANDS}
    UNION ALL SELECT 'programme', unnest(visit.programmes)
    UNION ALL SELECT 'project', visit.project_id WHERE visit.project_id IS NOT NULL
    UNION ALL SELECT 'site', visit.site_id WHERE place.level = 12
) AS topic
"""
FACTS: Final = """
FROM counted_head AS head JOIN counted_session AS counted USING (session_id) WHERE head.uncounted_by IS NULL
"""
SLOTS: Final = [
    *(f"month = {month}" for month in range(1, 13)),
    *(f"(month + 2) / 3 = {quarter}" for quarter in range(1, 5)),
    *("month < 7", "month > 6", "true"),
]
NAMES: Final = [
    *(f"year || '-{month:02}'" for month in range(1, 13)),
    *(f"year || 'Q{quarter}'" for quarter in range(1, 5)),
    *("year || 'H1'", "year || 'H2'", "year::text"),
]
# How often each person came to sessions of one kind, a column a period; then summed under every topic and level.
PRESENCE: Final = f"""
SELECT kind, topic.id AS topic, place.level, place.region, year, person_id,
       array[{", ".join(f"sum(t{number})" for number in range(1, 20))}]::int[] AS times
FROM (
    SELECT region, site_id, project_id, programmes, band, person_id, year,
           {", ".join(f"count(*) FILTER (WHERE {slot}) AS t{number}" for number, slot in enumerate(SLOTS, 1))}
    FROM (
        SELECT counted.region, site_id, project_id, programmes, band, person_id,
               extract(year FROM day)::int AS year, extract(month FROM day)::int AS month {FACTS}
    ) AS fact GROUP BY region, site_id, project_id, programmes, band, person_id, year
) AS visit {PLACES_AND_TOPICS} GROUP BY kind, topic.id, place.level, place.region, year, person_id
"""
HELD: Final = f"""
SELECT kind, topic.id AS topic, place.level, place.region, year,
       array[{", ".join(f"count(DISTINCT session_id) FILTER (WHERE {slot})" for slot in SLOTS)}] AS held
FROM (
    SELECT DISTINCT session_id, counted.region, site_id, project_id, programmes, band,
           extract(year FROM day)::int AS year, extract(month FROM day)::int AS month {FACTS}
) AS visit {PLACES_AND_TOPICS} GROUP BY kind, topic.id, place.level, place.region, year
"""
TALLIES: Final = f"""
WITH present AS MATERIALIZED ({PRESENCE}), kept AS (
    SELECT kind, topic, level, region, year,
           array[{", ".join(f"sum(times[{slot}])" for slot in range(1, 20))}] AS times,
           array[{", ".join(f"count(*) FILTER (WHERE times[{slot}] > 0)" for slot in range(1, 20))}] AS persons
    FROM present GROUP BY kind, topic, level, region, year
)
SELECT kind, topic, level, region, period.name AS period, held[period.slot]::int AS held,
       times[period.slot]::int AS times, persons[period.slot]::int AS persons
FROM kept JOIN ({HELD}) AS sessions USING (kind, topic, level, region, year)
CROSS JOIN LATERAL unnest(array[{", ".join(NAMES)}]) WITH ORDINALITY AS period (name, slot)
WHERE times[period.slot] > 0
"""
KEPT: Final = "SELECT kind, topic, level, region, period, held, times, persons FROM tally WHERE times > 0"
PRESENT: Final = "SELECT topic, level, region, year, person_id, times FROM presence WHERE times[19] > 0"
FILL_TALLY: Final = f"INSERT INTO tally (kind, topic, level, region, period, held, times, persons) {TALLIES}"
FILL_PRESENCE: Final = f"""
INSERT INTO presence (topic, level, region, year, person_id, times)
SELECT topic, level, region, year, person_id, times FROM ({PRESENCE}) AS present
"""


async def kept_and_recounted(database: Any) -> tuple[set[Any], set[Any]]:
    """The numbers, and how often each person came: as the service keeps them, and as the facts give them."""
    kept = [*await database.fetch(KEPT), *await database.fetch(PRESENT)]
    counted = [*await database.fetch(TALLIES)]
    counted += await database.fetch(f"SELECT topic, level, region, year, person_id, times FROM ({PRESENCE}) AS present")
    return ({_flat(row) for row in kept}, {_flat(row) for row in counted})


def _flat(row: Any) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)
