"""What activities tells of the numbers as they are now, and of the facts behind every number."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from contracts.activities.v1 import (
    CountedSession,
    CountedSessions,
    CountFact,
    CountFacts,
    CountKind,
    GetStatistics,
    ListCountedSessions,
    ListCountFacts,
    ListStatisticsFacts,
    Statistics,
    StatisticsBy,
    StatisticsCell,
)
from contracts.data import AgeBand
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.counting import facts, figures, frozen, panels, rules, spans
from services.activities.counting.panels import Cell
from services.activities.counting.rules import Topic
from services.activities.counting.suppression import is_small, withheld
from services.chassis import Transaction
from services.chassis.access import decide

MOST_CELLS: Final = 2_000
KINDS: Final = {
    StatisticsBy.PROGRAMME: CountKind.PROGRAMME,
    StatisticsBy.PROJECT: CountKind.PROJECT,
    StatisticsBy.SITE: CountKind.SITE,
    StatisticsBy.AUDIENCE: CountKind.AUDIENCE,
}
NAMED: Final = (StatisticsBy.PROGRAMME, StatisticsBy.SITE)


@activities.answers(GetStatistics)
async def get_statistics(query: GetStatistics, tx: Transaction) -> Statistics | Refusal:
    topic = _topic(query.region, query.programme_id, query.project_id, query.site_id, query.audience)
    if isinstance(topic, Refusal):
        return topic
    if query.by in KINDS and topic is not rules.ALL:
        return Refusal("one-topic-only")
    total = await panels.find_total(tx, query.region, query.period, topic)
    cells = await _cells(tx, query, topic)
    if len(cells) > MOST_CELLS:
        return Refusal("too-many-cells", limit=MOST_CELLS)
    names = await panels.find_names(tx, cells) if query.by in NAMED else {}
    smallest = await figures.smallest(tx)
    hidden = withheld({cell.key: cell.persons for cell in cells}, smallest)
    return Statistics(
        region=query.region,
        period=query.period,
        rule=rules.RULE,
        smallest=smallest,
        total=figures.told(total.sums, total.persons, is_small(total.persons, smallest)),
        cells=tuple(
            StatisticsCell(
                key=cell.key,
                name=names.get(cell.key),
                figures=figures.told(cell.sums, cell.persons, cell.key in hidden),
            )
            for cell in cells
        ),
    )


async def _cells(tx: Transaction, query: GetStatistics, topic: Topic) -> list[Cell]:
    most = MOST_CELLS + 1
    if query.by is StatisticsBy.MONTH:
        return await panels.list_months(tx, query.region, spans.months_of(query.period), topic)
    if query.by is StatisticsBy.REGION:
        level = rules.level_below(query.region, query.level)
        return await panels.list_regions(tx, query.region, query.period, topic, level, most)
    return await panels.list_topics(tx, query.region, query.period, KINDS[query.by], most)


@activities.answers(ListStatisticsFacts)
async def list_statistics_facts(query: ListStatisticsFacts, tx: Transaction) -> CountFacts | Refusal:
    topic = _topic(query.region, query.programme_id, query.project_id, query.site_id, query.audience)
    if isinstance(topic, Refusal):
        return topic
    found = await facts.list_now(tx, query.region, query.period, topic, query.after, query.limit)
    return _page(found, query.limit)


@activities.answers(ListCountedSessions)
async def list_counted_sessions(query: ListCountedSessions, tx: Transaction) -> CountedSessions | Refusal:
    topic = _topic(query.region, query.programme_id, query.project_id, query.site_id)
    if isinstance(topic, Refusal):
        return topic
    rows = await facts.list_sessions(tx, query.region, query.period, topic, query.after, query.limit)
    sessions = tuple(CountedSession(**dict(row)) for row in rows)
    return CountedSessions(sessions=sessions, after=_last(sessions, query.limit))


@activities.answers(ListCountFacts)
async def list_count_facts(query: ListCountFacts, tx: Transaction) -> CountFacts | Refusal:
    count = await frozen.find_count(tx, query.count_id)
    if count is None:
        return Refusal("unknown-count")
    denied = decide(tx.actor, query.contract.permission, count["region"])
    if denied:
        return denied
    topic = Topic(CountKind(count["kind"]), count["topic"])
    found = await facts.list_frozen(
        tx, count["region"], count["period"], topic, count["mark"], query.after, query.limit
    )
    return _page(found, query.limit)


def _topic(
    region: str, programme: UUID | None, project: UUID | None, site: UUID | None, audience: AgeBand | None = None
) -> Topic | Refusal:
    """What a question is about. Refusals: region-too-wide, one-topic-only."""
    if rules.level_of(region) is None:
        return Refusal("region-too-wide")
    return rules.one_topic(programme, project, site, audience)


def _page(found: Sequence[CountFact], limit: int) -> CountFacts:
    after = f"{found[-1].session_id}:{found[-1].attendance_id}" if len(found) == limit else None
    return CountFacts(facts=tuple(found), after=after)


def _last(sessions: Sequence[CountedSession], limit: int) -> UUID | None:
    return sessions[-1].session_id if len(sessions) == limit else None
